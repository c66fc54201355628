"""What one gets by just installing, as plain values: a series of one axis on each Python. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from harness.matrix.field import Field, in_order
from harness.matrix.mistakes import UNPINNED
from harness.matrix.outdated import Outdated, outdated
from harness.matrix.question import make_requirement
from harness.matrix.releases import Releases
from harness.model import (
    Cell,
    CellResult,
    Expectation,
    Installer,
    MachineFacts,
    Settled,
    Stack,
    Verdict,
)
from harness.records.verdict import judging_attempts, verdict_of
from harness.report.words import reproduce_command

_RUN = frozenset({Verdict.WORKS, Verdict.CAVEATS})
_OPEN = frozenset({Verdict.UNTESTED, Verdict.FLAKY})
_NOT_RUN = "it has not been run"
_UV_DIFFERS_NOW = "pip chose what uv chose then; uv chooses otherwise by now"


class Fate(StrEnum):
    """How a series on a Python fares, over all ways to install it."""

    RUNS = "runs"
    DEPENDS = "depends on how it is installed"
    FAILS = "fails"
    OPEN = "untested"
    NOT_DECLARED = "not declared"


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to ask: what is written that not every style has, such as "celery redis", and who chooses."""

    style: str
    installer: Installer


@dataclass(frozen=True, kw_only=True)
class Known:
    """Where the same failure is discussed, as an expectation of other cells has it."""

    reason: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What some ways gave alike: the same versions, with the same end.

    `chosen` are the versions of the axes' packages, `outdated` what of them is not of the newest series. A
    `note` says why nothing is known. Caveats are sentences.
    """

    ways: tuple[Way, ...]
    verdict: Verdict
    chosen: Mapping[str, str]
    distributions: tuple[str, ...]
    outdated: tuple[Outdated, ...]
    signature: str
    excerpt: str
    known: tuple[Known, ...]
    caveats: tuple[str, ...]
    note: str
    cell: str
    reproduce: str

    @property
    def runs(self) -> bool:
        """Whether what one gets works."""
        return self.verdict in _RUN


@dataclass(frozen=True, kw_only=True)
class Place:
    """A series on a Python. `because` is the declaration that forbids it; `commands` are what is written."""

    series: str
    python: str
    fate: Fate
    because: str
    commands: tuple[str, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def told(self) -> bool:
        """Whether some way has been tried."""
        return any(each.verdict is not Verdict.UNTESTED for each in self.outcomes)

    def outcome(self, way: Way) -> Outcome | None:
        """What a way gave."""
        return next((each for each in self.outcomes if way in each.ways), None)


@dataclass(frozen=True, kw_only=True)
class FreshView:
    """A report of a plan that asks for each series of `axis` on each Python, and for nothing else by version.

    `counts` are of places; `pips` says by Python which pip was asked.
    """

    plan: str
    axis: str
    axes: tuple[str, ...]
    pythons: tuple[str, ...]
    series: tuple[str, ...]
    ways: tuple[Way, ...]
    counts: Mapping[Fate, int]
    places: tuple[Place, ...]
    pips: Mapping[str, str]
    cells: Mapping[Verdict, int]
    runs: tuple[str, ...]
    days: tuple[str, ...]
    seconds: float
    machine: MachineFacts | None

    def place(self, series: str, python: str) -> Place:
        """The place of a series on a Python."""
        return next(each for each in self.places if (each.series, each.python) == (series, python))


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a report is about: a plan that asks for each series of `axis`, and what packages declare."""

    plan: str
    axis: str
    field: Field
    releases: Releases
    expectations: Sequence[Expectation]


def make_fresh_view(
    cells: Sequence[Cell],
    results: Mapping[str, CellResult],
    subject: Subject,
    *,
    machine: MachineFacts | None,
) -> FreshView:
    """The report of a plan's cells, from the newest result of each."""
    ways, field = _ways(cells), subject.field
    places = tuple(
        _place({"python": python, subject.axis: series}, cells, results, ways, subject)
        for series in field.axes[subject.axis]
        for python in field.axes["python"]
    )
    counts = Counter(each.fate for each in places)
    verdicts = Counter(verdict_of(each) for each in results.values() if each.settled is not Settled.SAME)
    return FreshView(
        plan=subject.plan,
        axis=subject.axis,
        axes=tuple(each for each in field.axes if each != "python"),
        pythons=field.axes["python"],
        series=field.axes[subject.axis],
        ways=tuple(dict.fromkeys(ways.values())),
        counts={fate: counts[fate] for fate in Fate},
        places=places,
        pips={each.pins["python"]: each.pip for each in results.values() if each.pip},
        cells={verdict: verdicts[verdict] for verdict in Verdict},
        runs=tuple(sorted({each.run for each in results.values()})),
        days=tuple(sorted({each.started.partition("T")[0] for each in results.values()})),
        seconds=round(sum(each.seconds for each in results.values()), 1),
        machine=machine,
    )


def _ways(cells: Iterable[Cell]) -> dict[str, Way]:
    """By its id, the way in which each cell asks."""
    beside = {cell.id: (_beside(cell.stack), cell.stack.installer) for cell in cells}
    in_all = set[str]().union(*(words for words, _ in beside.values()))
    in_all = in_all.intersection(*(words for words, _ in beside.values()))
    return {
        id_: Way(style=" ".join([each for each in words if each not in in_all] or words), installer=by)
        for id_, (words, by) in beside.items()
    }


def _beside(stack: Stack) -> tuple[str, ...]:
    """What is asked for at whatever version."""
    open_axes = (axis for axis, value in stack.pins.items() if value == UNPINNED)
    return tuple(make_requirement(axis, UNPINNED, stack.extras.get(axis, ())) for axis in open_axes)


def _place(
    pins: Mapping[str, str],
    cells: Iterable[Cell],
    results: Mapping[str, CellResult],
    ways: Mapping[str, Way],
    subject: Subject,
) -> Place:
    here = [cell for cell in cells if pins.items() <= cell.stack.pins.items()]
    forbidding = subject.field.forbidden.get(in_order(pins, subject.field.axes))
    commands = dict.fromkeys(
        " ".join((make_requirement(subject.axis, pins[subject.axis]), *_beside(cell.stack))) for cell in here
    )
    outcomes = tuple(_outcomes(here, results, ways, subject)) if forbidding is None else ()
    return Place(
        series=pins[subject.axis],
        python=pins["python"],
        fate=_fate(outcomes) if forbidding is None else Fate.NOT_DECLARED,
        because=forbidding.text if forbidding else "",
        commands=tuple(commands),
        outcomes=outcomes,
    )


def _fate(outcomes: Sequence[Outcome]) -> Fate:
    if not outcomes or any(each.verdict in _OPEN for each in outcomes):
        return Fate.OPEN
    if all(each.runs for each in outcomes):
        return Fate.RUNS
    return Fate.DEPENDS if any(each.runs for each in outcomes) else Fate.FAILS


def _outcomes(
    cells: Sequence[Cell],
    results: Mapping[str, CellResult],
    ways: Mapping[str, Way],
    subject: Subject,
) -> Iterator[Outcome]:
    """One for all cells that had the same versions and the same end, in the cells' order."""
    alike: dict[tuple[object, ...], list[tuple[Cell, CellResult | None, str]]] = {}
    for cell in cells:
        telling, note = _telling(cell, cells, results)
        distributions = telling.lock.distributions if telling and telling.lock else ()
        verdict = verdict_of(telling) if telling else Verdict.UNTESTED
        key = (distributions, verdict, _failing(telling)[0], note)
        alike.setdefault(key, []).append((cell, telling, note))
    for same in alike.values():
        cell, telling, note = same[0]
        asked_so = tuple(ways[each.id] for each, _, _ in same)
        yield _outcome(cell, telling, note, asked_so, subject)


def _telling(
    cell: Cell, cells: Iterable[Cell], results: Mapping[str, CellResult]
) -> tuple[CellResult | None, str]:
    """The result that tells of a cell: its own, or uv's where pip chose the same; and why there is none."""
    result = results.get(cell.id)
    if result is None:
        return None, _NOT_RUN
    if result.settled is not Settled.SAME:
        return result, result.skipped
    beside = _beside(cell.stack)
    uvs = [each for each in cells if each.stack.installer is Installer.UV and _beside(each.stack) == beside]
    told = results.get(uvs[0].id) if uvs else None
    if told is None:
        return None, f"{result.skipped}, and of that nothing is known"
    if told.lock is None or result.lock is None or told.lock.distributions != result.lock.distributions:
        return None, _UV_DIFFERS_NOW
    return told, told.skipped


def _outcome(
    cell: Cell, result: CellResult | None, note: str, ways: tuple[Way, ...], subject: Subject
) -> Outcome:
    lock = result.lock if result else None
    chosen = {axis: version for axis in cell.stack.pins if lock and (version := lock.version(axis))}
    signature, excerpt = _failing(result)
    left_open = {axis: version for axis, version in chosen.items() if axis != subject.axis}
    old = tuple(
        each for each in outdated(chosen, cell.stack.python, subject.releases) if each.package in left_open
    )
    return Outcome(
        ways=ways,
        verdict=verdict_of(result) if result else Verdict.UNTESTED,
        chosen=chosen,
        distributions=lock.distributions if lock else (),
        outdated=old,
        signature=signature,
        excerpt=excerpt,
        known=_known(signature, subject.expectations),
        caveats=_caveats(result),
        note=note,
        cell=cell.id,
        reproduce=reproduce_command(cell.id, subject.plan),
    )


def _failing(result: CellResult | None) -> tuple[str, str]:
    """The signature of what breaks a cell, and the last line of what was seen of it."""
    attempts = judging_attempts(result) if result else ()
    if result is None or not attempts or verdict_of(result) in _RUN:
        return "", ""
    failures = attempts[-1].failures
    if not failures:
        return "", ""
    lines = failures[0].excerpt.splitlines()
    return failures[0].signature, lines[-1].strip() if lines else ""


def _known(signature: str, expectations: Iterable[Expectation]) -> tuple[Known, ...]:
    found = (
        Known(reason=each.reason, link=each.link)
        for each in expectations
        if signature and fnmatchcase(signature, each.signature)
    )
    return tuple(dict.fromkeys(found))


def _caveats(result: CellResult | None) -> tuple[str, ...]:
    attempts = judging_attempts(result) if result else ()
    told = (
        check.caveat
        for attempt in attempts
        for check in attempt.checks
        if check.failure is not None and check.caveat
    )
    return tuple(dict.fromkeys(told))
