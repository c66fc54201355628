"""The search for what works in the whole field, simulated: cells answer at once, by rules like the real ones.

`rules.toml` says what fails, so that every verdict can be held against what is true. Lines that mend are told
as a diagnosis would find them, after a cell of its own. Seconds are of CPU, of all that the planner computes.
"""

import time
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from random import Random

from packaging.specifiers import SpecifierSet
from rich.console import Console

from bench.store import PLAN, ROOT, real_field
from harness.commands.diagnosis import DiagnosisFeed
from harness.commands.feed import Budget
from harness.commands.field_feed import FieldFeed
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.field import Field, Pins
from harness.matrix.plan import make_plan
from harness.matrix.question import make_question
from harness.model import (
    Attempt,
    Cell,
    CellResult,
    ClockKind,
    Failure,
    Profile,
    Reason,
    Resolution,
    Settled,
    Stage,
    Status,
)
from harness.pairs.cells import cell_of
from harness.pairs.search import Search
from harness.pairs.verdicts import Verdict

_RULES = Path(__file__).with_name("rules.toml")
_AT_A_TIME = 8
_OUT_OF_ORDER = 6  # of so many of the running cells any may be the next to end
_LIMIT = 4_000


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Sets of `pins` that fail with a signature; `today` only, or until `line` is given."""

    signature: str
    pins: frozenset[Pins]
    today: bool
    line: str


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is true of a field: by its rules, in their order."""

    field: Field
    rules: tuple[Rule, ...]

    def of(self, row: Pins, *, today: bool, lines: Collection[str]) -> Rule | None:
        """Why a row fails; None when it works."""
        here = (rule for rule in self.rules if (today or not rule.today) and rule.line not in lines)
        return next((rule for rule in here if any(set(pins) <= set(row) for pins in rule.pins)), None)

    @cached_property
    def verdicts(self) -> Mapping[Pins, str]:
        """By pair, what a planner should say of it."""
        today = self._without(rule for rule in self.rules)
        then = self._without(rule for rule in self.rules if not rule.today)
        return {
            pair: "works" if today.feasible(pair) else "with pins" if then.feasible(pair) else "broken"
            for pair in self.field.pairs
        }

    def _without(self, rules: Iterator[Rule]) -> Search:
        broken = (pins for rule in rules for pins in rule.pins)
        return Search(field=self.field, obstacles=frozenset((*self.field.forbidden, *broken)))


@dataclass(frozen=True, kw_only=True)
class Searched:
    """How many cells were asked for, and of how many pairs which verdict was told and which is true."""

    cells: int
    failed: int
    seconds: float
    verdicts: Mapping[tuple[str, str], int]


class _Diagnosis(DiagnosisFeed):
    """Asks one row again with the line that mends it, for each signature that a line mends."""

    def __init__(self, truth: Truth, profile: Profile) -> None:
        self._truth = truth
        self._profile = profile
        self._asked: set[str] = set()
        self._waiting: list[Cell] = []

    def ask_about(self, cell: Cell) -> None:
        row = tuple(cell.stack.pins.items())
        rule = self._truth.of(row, today=True, lines=())
        if rule is not None and rule.line and rule.signature not in self._asked:
            self._asked.add(rule.signature)
            again = cell_of(row, self._profile, Resolution.TODAY, "with a line", (rule.line,))
            self._waiting.append(again)

    def next_of_same_versions(self) -> Cell | None:
        return self._waiting.pop() if self._waiting else None

    def next_cell(self) -> Cell | None:
        return None

    def learn(self, result: CellResult) -> None:
        pass


def search(seed: int) -> Searched:
    """Ask the planner until nothing is open; `seed` decides in which order cells end."""
    matrix = load_matrix(ROOT / "matrix.toml")
    settling = make_plan(matrix, PLAN).settling
    assert settling is not None, f"the plan {PLAN!r} does not settle pairs"
    field = real_field()
    truth = Truth(field=field, rules=_rules(field))
    random = Random(seed)  # noqa: S311 - no secret
    began = time.process_time()
    feed = FieldFeed(
        field,
        settling,
        seeds=(),
        known=(),
        budget=Budget(cells=_LIMIT),
        diagnosis=_Diagnosis(truth, settling.profile),
    )
    running: list[Cell] = []
    cells = failed = 0
    while True:
        while len(running) < _AT_A_TIME and (cell := feed.next_cell()) is not None:
            running.append(cell)
        if not running:
            break
        cell = running.pop(random.randrange(min(len(running), _OUT_OF_ORDER)))
        result = _result(cell, matrix, truth)
        cells, failed = cells + 1, failed + (result.settled is not Settled.CLEAN)
        feed.learn(result)
    seconds = time.process_time() - began
    told = ((_WORDS[each.verdict], truth.verdicts[each.pair]) for each in feed.knowledge.verdicts())
    return Searched(cells=cells, failed=failed, seconds=seconds, verdicts=Counter(told))


def tell(searched: Searched, console: Console) -> None:
    """Print what was asked for, and how far the verdicts are true."""
    pairs = sum(searched.verdicts.values())
    true = sum(number for (told, right), number in searched.verdicts.items() if told == right)
    console.print(
        f"{searched.cells:,} cells, {searched.failed:,} of them failed, and {searched.seconds:.0f} s of CPU "
        f"for the planner: {true:,} of {pairs:,} verdicts are true"
    )
    for (told, right), number in sorted(searched.verdicts.items()):
        console.print(f"{number:6,} told {told!r}" + ("" if told == right else f", but it is {right!r}"))


_WORDS = {
    Verdict.WORKS: "works",
    Verdict.CAVEATS: "works",
    Verdict.PINS: "with pins",
    Verdict.BROKEN: "broken",
    Verdict.UNRESOLVABLE: "broken",
    Verdict.UNTESTED: "untested",
}


def _rules(field: Field) -> tuple[Rule, ...]:
    tables = tomllib.loads(_RULES.read_text(encoding="utf-8"))["rules"]
    return tuple(
        Rule(
            signature=table["signature"],
            pins=frozenset(_sets(field, table["pins"])),
            today=table.get("today", False) or "line" in table,
            line=table.get("line", ""),
        )
        for table in tables
    )


def _sets(field: Field, specifiers: Mapping[str, str]) -> Iterator[Pins]:
    """The sets of series that some specifiers name, in the order of the axes."""
    axes = [axis for axis in field.axes if axis in specifiers]
    for values in product(*(SpecifierSet(specifiers[axis]).filter(field.axes[axis]) for axis in axes)):
        yield tuple(zip(axes, values, strict=True))


def _result(cell: Cell, matrix: Matrix, truth: Truth) -> CellResult:
    row = tuple(cell.stack.pins.items())
    today = cell.stack.resolution is Resolution.TODAY
    rule = truth.of(row, today=today, lines=cell.stack.requirements)
    failure = None if rule is None else _failure(rule.signature)
    attempt = Attempt(
        number=1, status=Status.FAILED if failure else Status.PASSED, seconds=1, failure=failure
    )
    question = make_question(cell, matrix)
    return CellResult(
        run="simulated",
        cell=cell.id,
        pins=cell.stack.pins,
        extras={},
        requirements=question.requirements,
        resolution=cell.stack.resolution,
        settings={},
        database="sqlite",
        broker="redis",
        clock=ClockKind.FAKE,
        started="",
        seconds=1,
        lock=None,
        attempts=(attempt, attempt) if failure else (attempt,),
        settled=Settled.REPEATED if failure else Settled.CLEAN,
    )


def _failure(signature: str) -> Failure:
    stage, reason, detail = signature.split(":", 2)
    return Failure(stage=Stage(stage), reason=Reason(reason), detail=detail, excerpt="", log="")
