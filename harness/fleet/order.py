"""What travels to a machine that is to run a cell. Pure: a value in, JSON data out, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from harness.model import Cell, ClockKind, DatabaseKind, Expectation, Question, Stage


@dataclass(frozen=True, kw_only=True)
class Need:
    """What a machine must have to run a cell: a Python such as "3.9", a database, a clock."""

    python: str
    database: DatabaseKind
    clock: ClockKind

    def __str__(self) -> str:
        return f"Python {self.python}, {self.database}, {self.clock} clock"


@dataclass(frozen=True, kw_only=True)
class Order:
    """A cell, and everything that its result depends on but for the machine.

    `version` is the harness's own, `project` the digest of the project under test, which travels by itself.
    `expectations` are those that speak of this cell. After `limit` seconds the cell is broken off.
    """

    version: str
    run: str
    project: str
    cell: Cell
    question: Question
    clock: ClockKind
    timeouts: Mapping[str, float]
    checks: tuple[Stage, ...]
    attempts: int
    expectations: tuple[Expectation, ...]
    keep: bool
    limit: float

    @property
    def id(self) -> str:
        """The same however often the cell is sent: it is how one answer is known from another."""
        return f"{self.run}/{self.cell.id}"

    @property
    def need(self) -> Need:
        """What its machine must have."""
        return Need(python=self.cell.stack.python, database=self.cell.profile.database, clock=self.clock)

    @property
    def queue(self) -> str:
        """Where it waits."""
        return queue_of(self.version, self.need)


_ORDER = TypeAdapter(Order)


def queue_of(version: str, need: Need) -> str:
    """The one queue of those who need the same of the same version of the harness."""
    return f"fleet/{version}/{need.clock}/{need.python}/{need.database}"


def encode_order(order: Order) -> dict[str, Any]:
    """JSON data."""
    data: dict[str, Any] = _ORDER.dump_python(order, mode="json")
    return data


def decode_order(data: Mapping[str, Any]) -> Order:
    """The order of JSON data.

    Raises:
        ValidationError: it is none.
    """
    return _ORDER.validate_python(data)
