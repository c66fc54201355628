"""Resilience: what becomes of tasks when Redis, a worker, a beat or a database breaks, fault by fault."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.checks.live import LiveCell
from harness.checks.resilience.run import SCENARIOS, run_scenarios
from harness.contract.promise import Promise, judge
from harness.contract.resilience import PROMISES
from harness.contract.span import NotObserved

pytestmark = pytest.mark.stage("resilience")


@pytest.fixture(scope="session")
def seen(cell: LiveCell, observe: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    """What every scenario showed, each played once."""
    if cell.database != "sqlite":
        pytest.skip("asked of cells on SQLite, whose file can be copied for every scenario")
    seen = run_scenarios(cell, tmp_path_factory.mktemp("resilience"))
    observe("resilience", seen)
    return seen


@pytest.mark.parametrize("scenario", SCENARIOS)
def check_played(seen: Mapping[str, Any], scenario: str) -> None:
    """Each scenario could be played to its end."""
    broke_off = seen.get(scenario, {}).get("broke_off")
    assert not broke_off, broke_off


@pytest.mark.parametrize(
    "promise",
    [pytest.param(each, id=each.id, marks=pytest.mark.caveat(each.caveat)) for each in PROMISES],
)
def check_promise(seen: Mapping[str, Any], promise: Promise) -> None:
    """What people may expect of it, judged from what was seen."""
    try:
        instead = judge(promise, seen)
    except NotObserved as reason:
        pytest.skip(str(reason))
    assert not instead, instead
