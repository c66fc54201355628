"""Schedules: entered while beat runs, fired at their instants, disabled while beat runs."""

import itertools
import json
from collections.abc import Callable

import pytest

from harness.checks.live import LiveCell
from harness.checks.schedules import EARLY, LATE, MINUTE, PERIOD, ScheduleExperiment, run_schedule_experiment

pytestmark = pytest.mark.stage("schedule")


@pytest.fixture(scope="session")
def schedules(cell: LiveCell, observe: Callable[..., None]) -> ScheduleExperiment:
    """The schedule experiment, run once."""
    try:
        experiment = run_schedule_experiment(cell)
    except Exception:
        observe("schedules", cell.so_far())
        raise
    observe("schedules", experiment.data())
    return experiment


@pytest.mark.caveat(
    "a running beat does not notice the first periodic task ever entered, only the second change"
)
def check_first_entry(schedules: ScheduleExperiment) -> None:
    """Beat notices a periodic task that is entered into an empty schedule while it runs."""
    assert schedules.first_noticed, "beat ticked on without noticing it"


def check_interval(schedules: ScheduleExperiment) -> None:
    """An interval entered while beat runs ticks at its period, neither silent nor in bursts."""
    ticks = _undisturbed(schedules, "every-30")
    assert len(ticks) == 4, f"it ticked {len(ticks)} times in two minutes"
    _assert_spaced([schedules.noticed, *ticks], PERIOD)


def check_minute_interval(schedules: ScheduleExperiment) -> None:
    """The article's interval of a minute ticks twice in two minutes."""
    ticks = _undisturbed(schedules, "every-60")
    assert len(ticks) == 2, f"it ticked {len(ticks)} times in two minutes"
    _assert_spaced([schedules.noticed, *ticks], MINUTE)


def check_crontab(schedules: ScheduleExperiment) -> None:
    """A crontab due at an instant fires then, once."""
    _assert_once(schedules.instants("crontab"), schedules.due["crontab"])


@pytest.mark.caveat("an interval that has not run yet is put off by every change of the schedule")
def check_waiting_interval(schedules: ScheduleExperiment) -> None:
    """An interval's first run comes a period after it was entered, whatever else is changed meanwhile."""
    _assert_once(schedules.instants("waiting")[:1], schedules.due["waiting"])


@pytest.mark.caveat("a clocked task does not run at its instant")
def check_clocked(schedules: ScheduleExperiment) -> None:
    """A clocked one-off fires at its instant, once."""
    _assert_once(schedules.instants("clocked"), schedules.due["clocked"])


@pytest.mark.caveat(
    "a clocked one-off that has run stays enabled until something else in the schedule changes"
)
def check_clocked_disables_itself(schedules: ScheduleExperiment) -> None:
    """A clocked one-off that has run is disabled soon after."""
    assert not schedules.clocked_stayed_enabled, f"it was still enabled {PERIOD:g} s later"


def check_disabled(schedules: ScheduleExperiment) -> None:
    """An entry disabled while beat runs is silent from then on."""
    later = [instant for instant in schedules.instants("every-30") if instant > schedules.disabled]
    assert not later, f"it ticked {len(later)} times after beat had noticed"


@pytest.mark.parametrize(
    ("entry", "sent"),
    [("every-30", {"args": [1, 9], "kwargs": {}}), ("every-60", {"args": [], "kwargs": {"x": 1, "y": 9}})],
    ids=["list", "dict"],
)
def check_arguments(schedules: ScheduleExperiment, entry: str, sent: dict[str, object]) -> None:
    """The JSON arguments of an entry arrive in the task."""
    sends = schedules.outcome.sends[entry]
    assert sends, "nothing was sent"
    result = schedules.outcome.arrived[sends[0].id]
    assert isinstance(result, str), "the task has no result"
    assert json.loads(result) == sent, f"{result} arrived"


def _undisturbed(schedules: ScheduleExperiment, entry: str) -> list[float]:
    """The ticks of the two minutes in which nothing was changed."""
    end = schedules.noticed + 2 * MINUTE + LATE
    return [instant for instant in schedules.instants(entry) if instant <= end]


def _assert_once(fired: list[float], due: float) -> None:
    assert fired, "it never fired"
    assert len(fired) == 1, f"it fired {len(fired)} times"
    assert -EARLY <= fired[0] - due <= LATE, f"it fired {fired[0] - due:+.1f} s off its instant"


def _assert_spaced(instants: list[float], period: float) -> None:
    gaps = [later - earlier for earlier, later in itertools.pairwise(instants)]
    uneven = [gap for gap in gaps if not period - EARLY <= gap <= period + LATE]
    assert not uneven, f"gaps of {', '.join(f'{gap:.1f}' for gap in uneven)} s instead of {period:g}"
