"""What diagnoses found about a failing cell, or a signature: what mends it, or why nothing does. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from harness.diagnosis.known import is_failure
from harness.model import CellResult
from harness.report.culprits import CulpritEntry, CulpritView, Unexplained


class Footing(StrEnum):
    """What it rests on that a line mends a cell."""

    TRIED = "tried"  # it was run with the line, and passes
    PRESUMED = "presumed"  # another cell with the same failure and the same thing installed was


@dataclass(frozen=True, kw_only=True)
class Mend:
    """A line that mends a cell, and how that is known."""

    footing: Footing
    culprit: CulpritEntry


@dataclass(frozen=True, kw_only=True)
class Mending:
    """What is known of why a cell fails: what mends it, or why nothing was found. Neither: nobody has looked.

    Failures are looked into (`looked_into`) as of today; those of other days are told by nobody but the
    cells beside them. `worked_then` is the cell of the same stack that works as of its own time, "" where
    there is none.
    """

    looked_into: bool
    mends: tuple[Mend, ...]
    why_not: tuple[str, ...]
    worked_then: str


def mending_of(failing: CellResult, view: CulpritView) -> Mending:
    """What is known of a failing cell."""
    cell = failing.cell
    mends = [Mend(footing=Footing.TRIED, culprit=each) for each in view.entries if cell in each.tried]
    mends += [Mend(footing=Footing.PRESUMED, culprit=each) for each in view.entries if cell in each.presumed]
    why_not = next((each.why_not for each in view.unexplained if cell in each.cells), ())
    return Mending(
        looked_into=is_failure(failing),
        mends=tuple(mends),
        why_not=why_not,
        worked_then=dict(view.worked_then).get(cell, ""),
    )


def culprits_of(signature: str, view: CulpritView) -> tuple[CulpritEntry, ...]:
    """Every culprit that was found behind a signature."""
    return tuple(each for each in view.entries if each.signature == signature)


def unexplained_of(signature: str, view: CulpritView) -> Unexplained | None:
    """The failures with a signature of which nothing was found; None where there are none."""
    return next((each for each in view.unexplained if each.signature == signature), None)
