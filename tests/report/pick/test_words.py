"""The whole text of an answer, as a terminal without colours shows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.answers.lived import Contract
from harness.answers.paths import find_path
from harness.answers.pick import Prefer
from harness.answers.resilience import read_required
from harness.model import CellResult, Stage
from harness.report.pick.make import Background, Start, make_path_view, make_pick_view
from harness.report.pick.view import PickView
from harness.report.pick.words import render
from tests.answers.test_pick import picked, wanting
from tests.answers.test_resilience import DEAF, broken
from tests.answers.test_why import FIELD
from tests.answers.world import MISSING, NEW, OLD, cell, facts
from tests.conftest import AssertExpected

HERE = Path(__file__).parent
BASE = cell(NEW, fails=MISSING)
MENDED = cell(
    NEW,
    name=f"{BASE.cell.partition('@')[0]}+packaging",
    beside=("packaging==26.3",),
    lines=("packaging",),
    caveats=("first_entry",),
)
LIVED = cell(NEW, name="lived", checks=(Stage.TIME,), caveats=("wall-clock",), stage=Stage.TIME)
BETWEEN = {**OLD, "celery": NEW["celery"], "redis": NEW["redis"]}


def answered(
    *results: CellResult, words: tuple[str, ...] = (), required: tuple[str, ...] = (), wide: bool = False
) -> PickView:
    found = facts(*results)
    wish = replace(wanting(*words), required=read_required(required, "sqlite"))
    background = _background(*results)
    relaxed = [("without redis>=6", picked(*results))] if wide else ()
    return make_pick_view(
        wish,
        picked(*results, wish=wish),
        replace(background, facts=found),
        readings=("django==5.2 is read as django==5.2.*",) if words else (),
        relaxed=relaxed,
    )


def upgraded(*results: CellResult) -> PickView:
    origin = {axis: version for axis, version in OLD.items() if axis != "redis"}
    wish = replace(wanting("django==5.2.*"), prefer=Prefer.NEAREST, origin=origin)
    goals, found = picked(*results, wish=wish), facts(*results)
    stations = picked(*results, wish=replace(wish, demands={}))
    begin = next((each for each in found.having(origin) if each.works), None)
    failing = next((each for each in found.having(origin) if each.breaks), None)
    lived = Contract(found, wish.circumstances).of(begin) if begin is not None else None
    start = Start(origin=origin, stack=begin, lived=lived, endured=(), failing=failing)
    background = _background(*results)
    steps = find_path(origin, stations.choices, goals.choices)
    return make_pick_view(wish, goals, background, path=make_path_view(start, steps, wish, background))


def _background(*results: CellResult) -> Background:
    return Background(facts=facts(*results), field=FIELD, drivers={}, plans=frozenset())


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("best", answered(BASE, MENDED, LIVED, cell(OLD))),
        ("none", answered(BASE, cell(OLD), words=("django==5.2", "redis>=6"), wide=True)),
        ("forbidden", answered(cell(OLD), words=("django==6.0", "python==3.11"))),
        (
            "broken",
            answered(cell(NEW, beside=("kombu==5.5.4",)), broken(seen=DEAF), cell(OLD)),
        ),
        (
            "required",
            answered(
                cell(NEW, beside=("kombu==5.5.4",)), broken(seen=DEAF), cell(OLD), required=("reconnect",)
            ),
        ),
        ("path", upgraded(cell(OLD, caveats=("late",)), cell(BETWEEN), cell(NEW))),
        ("from-what-fails", upgraded(cell(OLD, fails=MISSING), cell(NEW))),
        (
            "from-what-fails-elsewhere",
            upgraded(cell(OLD), cell(OLD, python="3.8", fails=MISSING), cell(NEW)),
        ),
    ],
)
def test_the_whole_answer(name: str, view: PickView, assert_expected: AssertExpected) -> None:
    assert_expected(render(view, width=110, colour=False), HERE / "expected" / f"{name}.txt")


def test_colours_are_for_terminals_only() -> None:
    view = answered(cell(NEW))
    assert "\x1b[" in render(view, width=110, colour=True)
    assert "\x1b[" not in render(view, width=110, colour=False)
