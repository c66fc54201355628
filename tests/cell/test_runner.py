"""How many attempts count, and when they say enough."""

import ensurepip
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell.runner import (
    ATTEMPTS_THAT_COUNT,
    MOST_ATTEMPTS,
    Workshop,
    run_cell,
    settle,
    why_skipped,
)
from harness.env.interpreters import Interpreter
from harness.matrix.config import parse_matrix
from harness.matrix.question import make_question
from harness.model import (
    Attempt,
    CellResult,
    ClockKind,
    Failure,
    Installer,
    Question,
    Reason,
    Resolution,
    Settled,
    Stage,
)
from harness.proc.marker import Marker
from harness.services.databases import Missing
from harness.services.programs import RedisProgram
from tests.env.index import LocalIndex, Release
from tests.proc.processes import PATIENCE
from tests.values import CELL, ERRORED, FAILED, FAILED_CHECK, FAILURE, MATRIX, PASSED

CAVEAT = replace(PASSED, checks=(replace(FAILED_CHECK, caveat="a crontab is late"),))
KNOWN = replace(FAILED, failure=replace(FAILURE, reason=Reason.NOT_READY, detail=""))


def knows(failures: Sequence[Failure]) -> bool:
    """Expect the failure of KNOWN, and nothing else."""
    return [failure.signature for failure in failures] == ["worker:not-ready"]


def knows_nothing(failures: Sequence[Failure]) -> bool:
    """Expect nothing: never asked about an attempt without failures."""
    assert failures
    return False


@pytest.mark.parametrize(
    ("attempts", "settled"),
    [
        ([], None),
        # what passes without a failure is not repeated
        ([PASSED], Settled.CLEAN),
        ([ERRORED, PASSED], Settled.CLEAN),
        ([ERRORED, ERRORED, PASSED], Settled.CLEAN),
        # a failure is, once, whatever comes of it
        ([FAILED], None),
        ([FAILED, FAILED], Settled.REPEATED),
        ([FAILED, PASSED], Settled.REPEATED),
        ([FAILED, KNOWN], Settled.REPEATED),
        # a caveat is a failure too
        ([CAVEAT], None),
        ([CAVEAT, CAVEAT], Settled.REPEATED),
        ([CAVEAT, FAILED], Settled.REPEATED),
        # unless it is known
        ([KNOWN], Settled.EXPECTED),
        ([ERRORED, KNOWN], Settled.EXPECTED),
        ([ERRORED, ERRORED, KNOWN], Settled.EXPECTED),
        # what the machine did does not count, and is borne only so often
        ([ERRORED], None),
        ([ERRORED, ERRORED], None),
        ([ERRORED, ERRORED, ERRORED], Settled.MACHINE),
        ([ERRORED, FAILED], None),
        ([FAILED, ERRORED], None),
        ([ERRORED, FAILED, FAILED], Settled.REPEATED),
        ([FAILED, ERRORED, FAILED], Settled.REPEATED),
        ([FAILED, ERRORED, PASSED], Settled.REPEATED),
        # one failure that could not be repeated is nothing to go by
        ([FAILED, ERRORED, ERRORED], Settled.MACHINE),
        ([ERRORED, ERRORED, FAILED], Settled.MACHINE),
    ],
)
def test_attempts_settle(attempts: list[Attempt], settled: Settled | None) -> None:
    assert settle(attempts, knows, knows_nothing) is settled


@pytest.mark.parametrize(
    ("attempts", "settled"),
    [
        # what passes is repeated, too
        ([PASSED], None),
        ([PASSED, PASSED], Settled.CLEAN),
        ([KNOWN], None),
        ([KNOWN, KNOWN], Settled.EXPECTED),
        # what is so once and otherwise once is neither
        ([PASSED, FAILED], Settled.REPEATED),
        ([PASSED, KNOWN], Settled.REPEATED),
        ([KNOWN, PASSED], Settled.REPEATED),
        ([FAILED, FAILED], Settled.REPEATED),
        # the machine may interfere once
        ([ERRORED, PASSED], None),
        ([ERRORED, PASSED, PASSED], Settled.CLEAN),
        ([ERRORED, ERRORED, PASSED], Settled.MACHINE),
    ],
)
def test_attempts_settle_that_are_to_be_two_at_least(
    attempts: list[Attempt], settled: Settled | None
) -> None:
    assert settle(attempts, knows, knows_nothing, at_least=2) is settled


def test_expectations_are_asked_only_about_failures() -> None:
    assert settle([PASSED], knows_nothing, knows_nothing) is Settled.CLEAN
    assert settle([ERRORED, FAILED], knows_nothing, knows_nothing) is None


def test_what_other_cells_confirmed_is_not_repeated() -> None:
    assert settle([KNOWN], knows_nothing, knows) is Settled.KNOWN
    assert settle([ERRORED, KNOWN], knows_nothing, knows) is Settled.KNOWN
    assert settle([KNOWN], knows, knows) is Settled.EXPECTED
    assert settle([FAILED], knows_nothing, knows) is None


@pytest.mark.parametrize("attempt", [PASSED, FAILED, ERRORED, CAVEAT, KNOWN])
def test_there_is_always_an_end(attempt: Attempt) -> None:
    assert settle([attempt] * MOST_ATTEMPTS, knows, knows_nothing) is not None


def test_a_failure_can_be_repeated_even_when_the_machine_fails_once() -> None:
    assert MOST_ATTEMPTS > ATTEMPTS_THAT_COUNT


def workshop_in(tmp_path: Path) -> Workshop:
    """One without any interpreter or server."""
    return Workshop(
        run="run-1",
        marker=Marker("1.1/run-1"),
        cache=tmp_path / "cache",
        work=tmp_path / "work",
        source=tmp_path / "project",
        source_digest="0123456789abcdef",
        interpreters={},
        missing_interpreters={},
        path_prefix=(),
        redis=RedisProgram(path=tmp_path / "redis", origin="nowhere", version="redis 7.0"),
        servers={},
        missing_servers={
            "mariadb": Missing(
                kind="mariadb", why="no server program", remedy="apt-get install mariadb-server"
            )
        },
        clock=ClockKind.FAKE,
        attempts=1,
        clock_library=None,
        timeouts={},
        checks=(Stage.TASK,),
        expected=lambda _cell, failures: knows(failures),
        known=knows_nothing,
        keep=False,
    )


def test_a_cell_without_its_database_is_skipped_with_the_one_command_that_adds_it(tmp_path: Path) -> None:
    told: list[Stage] = []
    workshop = workshop_in(tmp_path)
    cell = replace(CELL, profile=replace(CELL.profile, database="mariadb"))
    question = make_question(cell, parse_matrix(MATRIX))
    result = run_cell(cell, question, workshop, lambda _cell, stage: told.append(stage))
    assert result.skipped == ("no MariaDB on this machine: no server program; apt-get install mariadb-server")
    assert (result.attempts, result.database, told) == ((), "mariadb", [])


def test_a_cell_that_only_a_browser_has_to_do_with_is_skipped_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    workshop = workshop_in(tmp_path)
    only = replace(workshop, checks=(Stage.BROWSER,))
    assert why_skipped(CELL, only) == (
        "no browser on this machine: no chromium and no chromedriver on PATH;"
        " apt-get install chromium chromium-driver"
    )
    # With other checks it is worth running, and the checks say so themselves.
    assert not why_skipped(CELL, replace(only, checks=(Stage.BROWSER, Stage.TASK)))


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[LocalIndex]:
    """An index of one release, and the only one."""
    for variable in os.environ:
        if variable.upper().startswith("UV_") or variable.upper().endswith("_PROXY"):
            monkeypatch.delenv(variable)
    with LocalIndex([Release(name="django", version="4.2.11")]) as index:
        monkeypatch.setenv("UV_DEFAULT_INDEX", index.url)
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
        yield index


@pytest.mark.live
@pytest.mark.usefixtures("index")
def test_what_pip_chooses_as_uv_does_is_not_run_again(tmp_path: Path) -> None:
    result = run_by_pip("django==4.2.*", tmp_path)
    assert (result.settled, result.skipped) == (Settled.SAME, "pip chooses what uv chooses")
    assert (result.installer, result.pip) == (Installer.PIP, ensurepip.version())
    assert result.lock is not None
    assert result.lock.distributions == ("django==4.2.11",)
    assert result.attempts == ()
    assert not (tmp_path / "cache" / "environments").exists()


@pytest.mark.live
@pytest.mark.usefixtures("index")
def test_what_pip_refuses_is_a_failure_like_any_other(tmp_path: Path) -> None:
    result = run_by_pip("django==9.9.*", tmp_path)
    assert (result.settled, result.skipped, result.lock) == (Settled.REPEATED, "", None)
    assert result.pip == ensurepip.version()
    assert [attempt.signatures for attempt in result.attempts] == [{"resolve:no-such-version:django"}] * 2


def run_by_pip(requirement: str, tmp_path: Path) -> CellResult:
    interpreter = Interpreter(version=platform.python_version(), path=Path(sys.executable).resolve())
    workshop = replace(
        workshop_in(tmp_path),
        # A living harness's: nobody else takes its processes for orphans.
        marker=Marker.of_this_harness("run-1"),
        interpreters={CELL.stack.python: interpreter},
        timeouts={"resolve": PATIENCE, "build": PATIENCE},
    )
    cell = replace(CELL, stack=replace(CELL.stack, installer=Installer.PIP))
    asked = Question(
        requirements=(requirement,), pinned=(), resolution=Resolution.TODAY, as_of=None, grace_days=30
    )
    return run_cell(cell, asked, workshop, lambda _cell, _stage: None)
