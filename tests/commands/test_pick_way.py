"""Which cells are run to know more of an upgrade; what a run of them then says is in tests/mini."""

import io
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from harness.answers.pick import pick
from harness.commands.facts import load_facts
from harness.commands.pick_asked import Asked, PickOptions, read_asked
from harness.commands.pick_way import cells_on_the_way, find_way
from harness.commands.places import Places
from harness.model import Cell, CellResult
from harness.records.store import RunWriter, run_path
from tests import values
from tests.answers.world import MISSING, NEW, OLD, cell

ROOT = Path(__file__).parents[2]
RESULTS = "2.5.1"  # of django-celery-results, which the small world has no axis of
FROM, TO = ({**some, "django-celery-results": RESULTS} for some in (OLD, NEW))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for name in ("matrix.toml", "releases.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    file = "".join(f"{axis}=={version}\n" for axis, version in FROM.items())
    (tmp_path / "requirements.txt").write_text(file, encoding="utf-8")
    return Places(matrix=tmp_path / "matrix.toml", state=tmp_path / "state", reports=tmp_path / "reports")


def run_for(places: Places, *results: CellResult, settings: tuple[str, ...] = ()) -> tuple[Asked, list[Cell]]:
    writer = RunWriter(run_path(places.records, values.HEADER.run))
    writer.append(values.HEADER)
    for result in results:
        writer.append(result)
    folder = places.matrix.parent
    options = PickOptions(folder=folder, origin="requirements.txt", to=("django==5.2.*",), settings=settings)
    asked = read_asked(options, places)
    facts = load_facts(asked.matrix.axes, places)
    way = find_way(asked, facts, pick(facts, asked.wish, asked.calendar))
    return asked, cells_on_the_way(way, asked, facts, Console(file=io.StringIO()))


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {axis for axis in after if before[axis] != after[axis]}


def test_a_step_of_several_packages_is_tried_in_steps_of_one(places: Places) -> None:
    _, cells = run_for(places, cell(FROM), cell(TO))
    stops = [FROM, *({axis: each.stack.pins[axis] for axis in TO} for each in cells), TO]
    assert [len(changed(*pair)) for pair in pairwise(stops)] == [1, 1, 1, 1]
    assert {each.stack.python for each in cells} == {"3.12"}


def test_what_has_been_seen_to_work_between_is_not_run_again(places: Places) -> None:
    steps = [FROM, *({**FROM, **{axis: TO[axis] for axis in list(TO)[:n]}} for n in range(1, 4)), TO]
    assert run_for(places, *map(cell, steps))[1] == []


def test_where_nobody_has_seen_what_one_has_it_is_run_as_well(places: Places) -> None:
    _, [first, *_] = run_for(places, cell(TO))
    assert {axis: first.stack.pins[axis] for axis in FROM} == FROM


def test_what_fails_is_not_run_on_the_way(places: Places) -> None:
    middle = [{**FROM, axis: TO[axis]} for axis in changed(FROM, TO)]
    failing = [cell(each, fails=MISSING, name=f"broken-{n}") for n, each in enumerate(middle)]
    assert run_for(places, cell(FROM), cell(TO), *failing)[1] == []


def test_a_step_that_was_seen_under_other_settings_is_run_under_the_users(places: Places) -> None:
    asked, cells = run_for(places, cell(FROM), cell({**FROM, "django": "5.2.1"}), settings=("USE_TZ=False",))
    [again] = cells
    assert again.profile.settings == asked.wish.circumstances.settings
    assert again.stack.pins["django"] == "5.2.1"
