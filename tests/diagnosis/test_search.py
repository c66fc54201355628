"""A diagnosis in worlds with planted culprits."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from harness.diagnosis.culprits import diagnose_again
from harness.diagnosis.finding import Finding, Kind
from harness.diagnosis.known import Known, Outcome, outcome_of
from harness.diagnosis.search import CELLS
from harness.model import Cell, Failure, Reason, Stage
from tests.diagnosis.world import FAILURE, World, row, to_the_end

NAMES = [f"lib{letter}" for letter in "abcdefghijklmnop"]
CELL = row()


def failure(reason: Reason, detail: str, excerpt: str = "") -> Failure:
    return Failure(stage=Stage.WORKER, reason=reason, detail=detail, excerpt=excerpt, log="worker.log")


def world_of(
    broken: Mapping[str, str],
    *,
    names: list[str] = NAMES,
    how: Failure = FAILURE,
    unresolvable: frozenset[frozenset[str]] = frozenset(),
) -> World:
    """Ten releases of each: the third was the newest then.

    It fails as long as one of `broken` is at its version or newer. `unresolvable` are the distributions of
    which nobody can have some as of then without the others.
    """
    releases = {name: [f"{number}.0" for number in range(1, 11)] for name in names}

    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        worse = any(Version(lock[name]) >= Version(first) for name, first in broken.items())
        return how if worse else None

    def conflict(lock: Mapping[str, str]) -> bool:
        old = {name for name, version in lock.items() if Version(version) <= Version("3.0")}
        return any(old & some and not some <= old for some in unresolvable)

    return World(releases=releases, had=dict.fromkeys(names, "3.0"), judge=judge, unresolvable=conflict)


@given(st.sampled_from(NAMES), st.integers(min_value=4, max_value=10))
def test_one_release_is_found_with_the_first_bad_one(name: str, first: int) -> None:
    world, known = world_of({name: f"{first}.0"}), Known()
    diagnosis = to_the_end(world, CELL, known)
    [finding] = diagnosis.findings
    assert (finding.kind, finding.lines, finding.constrains) == (Kind.RELEASE, (f"{name}<{first}",), True)
    assert (finding.parts[0].good, finding.parts[0].bad) == (f"{first - 1}.0", f"{first}.0")
    assert finding.worked_then
    assert shown(finding, known)
    assert len(world.asked) <= CELLS + 1


@settings(max_examples=15)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.integers(min_value=4, max_value=10), min_size=2, max_size=3),
    st.sets(st.frozensets(st.sampled_from(NAMES), min_size=2, max_size=3), max_size=2),
)
def test_several_are_found_and_none_of_them_can_be_left_out(
    broken: dict[str, int], unresolvable: set[frozenset[str]]
) -> None:
    world = world_of(
        {name: f"{first}.0" for name, first in broken.items()}, unresolvable=frozenset(unresolvable)
    )
    known = Known()
    diagnosis = to_the_end(world, CELL, known, cells=200)
    [finding] = diagnosis.findings
    assert diagnose_again(world.run(CELL), known) == diagnosis
    assert finding.kind is Kind.TOGETHER
    assert set(broken) <= {part.name for part in finding.parts}
    assert shown(finding, known)
    # What cannot be left out: without it the cell fails, or cannot be resolved.
    for some in combinations(finding.lines, len(finding.lines) - 1):
        assert outcome_of(world.run(requiring(CELL, *some))) is not Outcome.PASSES


@settings(max_examples=30)
@given(
    st.sampled_from(NAMES),
    st.integers(min_value=4, max_value=10),
    st.sets(st.frozensets(st.sampled_from(NAMES), min_size=2, max_size=4), max_size=3),
)
def test_what_is_found_is_true_where_not_all_can_be_resolved(
    name: str, first: int, unresolvable: set[frozenset[str]]
) -> None:
    world, known = world_of({name: f"{first}.0"}, unresolvable=frozenset(unresolvable)), Known()
    diagnosis = to_the_end(world, CELL, known)
    assert all(shown(finding, known) for finding in diagnosis.findings)
    assert diagnosis.findings or diagnosis.why_not
    assert len(world.asked) <= CELLS + 1


@given(st.sampled_from(NAMES), st.integers(min_value=4, max_value=10))
def test_the_records_alone_show_the_same(name: str, first: int) -> None:
    world, known = world_of({name: f"{first}.0"}), Known()
    diagnosis = to_the_end(world, CELL, known)
    [failing] = [each for each in known if each.cell == CELL.id]
    assert diagnose_again(failing, Known(reversed(list(known)))) == diagnosis


@pytest.mark.parametrize("excerpt", ["libm.exceptions.Broken: no idea", "it needs libb-x, says LibM"])
def test_what_the_failure_names_is_tried_before_halving(excerpt: str) -> None:
    world = world_of({"libm": "7.0"}, how=failure(Reason.RAISED, "Broken", excerpt))
    [finding] = to_the_end(world, CELL, Known()).findings
    assert finding.lines == ("libm<7",)
    # The cell, then, the guess, three or four to halve six releases, the line.
    assert len(world.asked) <= 7


def test_a_module_that_is_missing_is_required_and_blamed() -> None:
    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        lacks = lock["kombu"] >= "5.6" and "packaging" not in lock
        return failure(Reason.MISSING_MODULE, "packaging") if lacks else None

    world = World(
        releases={"kombu": ["5.3", "5.4", "5.5", "5.6", "5.7"], "packaging": ["25.0"]},
        had={"kombu": "5.3"},
        judge=judge,
        extra=frozenset({"packaging"}),
    )
    known = Known()
    known.learn(world.run(requiring(row(django="3.2"), "packaging")))
    required, blamed = to_the_end(world, CELL, known).findings
    assert (required.kind, required.lines, required.constrains) == (Kind.REQUIREMENT, ("packaging",), False)
    assert (blamed.kind, blamed.lines, blamed.constrains) == (Kind.RELEASE, ("kombu<5.6",), True)


def requiring(cell: Cell, *lines: str) -> Cell:
    return replace(cell, stack=replace(cell.stack, requirements=lines))


def test_what_is_dragged_along_is_blamed_and_not_what_drags_it() -> None:
    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        return FAILURE if lock["kombu"] == "5.7" else None

    world = World(
        releases={"amqp": ["5.3", "5.4", "5.5"], "kombu": ["5.4", "5.5", "5.6", "5.7"]},
        had={"amqp": "5.3", "kombu": "5.4"},
        judge=judge,
        drags={"amqp": lambda version: {} if version == "5.5" else {"kombu": "5.6"}},
    )
    [finding] = to_the_end(world, CELL, Known()).findings
    assert finding.lines == ("kombu<5.7",)


def test_what_nobody_ever_installed_is_not_installed_for_its_name() -> None:
    world = world_of({"liba": "5.0"}, how=failure(Reason.MISSING_MODULE, "evil"))
    to_the_end(world, CELL, Known())
    assert not [cell for cell in world.asked if "evil" in cell.stack.requirements]


def test_an_older_release_of_what_nothing_asks_for() -> None:
    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        has = "setuptools" in lock and Version(lock["setuptools"]) < Version("82.0.0")
        return None if has else failure(Reason.MISSING_MODULE, "pkg_resources")

    world = World(
        releases={"kombu": ["5.3"], "setuptools": ["79.0.1", "80.0.0", "81.0.0", "82.0.0", "82.0.1"]},
        had={"kombu": "5.3", "setuptools": "79.0.1"},
        judge=judge,
        extra=frozenset({"setuptools"}),
    )
    [finding] = to_the_end(world, CELL, Known()).findings
    assert (finding.kind, finding.lines, finding.constrains) == (Kind.RELEASE, ("setuptools<82",), False)
    assert (finding.parts[0].good, finding.worked_then) == ("81.0.0", False)


def test_what_nothing_holds_back_is_tried_older_and_older() -> None:
    def judge(lock: Mapping[str, str], _: Mapping[str, str]) -> Failure | None:
        has = "setuptools" in lock and Version(lock["setuptools"]) < Version("82")
        return None if has else failure(Reason.MISSING_MODULE, "pkg_resources")

    world = World(
        releases={"kombu": ["5.3"], "setuptools": [f"{number}.0" for number in range(70, 92)]},
        had={"kombu": "5.3", "setuptools": "91.0"},
        judge=judge,
        extra=frozenset({"setuptools"}),
    )
    [finding] = to_the_end(world, CELL, Known()).findings
    assert finding.lines == ("setuptools<82",)


def test_where_then_fails_too_values_are_taken_over_from_the_nearest_cell_that_passes() -> None:
    def judge(_: Mapping[str, str], pins: Mapping[str, str]) -> Failure | None:
        return FAILURE if (pins["django"], pins["celery"]) == ("4.2", "5.2") else None

    world, known = World(releases={}, had={}, judge=judge), Known()
    for cell in (row(python="3.8", celery="5.7", django="5.0"), row(python="3.8", celery="5.3")):
        known.learn(world.run(cell))
    diagnosis = to_the_end(world, CELL, known)
    [finding] = diagnosis.findings
    assert (finding.kind, finding.change.pins) == (Kind.VERSIONS, (("celery", "5.3"),))
    assert (finding.lines, finding.constrains, finding.worked_then) == (("celery==5.3.*",), False, False)
    assert shown(finding, known)


def test_as_few_values_as_possible_are_taken_over() -> None:
    def judge(_: Mapping[str, str], pins: Mapping[str, str]) -> Failure | None:
        return None if (pins["django"], pins["celery"]) == ("5.0", "5.3") else FAILURE

    world, known = World(releases={}, had={}, judge=judge), Known()
    known.learn(world.run(row(python="3.8", celery="5.3", django="5.0")))
    [finding] = to_the_end(world, CELL, known).findings
    assert finding.change.pins == (("django", "5.0"), ("celery", "5.3"))


def test_a_cell_that_is_like_nothing_that_passes_is_given_up() -> None:
    diagnosis = to_the_end(World(releases={}, had={}, judge=lambda *_: FAILURE), CELL, Known())
    assert (diagnosis.findings, diagnosis.why_not) == ((), "no cell with these settings passes")


def test_it_ends_when_the_cells_are_spent() -> None:
    world = world_of(dict.fromkeys(NAMES[::2], "4.0"))
    diagnosis = to_the_end(world, CELL, Known(), cells=6)
    assert (diagnosis.findings, diagnosis.why_not) == ((), "6 cells were not enough")
    assert len(world.asked) == 7


def test_a_release_that_cannot_be_resolved_is_passed_over() -> None:
    world, known = world_of({"libc": "7.0"}), Known()
    world.absent = frozenset({"libc==5.0", "libc==6.0", "libc==7.0"})
    [finding] = to_the_end(world, CELL, known).findings
    assert (finding.parts[0].good, finding.parts[0].bad) == ("4.0", "8.0")


def test_a_release_that_the_index_did_not_tell_of_is_found_by_the_line() -> None:
    world, known = world_of({"libc": "7.0"}), Known()
    whole = world.releases_of
    world.releases_of = lambda name: [each for each in whole(name) if each.version != "7.0"]  # type: ignore[method-assign]
    [finding] = to_the_end(world, CELL, known).findings
    assert (finding.parts[0].good, finding.parts[0].bad, finding.lines) == ("6.0", "7.0", ("libc<7",))


def shown(finding: Finding, known: Known) -> bool:
    """Whether a cell that passes and one that fails are in the records."""
    outcomes = {each.cell: outcome_of(each) for each in known}
    return (
        outcomes[finding.passing] is Outcome.PASSES
        and outcomes[finding.failing] is Outcome.FAILS
        and outcomes[finding.cell] is Outcome.FAILS
    )
