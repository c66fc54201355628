"""Words that several renderings share. Pure."""

from collections.abc import Mapping

from harness.model import MachineFacts, Verdict

SHORT_AXES = {
    "python": "Python",
    "django": "Django",
    "celery": "Celery",
    "django-celery-beat": "beat",
    "django-celery-results": "results",
    "redis": "redis-py",
}

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
