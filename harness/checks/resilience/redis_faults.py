"""Redis goes away under a worker, a beat and a sender that live, and comes back."""

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from harness.checks.resilience.scene import (
    TICK,
    Facts,
    Scene,
    life,
    live_through,
    rounded,
    seen_of,
    seen_within,
)
from harness.nodes.agent import Agent, AgentError, AgentGone
from harness.nodes.crew import Crew
from harness.nodes.journal import Journal
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

IN_HAND = 3.0  # seconds of work that a pool process has in hand when Redis goes away
QUEUED = 6  # tasks behind it: four that a worker with one process takes ahead, and two that it leaves
MOVED = 5.0  # seconds in which a message has got from one of Redis' lists to another
ANSWER = 2.0  # seconds that a remote control command waits for an answer
# Seconds in which somebody who has lost Redis for a moment finds it again. Of 939 rounds of all stacks whose
# workers came back each had after 6.5; who had not by then did not at all, and did not answer either.
SETTLE = 15.0
LATE = 20.0  # and so many more of who answers to remote control by then
# Celery asks again after 2, 4, 6, ... seconds, so it may be a dozen late after half a minute: 94 were, by 14.
SETTLE_LATE = 25.0


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How Redis goes away, for so many seconds, and how long after that anybody waits for anything."""

    how: str
    seconds: float = 0.0
    patience: float = SETTLE


class _Members:
    """Who lives on the crew's Redis; a worker that does not come back is replaced."""

    def __init__(self, crew: Crew, timeout: float, *, lasting: bool) -> None:
        self.crew = crew
        self.lasting = lasting
        self.timeout = timeout
        self.worker = crew.start("worker")
        self.beat = crew.start("beat")
        self.agent: Agent = crew.start_agent(timeout=timeout)
        self.journal: Journal = crew.journal(self.beat)

    def send(self, *tokens: str, seconds: float = 0.0, timeout: float | None = None) -> list[str]:
        """Send a task for each token, by the agent; within the deadline of a check if there is no other."""
        ids: list[str] = self.agent.ask(
            "send_notes", timeout=timeout or self.timeout, task="note", tokens=tokens, seconds=seconds
        )
        return ids


def lose_redis(
    name: str, faults: Sequence[tuple[str, Fault]], scene: Scene, *, lasting: bool
) -> dict[str, Facts]:
    """Have one crew live through faults one after the other. By the faults' names, what each round showed."""
    rounds: dict[str, Facts] = {}
    with scene.crew(name, lasting=lasting) as crew:
        crew.start_redis()
        members = _Members(crew, scene.timeout, lasting=lasting)
        _wait_for_work(members)
        for number, (fault_name, fault) in enumerate(faults):
            facts = _live_through(members, fault, f"r{number}")
            rounds.setdefault(fault_name, {"rounds": []})["rounds"].append(facts)
    return rounds


def boot_without_redis(scene: Scene) -> dict[str, Facts]:
    """Start worker and beat while Redis refuses connections, for 5 seconds since the worker was refused."""
    with scene.crew("boot") as crew:
        with crew.redis.held_down():
            members = _Members(crew, scene.timeout, lasting=False)
            wait_until(
                lambda: (
                    "Connection refused" in members.worker.command.log.read_text(errors="replace")
                    or members.worker.exit_code is not None
                ),
                deadline=Deadline(scene.timeout),
                what="the worker to be refused",
            )
            live_through(5.0)
            crew.start_redis()
        facts = _come_back(members, Fault(how="boot", seconds=5.0), "boot", time.time())
    return {"boot": {"rounds": [facts]}}


def _wait_for_work(members: _Members) -> None:
    """All of them work: a task of the agent's and one of beat's have run."""
    members.send("before")
    wait_until(
        lambda: members.crew.times("ended", "before") and members.crew.times("ended", TICK),
        deadline=Deadline(members.timeout),
        what="worker and beat to work",
    )


def _live_through(members: _Members, fault: Fault, name: str) -> Facts:
    """One round: tasks in hand and in the queue, the fault, and what is seen when Redis is there again."""
    crew = members.crew
    in_hand, queued = f"{name}-hand", [f"{name}-{number}" for number in range(QUEUED)]
    ids = dict(zip([in_hand], members.send(in_hand, seconds=IN_HAND), strict=True))
    wait_until(
        lambda: crew.times("began", in_hand),
        deadline=Deadline(members.timeout),
        what="a task to be in hand",
    )
    ids.update(zip(queued, members.send(*queued), strict=True))
    with _gone(crew, fault):
        live_through(fault.seconds)
    facts = _come_back(members, fault, name, time.time())
    return {**facts, **_fates(crew, ids, lasting=members.lasting)}


@contextmanager
def _gone(crew: Crew, fault: Fault) -> Iterator[None]:
    """Redis is away within the block, and answers again after it."""
    server = crew.redis.child
    assert server is not None, "it has been started"  # noqa: S101
    if fault.how == "pause":
        server.signal(signal.SIGSTOP)
        yield
        server.signal(signal.SIGCONT)
        return
    if fault.how == "kill":
        server.kill()
    else:
        server.stop(grace=10.0)
    with crew.redis.held_down():
        yield
        crew.start_redis()


def _come_back(members: _Members, fault: Fault, name: str, back: float) -> Facts:
    """Who works again after Redis is there again, and after how many seconds; None for who does not."""
    crew, deadline = members.crew, Deadline(fault.patience)
    probe = f"{name}-after"
    publishes, refused = _publish(members, probe, deadline)
    if publishes is None:
        # Whoever starts anew can send: the worker is to be asked, too.
        members.agent = crew.start_agent(timeout=members.timeout)
        members.send(probe)

    def consumed(seconds: float) -> list[float] | None:
        return seen_of(members.worker, seconds, lambda: crew.times("began", probe), "the worker to consume")

    consumes = consumed(deadline.left)
    beat_sends = seen_of(
        members.beat, deadline.left + ANSWER, lambda: _sent_since(members.journal, back), "beat to send"
    )
    # Who consumes answers within 4 seconds.
    answers = _answered(members, back, Deadline(5 * ANSWER if consumes else 2 * ANSWER))
    if consumes is None and answers is not None:
        # Who answers late on a busy machine is given the time to consume as well.
        consumes = consumed(LATE)
    facts: Facts = {
        "fault": fault.how,
        "seconds": fault.seconds,
        "worker": life(members.worker),
        "beat": life(members.beat),
        "publishes": rounded(publishes and publishes - back),
        "refused": refused,
        "consumes": rounded(consumes[0] - back if consumes else None),
        "beat_sends": rounded(beat_sends and beat_sends - back),
        "answers": rounded(answers),
    }
    if consumes is None:
        facts["consumes_when_restarted"] = _replace_worker(members, probe)
    _let_pass(members, f"{name}-last")
    return facts


def _publish(members: _Members, token: str, deadline: Deadline) -> tuple[float | None, int]:
    """When a task was taken by Redis, and how often it was refused before."""
    refused = 0
    while True:
        try:
            members.send(token, timeout=SETTLE)
        except (AgentError, DeadlineExceeded):
            refused += 1
        except AgentGone:
            return None, refused
        else:
            return time.time(), refused
        if deadline.passed:
            return None, refused


def _sent_since(journal: Journal, instant: float) -> float | None:
    """When beat sent TICK, and had a message id for it, after `instant`."""
    return next(
        (send.instant for send in journal.catch_up().sends if send.id and send.instant > instant), None
    )


def _answered(members: _Members, back: float, asked: Deadline) -> float | None:
    """Seconds from `back` until the worker answered to remote control, asked until it does or has ended."""
    while not asked.passed and members.worker.exit_code is None:
        try:
            if members.agent.ask("ping", timeout=5 * ANSWER, seconds=ANSWER):
                return time.time() - back
        except (AgentError, AgentGone, DeadlineExceeded):
            continue
    return None


def _replace_worker(members: _Members, token: str) -> bool:
    """Start the worker again; whether it then runs what was sent before."""
    members.worker.kill()
    members.worker = members.crew.start("worker")
    return bool(
        seen_within(members.timeout, lambda: members.crew.times("began", token), "the new worker to consume")
    )


def _let_pass(members: _Members, token: str) -> None:
    """Wait until a task that is sent now has run: whatever the worker had taken before has run as well."""
    try:
        members.send(token)
    except (AgentError, AgentGone, DeadlineExceeded):
        return
    seen_within(SETTLE, lambda: members.crew.times("ended", token), "the worker to work it off")


def _fates(crew: Crew, ids: Mapping[str, str], *, lasting: bool) -> Facts:
    """What became of tasks that were sent before the fault, in numbers.

    A message that is on its way from one list to another is seen in neither: what is lost is lost for good.
    """

    def unrun() -> list[str]:
        return [token for token in ids if not crew.times("began", token)]

    def kept() -> set[str]:
        messages = [*crew.unacknowledged(), *crew.queued()]
        return {token for token in unrun() if any(ids[token] in each for each in messages)}

    if lasting:
        seen_within(MOVED, lambda: set(unrun()) <= kept(), "what has not run to be found in Redis")
    held = kept()
    lost = [token for token in unrun() if token not in held]
    began = {token: len(crew.times("began", token)) for token in ids}
    return {
        "sent": len(ids),
        "lost": len(lost),
        "held_back": len(held),
        "twice": sum(times > 1 for times in began.values()),
        "broken_off": sum(bool(times) and not crew.times("ended", token) for token, times in began.items()),
    }
