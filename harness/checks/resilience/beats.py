"""A beat that is killed, two beats at once, a pidfile that was left behind, and a clock that is set."""

import os
import signal
import time

from harness.checks.resilience.scene import HOURLY, TICK, Facts, Scene, life, live_through, rounded
from harness.nodes.crew import Crew, MemberEnded
from harness.nodes.journal import Journal
from harness.proc.children import Child
from harness.proc.logs import tail
from harness.proc.wait import Deadline, wait_until

HOUR = 3600.0
TICKS = 3  # sends of what is due each second: so much is "it sends"
LOOK = 8.0  # seconds in which one that sends each second has sent several times
_LAST_WORDS = 300  # characters


def kill_beat(scene: Scene) -> dict[str, Facts]:
    """Kill beat just after it has sent what is due every hour, and start it again."""
    with scene.crew("beat-killed", hourly=True) as crew:
        crew.start_redis()
        first = crew.started("beat", timeout=scene.timeout)
        journal = crew.journal(first)
        _wait_for_sends(journal, scene, *HOURLY)
        first.kill()
        killed = time.time()
        second = crew.started("beat", timeout=scene.timeout)
        again = crew.journal(second)
        _wait_for_ticks(again, scene)
        return {
            "beat-killed": {
                "sends_after": rounded(again.sends_of(TICK)[0].instant - killed),
                "hourly": len(HOURLY),
                "hourly_sent_again": sum(len(again.sends_of(name)) for name in HOURLY),
                "beat": life(second),
            }
        }


def two_beats(scene: Scene) -> dict[str, Facts]:
    """Start a second beat in the folder of the first, as somebody who forgot that there is one."""
    with scene.crew("two-beats") as crew:
        crew.start_redis()
        first = crew.started("beat", timeout=scene.timeout)
        journal = crew.journal(first)
        _wait_for_ticks(journal, scene)
        second = crew.start("beat")
        other = crew.journal(second)
        wait_until(
            lambda: second.exit_code is not None or len(other.catch_up().sends_of(TICK)) >= TICKS,
            deadline=Deadline(scene.timeout),
            what="the second beat to send or to end",
        )
        sent = other.catch_up().sends_of(TICK)
        meanwhile = [
            send for send in journal.catch_up().sends_of(TICK) if sent and send.instant >= sent[0].instant
        ]
        return {
            "two-beats": {
                "first": life(first),
                "second": life(second),
                "said": "" if second.exit_code is None else tail(second.command.log)[-_LAST_WORDS:].strip(),
                "second_sent": len(sent),
                "first_sent_meanwhile": len(meanwhile),
            }
        }


def stale_pidfile(scene: Scene) -> dict[str, Facts]:
    """Start beat with the pidfile of a process that is no more, and with one of a process that lives."""
    with scene.crew("pidfile") as crew:
        crew.start_redis()
        gone = crew.started("beat", timeout=scene.timeout)
        gone.kill()
        facts = {
            "of_the_dead": _with_pidfile(crew, scene, gone.pid),
            "of_another": _with_pidfile(crew, scene, os.getpid()),
        }
        return {"pidfile": facts}


def _with_pidfile(crew: Crew, scene: Scene, pid: int) -> Facts:
    pidfile = crew.work / f"{pid}.pid"
    pidfile.write_text(f"{pid}\n", encoding="ascii")
    try:
        beat = crew.started("beat", "--pidfile", str(pidfile), timeout=scene.timeout)
    except MemberEnded as error:
        return {"starts": False, "said": error.trace[-_LAST_WORDS:].strip()}
    beat.kill()
    return {"starts": True, "said": ""}


def set_clock(scene: Scene) -> dict[str, Facts]:
    """Set the clock under a beat an hour forward, an hour back, and start beat again then."""
    with scene.crew("clock", fake=True) as crew:
        if crew.clock is None:
            return {}
        crew.start_redis()
        beat = crew.started("beat", timeout=scene.timeout)
        journal = crew.journal(beat)
        _wait_for_ticks(journal, scene)
        forward = _set(crew, journal, beat, HOUR)
        back = _set(crew, journal, beat, -HOUR)
        beat.signal(signal.SIGTERM)
        beat.wait(Deadline(scene.timeout))
        restarted = crew.started("beat", timeout=scene.timeout)
        after = crew.journal(restarted)
        live_through(LOOK)
        return {
            "clock": {
                "seconds": LOOK,
                "forward": forward,
                "back": back,
                "restarted": _sent(after, 0, 0, restarted),
            }
        }


def _set(crew: Crew, journal: Journal, beat: Child, seconds: float) -> Facts:
    """Set the clock and look for a while; what is due each second is to be sent about as often."""
    assert crew.clock is not None, "who has none does not ask"  # noqa: S101
    before = len(journal.catch_up().sends_of(TICK))
    wakes = len(journal.wakes)
    crew.clock.set_forward(seconds)
    live_through(LOOK)
    return _sent(journal, before, wakes, beat)


def _sent(journal: Journal, sends: int, wakes: int, beat: Child) -> Facts:
    """How often beat has sent and ticked since so many sends and ticks."""
    journal.catch_up()
    return {
        "sent": len(journal.sends_of(TICK)) - sends,
        "wakes": len(journal.wakes) - wakes,
        "beat": life(beat),
    }


def _wait_for_ticks(journal: Journal, scene: Scene) -> None:
    wait_until(
        lambda: len([send for send in journal.catch_up().sends_of(TICK) if send.id]) >= TICKS,
        deadline=Deadline(scene.timeout),
        what="beat to send each second",
    )


def _wait_for_sends(journal: Journal, scene: Scene, *entries: str) -> None:
    wait_until(
        lambda: all(any(send.id for send in journal.catch_up().sends_of(entry)) for entry in entries),
        deadline=Deadline(scene.timeout),
        what=f"beat to send {' and '.join(entries)}",
    )
