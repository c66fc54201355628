"""The report of culprits: the failures are made up, what is found of them is not."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from harness.diagnosis.known import Known
from harness.model import Failure, Reason, Stage
from harness.records.store import Run
from harness.report import data, markdown_culprits, terminal_culprits
from harness.report.culprits import CulpritView, make_culprit_view
from tests.conftest import AssertExpected
from tests.diagnosis.world import World, ask_all, row
from tests.values import FOOTER, HEADER

CELLS = [
    *(row(django=django) for django in ("3.1", "3.2", "4.2", "5.0", "5.1")),
    *(row(celery=celery) for celery in ("4.4", "5.5", "5.7")),
    row(django="2.2", celery="5.5"),
    row(python="3.12"),
    row(python="3.13", django="2.2"),
]


def failure(reason: Reason, detail: str, excerpt: str) -> Failure:
    return Failure(stage=Stage.WORKER, reason=reason, detail=detail, excerpt=excerpt, log="worker.log")


MISSING = failure(Reason.MISSING_MODULE, "packaging", "ModuleNotFoundError: No module named 'packaging'")
OLD = failure(Reason.MISSING_MODULE, "pkg_resources", "No module named 'pkg_resources'")
MISMATCH = failure(Reason.RAISED, "VersionMismatch", "kombu.VersionMismatch: needs another redis")
LOST = failure(Reason.RAISED, "Both", "nobody knows")
HOPELESS = failure(Reason.EXITED, "worker/1", "worker ended with code 1")


def judge(lock: Mapping[str, str], pins: Mapping[str, str]) -> Failure | None:
    """One failure of each kind."""
    match pins["celery"], pins["python"]:
        case ["4.4", _]:
            return HOPELESS
        case ["5.5", _]:
            return MISSING if "packaging" not in lock else None
        case ["5.7", _]:
            return LOST if Version(lock["vine"]) > Version("1.3") or lock["amqp"] == "5.4" else None
        case [_, "3.12"]:
            setuptools = lock.get("setuptools", "82")
            return OLD if Version(setuptools) >= Version("82") else None
        case [_, "3.13"]:
            return (
                failure(Reason.IMPORT_NAME, "force_unicode", "no force_unicode")
                if pins["django"] == "2.2"
                else None
            )
        case _:
            return MISMATCH if Version(lock["kombu"]) >= Version("5.6") else None


@pytest.fixture(scope="module")
def view() -> CulpritView:
    world = World(
        releases={
            "amqp": ["5.3", "5.4"],
            "kombu": ["5.3", "5.4", "5.5", "5.6", "5.7"],
            "packaging": ["25.0"],
            "setuptools": ["80.0", "81.0", "82.0"],
            "vine": ["1.3", "5.0"],
        },
        had={"amqp": "5.3", "kombu": "5.3", "setuptools": "80.0", "vine": "1.3"},
        judge=judge,
        extra=frozenset({"packaging", "setuptools"}),
    )
    known = Known()
    with_packaging = row(django="2.1", celery="5.5")
    with_packaging = replace(with_packaging, stack=replace(with_packaging.stack, requirements=("packaging",)))
    known.learn(world.run(with_packaging))
    ask_all(world, [row(python="3.13"), *CELLS], known)
    run = Run(
        path=Path("run-1.jsonl"),
        header=replace(HEADER, plan="field"),
        results=tuple(known),
        footer=FOOTER,
        unreadable=0,
    )
    return make_culprit_view([run], None)


def test_culprits_for_readers_of_the_repository(view: CulpritView, assert_expected: AssertExpected) -> None:
    assert_expected(markdown_culprits.render(view), Path(__file__).with_name("culprits.md"))


def test_culprits_for_programs(view: CulpritView, assert_expected: AssertExpected) -> None:
    assert_expected(data.render(view), Path(__file__).with_name("culprits.json"))


def test_culprits_for_a_terminal(view: CulpritView, assert_expected: AssertExpected) -> None:
    text = terminal_culprits.render(view, among={cell.id for cell in CELLS})
    assert_expected(text, Path(__file__).with_name("culprits.txt"))


def test_a_terminal_tells_of_what_was_asked_for(view: CulpritView) -> None:
    text = terminal_culprits.render(view, among={row(celery="5.7").id})
    assert "Both" in text
    assert "VersionMismatch" not in text
    assert "worker/1" not in text


def test_without_failures_there_is_nothing_to_tell() -> None:
    text = markdown_culprits.render(make_culprit_view([], None))
    assert "0 failures as installed today: 0 explained by 0 culprits (0 of them not tried), 0 not" in text
    assert "## Constraints" not in text
