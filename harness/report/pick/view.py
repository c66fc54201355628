"""What `nox -s pick` answers, as plain values; the JSON is this. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.answers.why import ExtraPin, HeldBack, Obstacle
from harness.report.endured import ResilienceStand

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Witness:
    """What shows that a stack works: the cell, its run, when, and which checks ran.

    `unlike` says what was otherwise than the user has it; `also` are cells with the same versions installed
    under other settings. `reproduce` runs it again.
    """

    cell: str
    run: str
    day: str
    checks: tuple[str, ...]
    index: str
    unlike: tuple[str, ...]
    also: tuple[str, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Broken:
    """An invariant of the time contract that does not hold, and what was seen instead."""

    invariant: str
    sentence: str
    seen: str


@dataclass(frozen=True, kw_only=True)
class TimeStand:
    """The time contract under the user's settings, as a cell has lived through days.

    `beside` says what was otherwise there. `fatal`: beat or worker ends, or a schedule is sent many times
    over. `held` and `unseen` are the ids of invariants. `milder` says with which other settings the same
    versions keep more; "" where that is not known.
    """

    cell: str
    run: str
    day: str
    beside: tuple[str, ...]
    fatal: bool
    broken: tuple[Broken, ...]
    held: tuple[str, ...]
    unseen: tuple[str, ...]
    milder: str


@dataclass(frozen=True, kw_only=True)
class ChoiceView:
    """A stack to take. `pins` are exact versions of the axes' packages, `lock` is all that was installed.

    `extra` are the requirements besides, with the reason of each; `held_back` says what is not the newest
    that was asked for, and why. `trades` says what it trades against the first choice; nothing for the first.
    `time` is None where nobody has lived through days with anything like it, `resilience` is empty where
    nobody has broken anything under its like.
    """

    python: str
    pins: Mapping[str, str]
    lock: tuple[str, ...]
    verdict: str
    caveats: tuple[str, ...]
    extra: tuple[ExtraPin, ...]
    held_back: tuple[HeldBack, ...]
    days_behind: int
    witness: Witness
    time: TimeStand | None
    resilience: tuple[ResilienceStand, ...]
    trades: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The best choice if something else were asked for: `instead` says what."""

    instead: str
    choice: ChoiceView


@dataclass(frozen=True, kw_only=True)
class StepView:
    """A step of an upgrade: what changes, and what begins to hold, or ceases to, with it."""

    changes: Mapping[str, tuple[str, str]]
    begins: tuple[str, ...]
    ceases: tuple[str, ...]
    choice: ChoiceView


@dataclass(frozen=True, kw_only=True)
class PathView:
    """The way from what is there (`origin`) to what is wanted.

    `unknown` says what of it is not known: that nobody has seen what is there work, for one.
    """

    origin: Mapping[str, str]
    unknown: tuple[str, ...]
    steps: tuple[StepView, ...]


@dataclass(frozen=True, kw_only=True)
class PickView:
    """The answer to `nox -s pick`.

    `asked` are the demands, `required` the promises that must be kept, by their ids, `readings` how some
    demands were read. `warnings` come before anything else.
    `choices` are the best, at most three, of `fitting` that work. Where there is none, `obstacles` say what
    stands in the way, and `relaxed` what there would be without a demand. `path` is there with --from.
    """

    schema: int
    asked: tuple[str, ...]
    required: tuple[str, ...]
    readings: tuple[str, ...]
    settings: Mapping[str, bool | str]
    database: str
    prefer: str
    as_of: str
    warnings: tuple[str, ...]
    choices: tuple[ChoiceView, ...]
    fitting: int
    obstacles: tuple[Obstacle, ...]
    relaxed: tuple[Relaxed, ...]
    path: PathView | None
