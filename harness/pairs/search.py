"""The search for rows that avoid what cannot be had; feasibility and planning share it. Pure."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from harness.matrix.field import Field, Pin, Pins

# What two pins cost that are in a row together, in the order of the axes; nothing costs less than 0.
PairCost = Callable[[Pin, Pin], float]
# What a pin costs wherever it is.
PinCost = Mapping[Pin, float]


@dataclass(frozen=True, kw_only=True)
class Search:
    """Rows of `field` that contain none of `obstacles`: sets of pins, in the order of the axes.

    Of equally cheap values the ones nearest in time to those chosen are taken first.
    """

    field: Field
    obstacles: frozenset[Pins]
    # What was found out holds as long as the obstacles do: by pins, a row with them, or that there is none.
    _found: dict[Pins, Pins | None] = dataclasses.field(default_factory=dict, compare=False)
    _few: dict[Pins, frozenset[Pins]] = dataclasses.field(default_factory=dict, compare=False)

    def obstacle_in(self, pins: Pins) -> Pins | None:
        """The smallest obstacle that lies in `pins`."""
        within = (each for size in self._sizes for each in combinations(pins, size))
        return next((each for each in within if each in self.obstacles), None)

    def feasible(self, pins: Pins) -> bool:
        """Whether there is a row with `pins`."""
        if pins not in self._found:
            row = self._found[pins] = self.first(pins)
            # What is in a row that there is, is in one.
            for size in (len(pins), 2) if row else ():
                self._found.update(dict.fromkeys(combinations(row or (), size), row))
        return self._found[pins] is not None

    def with_obstacles(self, obstacles: frozenset[Pins]) -> "Search":
        """The search with these obstacles instead; what was found with others is kept as far as it holds."""
        further = Search(field=self.field, obstacles=obstacles - self.obstacles)
        fewer = self.obstacles - obstacles
        rows = {row for row in self._found.values() if row is not None}
        gone = {row for row in rows if further.obstacle_in(row)}
        found = {
            pins: row for pins, row in self._found.items() if row not in gone and not (row is None and fewer)
        }
        return Search(field=self.field, obstacles=obstacles, _found=found)

    def spread(self, pins: Pins) -> float:
        """How far the pins are apart in time, as a part of the field's."""
        ages = [self._ages[pin] for pin in pins]
        return max(ages) - min(ages)

    def some(self, pins: Pins, number: int) -> frozenset[Pins]:
        """So many rows with `pins`, or all that there are."""
        rows = self._few.get(pins, frozenset())
        while len(rows) < number:
            found = self.cheapest(pins, tried=rows)
            if found is None:
                break
            rows |= {found[1]}
        self._few[pins] = rows
        return rows

    def first(self, pins: Pins, cost: PairCost | None = None) -> Pins | None:
        """A row with `pins`, each further value the cheapest that leads to one; None when there is none."""
        state = self._begin(pins, cost)
        return self._first(state, cost) if state else None

    def cheapest(
        self,
        pins: Pins,
        cost: PairCost | None = None,
        pin_cost: PinCost | None = None,
        *,
        tried: Collection[Pins] = (),
    ) -> tuple[float, Pins] | None:
        """The least that a row with `pins` costs that was not `tried`, and the row; None if there is none."""
        state = self._begin(pins, cost, pin_cost)
        best: tuple[float, Pins] | None = None

        def climb(state: _State) -> None:
            nonlocal best
            if best is not None and state.bound >= best[0]:
                return
            if not state.ways:
                row = self._in_order(state.chosen)
                best = best if row in tried else (state.spent, row)
                return
            axis = state.narrowest
            for pin in self._by_cost(state, axis):
                further = self._take(state, pin, cost)
                if further is not None:
                    climb(further)

        if state is not None:
            climb(state)
        return best

    def _first(self, state: "_State", cost: PairCost | None) -> Pins | None:
        if not state.ways:
            return self._in_order(state.chosen)
        for pin in self._by_cost(state, state.narrowest):
            further = self._take(state, pin, cost)
            row = self._first(further, cost) if further is not None else None
            if row is not None:
                return row
        return None

    def _begin(self, pins: Pins, cost: PairCost | None, pin_cost: PinCost | None = None) -> "_State | None":
        ways = self._ways
        if pin_cost:
            ways = {
                axis: {pin: pin_cost.get(pin, 0.0) for pin in pins_of_axis}
                for axis, pins_of_axis in ways.items()
            }
        state: _State | None = _State(chosen=(), ways=ways, spent=0.0, age=0.0)
        for pin in pins:
            if state is None or pin not in state.ways.get(pin[0], {}):
                return None
            state = self._take(state, pin, cost)
        return state

    def _take(self, state: "_State", pin: Pin, cost: PairCost | None) -> "_State | None":
        """What is left when `pin` is chosen; None when an axis has nothing left."""
        chosen = (*state.chosen, pin)
        stopped, larger = self._stopped_by.get(pin, frozenset()), self._larger.get(pin, ())
        have = frozenset(chosen)
        for rest in larger:
            missing = rest - have
            if not missing:
                return None
            if len(missing) == 1:
                stopped = stopped | missing
        ways: dict[str, dict[Pin, float]] = {}
        place = self._places[pin[0]]
        for axis, values in state.ways.items():
            if axis == pin[0]:
                continue
            if cost is None:
                left = {other: price for other, price in values.items() if other not in stopped}
            elif place < self._places[axis]:
                left = {
                    other: price + cost(pin, other) for other, price in values.items() if other not in stopped
                }
            else:
                left = {
                    other: price + cost(other, pin) for other, price in values.items() if other not in stopped
                }
            if not left:
                return None
            ways[axis] = left
        return _State(
            chosen=chosen,
            ways=ways,
            spent=state.spent + state.ways[pin[0]][pin],
            age=state.age + self._ages[pin],
        )

    def _by_cost(self, state: "_State", axis: str) -> list[Pin]:
        age = state.age / len(state.chosen) if state.chosen else 1.0
        ways = state.ways[axis]
        return sorted(ways, key=lambda pin: (ways[pin], abs(self._ages[pin] - age), -self._ages[pin]))

    def _in_order(self, pins: Iterable[Pin]) -> Pins:
        row = dict(pins)
        return tuple((axis, row[axis]) for axis in self.field.axes)

    @cached_property
    def _ways(self) -> Mapping[str, Mapping[Pin, float]]:
        """By axis the pins to choose from, before any is chosen."""
        return {
            axis: {pin: 0.0 for pin in ((axis, value) for value in values) if (pin,) not in self.obstacles}
            for axis, values in self.field.axes.items()
        }

    @cached_property
    def _sizes(self) -> Sequence[int]:
        return sorted({len(each) for each in self.obstacles})

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {axis: place for place, axis in enumerate(self.field.axes)}

    @cached_property
    def _stopped_by(self) -> Mapping[Pin, frozenset[Pin]]:
        """By pin, those that cannot be beside it."""
        stopped: dict[Pin, set[Pin]] = {}
        for one, other in (each for each in self.obstacles if len(each) == 2):  # noqa: PLR2004 - a pair
            stopped.setdefault(one, set()).add(other)
            stopped.setdefault(other, set()).add(one)
        return {pin: frozenset(others) for pin, others in stopped.items()}

    @cached_property
    def _larger(self) -> Mapping[Pin, tuple[frozenset[Pin], ...]]:
        """By pin, the rest of each larger obstacle."""
        larger: dict[Pin, list[frozenset[Pin]]] = {}
        for pins in (each for each in self.obstacles if len(each) > 2):  # noqa: PLR2004 - a pair
            for pin in pins:
                larger.setdefault(pin, []).append(frozenset(pins) - {pin})
        return {pin: tuple(others) for pin, others in larger.items()}

    @cached_property
    def _ages(self) -> Mapping[Pin, float]:
        """When each value was new, as a part of the field's time; by its place where no day is known."""
        days = self.field.released.values()
        first, last = min(days, default=0), max(days, default=1)
        ages: dict[Pin, float] = {}
        for axis, values in self.field.axes.items():
            for number, value in enumerate(values):
                day = self.field.released.get((axis, value))
                place = number / max(1, len(values) - 1)
                ages[axis, value] = place if day is None else (day - first) / max(1, last - first)
        return ages


@dataclass(frozen=True, kw_only=True)
class _State:
    """Where a search is: what was chosen, and by axis what else could be and what it would add."""

    chosen: Pins
    ways: Mapping[str, Mapping[Pin, float]]
    spent: float
    age: float

    @property
    def narrowest(self) -> str:
        """The axis that leaves least choice: a dead end shows early."""
        return min(self.ways, key=lambda axis: len(self.ways[axis]))

    @property
    def bound(self) -> float:
        """What any row from here costs at least."""
        return self.spent + sum(min(prices.values()) for prices in self.ways.values())
