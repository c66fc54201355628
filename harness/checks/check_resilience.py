"""Resilience: what becomes of tasks when Redis, a worker, a beat or a database breaks, fault by fault."""

import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.checks.live import LiveCell
from harness.checks.resilience.run import SCENARIOS, run_scenarios, run_server_scenarios
from harness.checks.resilience.servers import SERVER_SCENARIOS
from harness.contract.promise import Promise, judge
from harness.contract.resilience import PROMISES
from harness.contract.span import NotObserved
from harness.model import ServerKind
from harness.services.choose import find_database
from harness.services.databases import NAMES, Missing, Program

pytestmark = pytest.mark.stage("resilience")


@pytest.fixture(scope="session")
def seen(cell: LiveCell, observe: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    """What every scenario showed, each played once."""
    if cell.database == "sqlite":
        seen = run_scenarios(cell, tmp_path_factory.mktemp("resilience"))
    else:
        seen = run_server_scenarios(cell, _program(cell, cell.database))
    observe("resilience", seen)
    return seen


def _program(cell: LiveCell, kind: ServerKind) -> Program:
    """The program of a server of the cell's own. One whose URL is given is somebody's, and never broken."""
    environ = {"PATH": os.environ.get("PATH", os.defpath)}
    found = find_database(kind, environ, log=cell.work / "version.log", marker=cell.marker)
    if isinstance(found, Program):
        return found
    why = found.remedy if isinstance(found, Missing) else "the one that is given is somebody's"
    pytest.skip(f"no {NAMES[kind]} of its own that could be broken: {why}")


@pytest.mark.parametrize("scenario", [*SCENARIOS, *SERVER_SCENARIOS])
def check_played(cell: LiveCell, seen: Mapping[str, Any], scenario: str) -> None:
    """Each scenario could be played to its end."""
    if scenario not in (SCENARIOS if cell.database == "sqlite" else SERVER_SCENARIOS):
        pytest.skip(f"not played on {NAMES[cell.database]}")
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
