"""Why a stack has what it has: lines that mend, what was held back; and why demands cannot be met. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.answers.facts import Facts
from harness.answers.stack import PYTHON, Demands, KnownStack, admits, exactly
from harness.matrix.field import Field, in_order
from harness.pairs.trials import series_of

_SHOWN = 3  # failures that stand in the way


@dataclass(frozen=True, kw_only=True)
class ExtraPin:
    """A requirement besides the axes' packages, and the `pin` that was installed for it.

    `because` says what it avoids, `cell` shows it without.
    """

    line: str
    pin: str
    because: str
    cell: str


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """An axis that is not at the newest series that was asked for, and what is in the way of that one."""

    axis: str
    version: str
    newer: str
    because: str
    cell: str


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """What stands in the way of demands: a declaration, a failure that `cell` shows, or that nobody tried."""

    words: str
    cell: str = ""


def extra_pins(
    facts: Facts, stack: KnownStack, drivers: Mapping[str, tuple[str, ...]]
) -> tuple[ExtraPin, ...]:
    """The lines of a stack with what each avoids; `drivers` are what a database needs, by database.

    A stack that was run again by its lock has all of it as lines: what it was first asked for counts.
    """
    same = (stack, *facts.of_environment(*stack.environment))
    stack = min(same, key=lambda each: len(each.lines))
    installed = {each.partition("==")[0]: each for each in stack.distributions}
    return tuple(
        ExtraPin(
            line=line,
            pin=installed.get(canonicalize_name(Requirement(line).name), line),
            because=because,
            cell=cell,
        )
        for line in stack.lines
        for because, cell in [_because(facts, stack, line, drivers.get(stack.database, ()))]
    )


def _because(facts: Facts, stack: KnownStack, line: str, needed: tuple[str, ...]) -> tuple[str, str]:
    """What a line avoids, and the cell that shows it: the same without, or else another one that it mends."""
    if line in needed:
        return f"what {stack.database} needs", ""
    without = facts.unmended(stack)
    if without is not None and without.breaks:
        return f"without it {_failure(without)}", without.cell
    elsewhere = facts.mended_by(line)
    if elsewhere is not None:
        return f"another stack fails without it: {_failure(elsewhere[0])}", elsewhere[0].cell
    missing = facts.missing(line)
    if missing is not None:
        return f"another stack fails without it: {_failure(missing)}", missing.cell
    return "its stack has it; nobody has tried without", ""


def held_back(facts: Facts, stack: KnownStack, demands: Demands, field: Field) -> tuple[HeldBack, ...]:
    """The axes' packages that are not at the newest series admitted, with the reason of each."""
    found = (_held_back(facts, stack, axis, demands, field) for axis in field.axes if axis != PYTHON)
    return tuple(each for each in found if each is not None)


def _held_back(facts: Facts, stack: KnownStack, axis: str, demands: Demands, field: Field) -> HeldBack | None:
    row = _series_row(stack, field)
    admitted = [each for each in field.axes[axis] if admits_series(demands.get(axis), each)]
    if axis not in row or not admitted or Version(admitted[-1]) <= Version(row[axis]):
        return None
    newer = admitted[-1]
    other = {**row, axis: newer}
    because, cell = field.why_not(other), ""
    if not because:
        tried = [each for each in facts.having(other) if each.circumstances == stack.circumstances]
        failed = [each for each in tried if each.breaks]
        because, cell = "nobody has tried it with the others", ""
        if failed and not any(each.works for each in tried):
            because, cell = _failure(failed[0]), failed[0].cell
        elif tried:
            because = "it works as well, with more days behind in sum or more lines"
    return HeldBack(axis=axis, version=stack.versions[axis], newer=newer, because=because, cell=cell)


def obstacles(
    demands: Demands, field: Field, failed: Iterable[KnownStack], day: date | None = None
) -> Iterator[Obstacle]:
    """What stands in the way of demands that nothing known meets, what forbids them first.

    With a `day`, also what was not out by then.
    """
    values = {
        axis: [each for each in field.axes[axis] if admits_series(specifiers, each)]
        for axis, specifiers in demands.items()
    }
    nowhere = [axis for axis, admitted in values.items() if not admitted]
    for axis in nowhere:
        series = field.axes[axis]
        yield Obstacle(words=f"{axis}{demands[axis]} admits none of its series, {series[0]} to {series[-1]}")
    forbidden = [each for each in map(dict, combinations(values.items(), 2)) if _all_forbidden(each, field)]
    for pair in forbidden:
        newest = {axis: admitted[-1] for axis, admitted in pair.items()}
        yield Obstacle(words=field.why_not(newest))
    early = tuple(_not_yet_out(values, demands, field, day)) if day is not None else ()
    yield from early
    told = list(failed)
    signatures = Counter(each.breaks[0].signature for each in told)
    for signature, count in signatures.most_common(_SHOWN):
        first = next(each for each in told if each.breaks[0].signature == signature)
        yield Obstacle(words=f"{_failure(first)} ({count} tried)", cell=first.cell)
    if not (nowhere or forbidden or early or told):
        yield Obstacle(words="nobody has tried it")


def _not_yet_out(
    values: Mapping[str, Sequence[str]], demands: Demands, field: Field, day: date
) -> Iterator[Obstacle]:
    """The demands of which every series that they admit came after a day."""
    for axis, admitted in values.items():
        days = [field.released.get((axis, series)) for series in admitted]
        known = [each for each in days if each is not None]
        if known and len(known) == len(days) and min(known) > day.toordinal():
            first = date.fromordinal(min(known))
            words = f"{axis}{demands[axis]} was not out on {day}: its first release is of {first}"
            yield Obstacle(words=words)


def admits_series(specifiers: SpecifierSet | None, series: str) -> bool:
    """Whether some release of a series may be admitted."""
    if specifiers is None:
        return True
    # Any patch: the last is not known here. What pins one release admits its series.
    pinned = any(
        each.operator in ("==", "===") and exactly(series).contains(each.version.removesuffix(".*"))
        for each in specifiers
    )
    return pinned or any(admits(specifiers, f"{series}{patch}") for patch in ("", ".0", ".999"))


def beside(specifiers: SpecifierSet, series: Sequence[str]) -> tuple[str, ...]:
    """Of the series of an axis, oldest first, those next to what is admitted, the older one first."""
    admitted = [place for place, each in enumerate(series) if admits_series(specifiers, each)]
    if not admitted:
        return tuple(series[-1:])
    return tuple(series[place] for place in (admitted[0] - 1, admitted[-1] + 1) if 0 <= place < len(series))


def _all_forbidden(pair: Mapping[str, list[str]], field: Field) -> bool:
    (one, ones), (other, others) = pair.items()
    pairs = [in_order({one: a, other: b}, field.axes) for a in ones for b in others]
    return bool(pairs) and all(each in field.forbidden for each in pairs)


def _series_row(stack: KnownStack, field: Field) -> dict[str, str]:
    found = {
        axis: series_of(stack.versions[axis], series)
        for axis, series in field.axes.items()
        if stack.versions.get(axis, "-") not in ("", "-", "*")
    }
    return {axis: series for axis, series in found.items() if series is not None}


def _failure(stack: KnownStack) -> str:
    first = stack.breaks[0]
    return f"{first.signature}: {first.excerpt}"
