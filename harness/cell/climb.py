"""What a cell's child is told. Light: the harness itself imports this, and never what the child runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.model import ClockKind, Stage
from harness.proc.marker import Marker
from harness.services.databases import Database
from harness.services.programs import RedisProgram

# The function that climbs, and what the fork server imports before the first child.
CLIMB = "harness.cell.ladder:climb"
# The one that climbs and stays.
STAND = "harness.cell.standing:stand"


@dataclass(frozen=True, kw_only=True)
class Climb:
    """What a child needs to know to climb once. Plain values: it crosses to another process.

    `supervisor` is the environment of `supervisord`, where the checks want it.
    """

    cell: str
    settings: Mapping[str, bool | str]
    environment: Path
    source: Path
    work: Path
    database: Database
    redis: RedisProgram
    clock: ClockKind
    clock_library: Path | None
    timeouts: Mapping[str, float]
    checks: tuple[Stage, ...]
    marker: Marker
    supervisor: Path | None = None

    @property
    def beat_sleep(self) -> float:
        """How long beat sleeps at most, in seconds; each of many looks and changes waits for it."""
        return 0.02 if {Stage.TIME, Stage.ADMIN, Stage.BROWSER}.intersection(self.checks) else 0.2
