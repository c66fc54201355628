"""What a diagnosis found: the smallest change that makes a failing cell pass, and the cells that show it."""

from dataclasses import dataclass
from enum import StrEnum

from packaging.version import Version

from harness.diagnosis.change import Change
from harness.matrix.question import make_requirement
from harness.model import CellResult, Lock


class Kind(StrEnum):
    """What the change is, the smallest first."""

    REQUIREMENT = "requirement"  # a distribution that nothing asks for
    RELEASE = "release"  # an older release of one distribution
    TOGETHER = "together"  # older releases of several, of which none can be left out
    VERSIONS = "versions"  # other values of axes


@dataclass(frozen=True, kw_only=True)
class Part:
    """One distribution, or axis, of a change.

    With `good` the cell passes. `bad` is the first release from which on it fails, or the value that it
    fails with; "" for a distribution that was not there.
    """

    name: str
    good: str
    bad: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`cell` fails with `signature`, and passes with the change: `passing` is the cell that shows it.

    `failing` is the cell that shows the first bad release: `cell` itself where that is what it has. `then` is
    the cell of the same stack as of its own time, on `then_date` (ISO 8601), where that one passes.
    `constrains` says that lines of a constraints file do, because what they name is installed anyway.
    """

    cell: str
    signature: str
    kind: Kind
    parts: tuple[Part, ...]
    change: Change
    failing: str
    passing: str
    constrains: bool
    then: str = ""
    then_date: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines for a constraints file or the requirements; of other values, what to ask for instead."""
        if self.kind is Kind.VERSIONS:
            return tuple(
                make_requirement(axis, value) for axis, value in self.change.pins if axis != "python"
            )
        return self.change.lines

    @property
    def worked_then(self) -> bool:
        """Whether the stack worked in its own time, and is broken now."""
        return bool(self.then)

    @property
    def culprit(self) -> str:
        """What findings that belong together share: the change and what it is a change from."""
        return f"{self.kind}: " + ", ".join(f"{part.name} {part.bad}" for part in self.parts)

    def explains(self, result: CellResult) -> bool:
        """Whether another cell with the same signature may have the same culprit, by what was installed."""
        if self.kind is Kind.VERSIONS:
            return all(result.pins.get(part.name) == part.bad for part in self.parts)
        return all(self._concerns(part, result.lock) for part in self.parts)

    def _concerns(self, part: Part, lock: Lock | None) -> bool:
        installed = lock.version(part.name) if lock is not None else None
        if installed is None:
            return not self.constrains
        return bool(part.bad) and Version(installed) >= Version(part.bad)
