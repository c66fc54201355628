"""Supervised: the article's supervisord.conf run for real, worker and beat killed and stopped under it."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from harness.checks.live import LiveCell
from harness.checks.supervised.run import SCENES, play_scenes
from harness.contract.promise import Promise, judge
from harness.contract.span import NotObserved
from harness.contract.supervised import PROMISES
from harness.env.supervisor import VERSION

pytestmark = pytest.mark.stage("supervised")


@pytest.fixture(scope="session")
def supervised(cell: LiveCell, observe: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    """What every scene showed, each played once."""
    if cell.database != "sqlite":
        pytest.skip("asked of cells on SQLite, whose file can be copied for every scene")
    seen = play_scenes(cell, tmp_path_factory.mktemp("supervised"))
    observe("supervised", {"supervisor": VERSION, **seen})
    return seen


@pytest.mark.parametrize("scene", SCENES)
def check_played(supervised: Mapping[str, Any], scene: str) -> None:
    """Worker and beat come up under supervisor, tasks flow, and the scene could be played to its end."""
    broke_off = supervised.get(scene, {}).get("broke_off")
    assert not broke_off, broke_off


@pytest.mark.parametrize(
    "promise",
    [pytest.param(each, id=each.id, marks=pytest.mark.caveat(each.caveat)) for each in PROMISES],
)
def check_promise(supervised: Mapping[str, Any], promise: Promise) -> None:
    """What people may expect of it, judged from what was seen."""
    try:
        instead = judge(promise, supervised)
    except NotObserved as reason:
        pytest.skip(str(reason))
    assert not instead, instead
