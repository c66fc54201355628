"""What people may expect when Redis goes away and comes back. Pure; the facts are of `redis_faults`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.contract.promise import Facts, Promise
from harness.contract.span import NotObserved

REDIS_FAULTS: Mapping[str, str] = {
    "restart": "Redis is restarted with its data",
    "restart-empty": "Redis is restarted, empty",
    "killed": "Redis is killed and is back with its data after 2 s",
    "killed-empty": "Redis is killed and is back, empty, after 2 s",
    "killed-30": "Redis is killed and is back with its data after 30 s",
    "paused": "Redis is stopped for 10 s and goes on",
    "boot": "Redis refuses connections for 5 s while worker and beat start",
}


# What may become of tasks, the worst first.
_LOST = {
    "lost": "{} of {} tasks lost",
    "broken_off": "{} of {} broken off",
    "held_back": "{} of {} waiting for the visibility timeout",
}


def _of_rounds(amiss: Callable[[Facts], str]) -> Callable[[Facts], str]:
    """What was amiss in rounds, k of n; each thing once."""

    def rule(facts: Facts) -> str:
        rounds: Sequence[Facts] = facts["rounds"]
        told = [amiss(each) for each in rounds]
        wrong = [each for each in told if each]
        if not wrong:
            return ""
        return f"{len(wrong)} of {len(rounds)} times: {'; '.join(dict.fromkeys(wrong))}"

    return rule


def _lives(each: Facts) -> str:
    dead = [f"{who} {each[who]}" for who in ("worker", "beat") if each[who] != "lives"]
    return " and ".join(dead)


def _consumes(each: Facts) -> str:
    if each["consumes"] is not None:
        return ""
    then = "does" if each["consumes_when_restarted"] else "does not, either"
    return f"the worker {each['worker']} and runs nothing; one that is started again {then}"


def _beat_sends(each: Facts) -> str:
    return "" if each["beat_sends"] is not None else f"beat {each['beat']} and sends nothing"


def _publishes(each: Facts) -> str:
    if each["publishes"] is None:
        return "a process that has sent before cannot send any more"
    return f"sending fails {each['refused']} times first" if each["refused"] else ""


def _answers(each: Facts) -> str:
    return "" if each["answers"] is not None else "the worker does not answer to ping"


def _lost(facts: Facts) -> str:
    """In how many rounds tasks were lost or held back, and how many in the worst of them."""
    rounds: Sequence[Facts] = facts["rounds"]
    if any("lost" not in each for each in rounds):
        raise NotObserved("nothing had been sent")
    amiss = [each for each in rounds if any(each[how] for how in _LOST)]
    if not amiss:
        return ""
    worst = max(amiss, key=lambda each: [each[how] for how in _LOST])
    told = ", ".join(words.format(worst[how], worst["sent"]) for how, words in _LOST.items() if worst[how])
    return f"{len(amiss)} of {len(rounds)} times: {'at worst ' if len(amiss) > 1 else ''}{told}"


def _twice(each: Facts) -> str:
    if "twice" not in each:
        raise NotObserved("nothing had been sent")
    return f"{each['twice']} of {each['sent']} tasks run twice" if each["twice"] else ""


@dataclass(frozen=True, kw_only=True)
class _Aspect:
    sentence: str
    caveat: str
    rule: Callable[[Facts], str]
    link: str = ""
    empty_too: bool = True  # also where what Redis had is gone
    at_boot: bool = True  # also where nothing had been sent


_ASPECTS: Mapping[str, _Aspect] = {
    "reconnect": _Aspect(
        sentence="the worker consumes again without a restart",
        caveat="the worker does not consume again",
        rule=_of_rounds(_consumes),
        link="https://github.com/celery/celery/issues/8091",
    ),
    "lives": _Aspect(
        sentence="worker and beat live through it",
        caveat="worker or beat ends",
        rule=_of_rounds(_lives),
        link="https://github.com/celery/celery/issues/7185",
    ),
    "beat": _Aspect(
        sentence="beat sends again", caveat="beat does not send again", rule=_of_rounds(_beat_sends)
    ),
    "sender": _Aspect(
        sentence="a process that has sent tasks before sends again at once",
        caveat="a process that has sent tasks before cannot send again at once",
        rule=_of_rounds(_publishes),
    ),
    "control": _Aspect(
        sentence="the worker answers to remote control again",
        caveat="the worker does not answer to remote control again",
        rule=_of_rounds(_answers),
        link="https://github.com/celery/celery/issues/8030",
    ),
    "lost": _Aspect(
        sentence="no task is lost",
        caveat="tasks are lost, or wait for the visibility timeout",
        rule=_lost,
        link="https://github.com/celery/celery/issues/1789",
        empty_too=False,
        at_boot=False,
    ),
    "twice": _Aspect(
        sentence="no task runs twice",
        caveat="tasks run twice",
        rule=_of_rounds(_twice),
        link="https://github.com/celery/celery/issues/4400",
        at_boot=False,
    ),
}

OF_REDIS = tuple(
    Promise(
        id=f"{aspect_id}-{fault}",
        reads=fault,
        sentence=f"{told}: {aspect.sentence}",
        caveat=f"{aspect.caveat} when {told}",
        judge=aspect.rule,
        link=aspect.link,
    )
    for fault, told in REDIS_FAULTS.items()
    for aspect_id, aspect in _ASPECTS.items()
    if (aspect.empty_too or not fault.endswith("-empty")) and (aspect.at_boot or fault != "boot")
)
