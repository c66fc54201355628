"""Words that several renderings share. Pure."""

import re
from collections.abc import Mapping

from harness.model import ANSWERING, MachineFacts, Verdict

SHORT_AXES = {
    "python": "Python",
    "django": "Django",
    "celery": "Celery",
    "django-celery-beat": "beat",
    "django-celery-results": "results",
    "redis": "redis-py",
}

SHORT_SETTINGS = {
    "CELERY_ENABLE_UTC": "enable_utc",
    "DJANGO_CELERY_BEAT_TZ_AWARE": "TZ_AWARE",
}

# What a log line begins with, where a message comes from, and when: another one each time.
_PREFIX = re.compile(r"\[[^\]]*: [A-Z]+/[^\]]*\] ")
_PATH = re.compile(r"(?<![\w:/])(?:\{\w+\})?(?:/[^\s:/'\"]+)+(?::\d+: )?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)?")
_TIMES = re.compile(r"\b(\d+) times\b")
_WITHIN = re.compile(r"\b(times|twice) in \d+(?:\.\d+)? s\b")
_ENTRY = re.compile(r"^\S+ (?=could not be entered: )")
_DOZENS = 24
_STORMED = " fired dozens of times within seconds"

_OPEN = frozenset({Verdict.UNTESTED, Verdict.FLAKY})


def axis_name(axis: str) -> str:
    """The heading of an axis's column."""
    return SHORT_AXES.get(axis, axis)


def headline(counts: Mapping[Verdict, int]) -> str:
    """What is known and what is open, in one line that hides neither."""
    told = [f"{count} {verdict}" for verdict, count in counts.items() if count or verdict is Verdict.WORKS]
    still_open = sum(count for verdict, count in counts.items() if verdict in _OPEN)
    cells = count_of(sum(counts.values()), "cell")
    return f"{cells}: {', '.join(told)}" + ("" if still_open else "; nothing is open")


def last_line(unexpected: int, undetermined: int) -> str:
    """Whether all is as it should be, and what nobody can say."""
    told = "Every cell is as expected."
    if unexpected:
        told = f"{unexpected} not as expected, marked with !: new failures, or expectations that are not met."
    if undetermined:
        told = told.replace("Every cell", "Every other cell")
        told += f" {count_of(undetermined, 'cell')} could not be determined on this machine."
    return told


def machine_line(machine: MachineFacts) -> str:
    """The machine in one line."""
    tools = ", ".join(f"{name} {version}" for name, version in machine.tools.items())
    return f"{machine.cores} cores, {machine.memory_gib:g} GiB, {machine.system}; {tools}"


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def count_of(number: int, noun: str) -> str:
    """`1 cell`, `2 cells`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def setting_name(setting: str) -> str:
    """The heading of a setting's column."""
    return SHORT_SETTINGS.get(setting, setting)


def setting_value(value: object) -> str:
    """A setting as it stands in a settings module; the empty one is not there."""
    return str(value) or "not set"


def steady(seen: str) -> str:
    """What was seen, without what differs from run to run though the same happens.

    A storm is ended by the harness: how often an entry fired by then, and how fast, is the machine's. A log
    line is its message.
    """
    seen = _INSTANT.sub("…", _PATH.sub("", _PREFIX.sub("", seen)))
    seen = _WITHIN.sub(r"\1 within seconds", _ENTRY.sub("its schedule ", seen))
    seen = _TIMES.sub(lambda found: "dozens of times" if int(found[1]) >= _DOZENS else found[0], seen)
    parts = seen.split("; ")
    stormed = [part.removesuffix(_STORMED) for part in parts if part.endswith(_STORMED)]
    rest = [part for part in parts if not part.endswith(_STORMED)]
    return "; ".join([*([", ".join(stormed) + _STORMED] if stormed else []), *rest])


def reproduce_command(cell: str, plan: str) -> str:
    """The one line that runs a cell of a plan again and leaves its files."""
    return f"nox -s matrix -- {_of_plan(plan)}--select '{cell}' --keep"


def diagnose_command(cell: str, plan: str) -> str:
    """The one line that looks for what mends a failing cell of a plan."""
    return f"nox -s diagnose -- {_of_plan(plan)}'{cell}'"


def _of_plan(plan: str) -> str:
    # A cell of no plan is run again by its name, as any recorded one, in the default plan.
    return "" if plan in ("default", *ANSWERING) else f"--plan {plan} "
