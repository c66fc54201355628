"""A world in which it is known what breaks: releases of distributions, a day long ago, and today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from packaging.requirements import Requirement
from packaging.version import Version

from harness.diagnosis.change import Change, changed_cell
from harness.diagnosis.culprits import questions
from harness.diagnosis.known import Known
from harness.diagnosis.search import CELLS, Diagnosis, diagnose
from harness.model import (
    Cell,
    CellResult,
    Failure,
    Lock,
    Profile,
    Reason,
    Release,
    Resolution,
    Settled,
    Stack,
    Stage,
    Status,
)
from tests.values import FAILED, PASSED, RESULT

PINS = {"python": "3.11", "django": "4.2", "celery": "5.2"}
PROFILE = Profile(name="plain", reason="the defaults", settings={"USE_TZ": True})
FAILURE = Failure(
    stage=Stage.WORKER, reason=Reason.RAISED, detail="Broken", excerpt="Broken: no idea", log="worker.log"
)
CONFLICT = Failure(
    stage=Stage.RESOLVE, reason=Reason.CONFLICT, detail="", excerpt="unsatisfiable", log="resolve.log"
)
THEN = date(2022, 1, 1)
# What a lock, by distribution, and the row's pins are judged by: what fails, or None.
Judge = Callable[[Mapping[str, str], Mapping[str, str]], Failure | None]


def row(**pins: str) -> Cell:
    """A row of the field, as of today."""
    values = {**PINS, **pins}
    name = "-".join((Resolution.TODAY, *values.values()))
    return Cell(stack=Stack(name=name, reason="a row", pins=values), profile=PROFILE)


@dataclass(kw_only=True)
class World:
    """`releases` by distribution, oldest first; `had` were the newest then, and `extra` nothing requires."""

    releases: Mapping[str, Sequence[str]]
    had: Mapping[str, str]
    judge: Judge
    absent: frozenset[str] = frozenset()  # what nobody can have, as `name==version`
    unresolvable: Callable[[Mapping[str, str]], bool] = lambda _: False
    extra: frozenset[str] = frozenset()
    # By distribution, what a version of it lets others be at most.
    drags: Mapping[str, Callable[[str], Mapping[str, str]]] = field(default_factory=dict)
    asked: list[Cell] = field(default_factory=list)

    def run(self, cell: Cell) -> CellResult:
        """What a run of a cell records."""
        self.asked.append(cell)
        then = cell.stack.resolution is Resolution.ERA
        asked = [Requirement(line) for line in cell.stack.requirements]
        names = [each for each in self.releases if each not in self.extra or each in {r.name for r in asked}]
        lock: dict[str, str] = {}
        for name in names:
            fitting = [
                version
                for version in self.releases[name]
                if f"{name}=={version}" not in self.absent
                and all(r.specifier.contains(version) for r in asked if r.name == name)
                and not (then and Version(version) > Version(self.had.get(name, "0")))
            ]
            if fitting:
                lock[name] = fitting[-1]
            elif name in self.had or not then:
                return self._result(cell, None, CONFLICT)
        for name, drag in self.drags.items():
            lock |= {each: min(lock[each], most, key=Version) for each, most in drag(lock[name]).items()}
        if self.unresolvable(lock):
            return self._result(cell, None, CONFLICT)
        return self._result(cell, lock, self.judge(lock, cell.stack.pins))

    def _result(self, cell: Cell, lock: Mapping[str, str] | None, failure: Failure | None) -> CellResult:
        attempt = PASSED if failure is None else replace(FAILED, failure=failure, status=Status.FAILED)
        then = cell.stack.resolution is Resolution.ERA
        return replace(
            RESULT,
            cell=cell.id,
            pins=dict(cell.stack.pins),
            requirements=cell.stack.requirements,
            resolution=cell.stack.resolution,
            settings=cell.profile.settings,
            lock=None
            if lock is None
            else Lock(
                distributions=tuple(f"{name}=={version}" for name, version in sorted(lock.items())),
                python=f"{cell.stack.python}.4",
                index_date=THEN if then else None,
            ),
            attempts=(attempt,) if failure is None else (attempt, attempt),
            settled=Settled.CLEAN if failure is None else Settled.REPEATED,
        )

    def releases_of(self, name: str) -> list[Release]:
        """What the index tells."""
        was = Version(self.had.get(name, "0"))
        return [
            Release(
                version=version,
                uploaded=THEN if Version(version) <= was else date(2025, 1, 1),
                requires_python="",
                requires=None,
            )
            for version in self.releases.get(name, ())
        ]


def to_the_end(world: World, cell: Cell, known: Known, *, cells: int = CELLS) -> Diagnosis:
    """Ask one question after the other."""
    failing = world.run(cell)
    known.learn(failing)
    while True:
        diagnosis = diagnose(failing, known, world.releases_of, cells=cells)
        if diagnosis.ask is None:
            return diagnosis
        known.learn(world.run(changed_cell(cell, diagnosis.ask)))


def ask_all(
    world: World, cells: Sequence[Cell], known: Known, *, most: int = 500
) -> list[tuple[str, Change]]:
    """Run all cells, and answer every question about those of them that fail; returns the questions."""
    by_id = {cell.id: cell for cell in cells}
    for cell in cells:
        known.learn(world.run(cell))
    asked: list[tuple[str, Change]] = []
    while len(asked) < most:
        wanted = next(questions(known, world.releases_of, among=by_id), None)
        if wanted is None:
            break
        asked.append((wanted.failing.cell, wanted.change))
        known.learn(world.run(changed_cell(by_id[wanted.failing.cell], wanted.change)))
    return asked
