"""What there is to say of a project on a Python, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.answers.fitting import Difference, Nearness
from harness.answers.refusals import Refusal


class Answer(StrEnum):
    """What there is to say of a project, the worst first."""

    BROKEN = "broken"
    UNRESOLVABLE = "unresolvable"
    UNKNOWN = "unknown"
    CAVEATS = "works with caveats"
    WORKS = "works"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A record that shows something: which cell, in which run and plan, when.

    `versions` are those of the axes' packages, `lines` what it was asked for besides. `differs` says what was
    not as the project asks for it, `beyond` what it does not ask for. `settings` are those of its profile,
    `index` says of which day.
    """

    cell: str
    run: str
    plan: str
    day: str
    settings: Mapping[str, bool | str]
    database: str
    index: str
    python: str
    versions: Mapping[str, str]
    lines: tuple[str, ...]
    nearness: Nearness
    differs: tuple[Difference, ...]
    beyond: tuple[str, ...]
    signature: str
    excerpt: str
    caveats: tuple[str, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Mending:
    """A change with which it passes. `tried`: with just what failed; otherwise with what failed alike.

    `lines` are for a constraints file if it `constrains`, `pins` to replace others, or requirements.
    """

    sentence: str
    lines: tuple[str, ...]
    constrains: bool
    pins: bool
    passing: str
    tried: bool


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two packages as they are asked for, and a cell that works with both series; "" where none does.

    `tried` counts the cells that fail with both.
    """

    pins: tuple[str, str]
    witness: str
    tried: int


@dataclass(frozen=True, kw_only=True)
class OnPython:
    """The answer for one Python.

    `presumed`: what was measured is another release of the same series. `dated`: it was installed as of a
    day in the past, and the project leaves open what it does not pin. `asked` is what the project asks for
    of the axes' packages, `left_open` those of them without one version. `works` and `fails` are the records
    that decide, `then` what came of the same in its own time; `instead` works and is allowed, or is near.
    `allowed` counts what fits an open project.
    """

    python: str
    answer: Answer
    asked: tuple[str, ...]
    left_open: tuple[str, ...]
    presumed: bool = False
    dated: bool = False
    works: tuple[Shown, ...] = ()
    fails: tuple[Shown, ...] = ()
    mendings: tuple[Mending, ...] = ()
    then: tuple[Shown, ...] = ()
    instead: tuple[Shown, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    pairs: tuple[Pair, ...] = ()
    allowed: Mapping[str, int] = field(default_factory=dict)
