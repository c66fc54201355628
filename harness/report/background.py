"""What every answer is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from harness.model import Expectation
from harness.report.culprits import CulpritView


@dataclass(frozen=True, kw_only=True)
class Background:
    """What matrix.toml expects, as of `today`, and what is known of why cells fail.

    `behind` results have come since that was worked out.
    """

    expectations: Sequence[Expectation]
    today: date
    culprits: CulpritView
    behind: int = 0
