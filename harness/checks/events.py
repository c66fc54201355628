"""What the child that runs a cell tells the harness, as it happens. Plain values: they cross a pipe."""

from collections.abc import Mapping
from dataclasses import dataclass
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
