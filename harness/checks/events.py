"""What the child that runs a cell tells the harness, as it happens. Plain values: they cross a pipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.model import Stage, Status


@dataclass(frozen=True, kw_only=True)
class StageStarted:
    """A rung of the ladder is being climbed."""

    stage: Stage


@dataclass(frozen=True, kw_only=True)
class StageEnded:
    """It is over. `evidence` and `log` say what stopped it, when it did not hold."""

    stage: Stage
    status: Status
    seconds: float
    evidence: str = ""
    log: str = ""


@dataclass(frozen=True, kw_only=True)
class CheckEnded:
    """One check is over. `message` is its failure in one line, `evidence` what more there is to judge by."""

    id: str
    stage: Stage
    status: Status
    seconds: float
    caveat: str = ""
    message: str = ""
    evidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What an experiment saw."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The cell has climbed as far as it can, and stays: how to get into it.

    `enter` is a script that runs a command as the cell's own processes run. `processes` are the names and
    ids of those that live of worker, beat and broker, none where it did not come to a beat.
    """

    enter: Path
    broker_url: str
    database: str
    processes: tuple[tuple[str, int], ...]
