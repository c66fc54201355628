import errno
import gc
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import CellResult
from harness.records.codec import encode
from harness.records.outline import outlined
from harness.records.store import Run, RunWriter, newest_results, read_run, read_runs, run_path
from tests.values import FAILED, FAILURE, FOOTER, HEADER, RESULT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return run_path(tmp_path / "runs", "run-1")


def written(path: Path) -> Run:
    run = read_run(path)
    assert run is not None
    return run


def test_what_is_appended_is_read_again(path: Path) -> None:
    writer = RunWriter(path)
    for record in (HEADER, RESULT, FOOTER):
        writer.append(record)
    assert written(path) == Run(path=path, header=HEADER, results=(RESULT,), footer=FOOTER, unreadable=0)


def test_a_run_without_a_footer_was_interrupted(path: Path) -> None:
    RunWriter(path).append(HEADER)
    assert written(path).footer is None


def test_a_torn_last_line_costs_itself(path: Path) -> None:
    RunWriter(path).append(HEADER)
    with path.open("a") as file:
        file.write(encode(RESULT)[:-10])
    assert (written(path).results, written(path).unreadable) == ((), 1)


def test_a_line_after_a_torn_one_is_a_line_of_its_own(path: Path) -> None:
    writer = RunWriter(path)
    writer.append(HEADER)
    with path.open("a") as file:
        file.write(encode(RESULT)[:-10])
    writer.append(RESULT)
    assert (written(path).results, written(path).unreadable) == ((RESULT,), 1)


def test_a_line_that_is_torn_within_a_character_costs_itself(path: Path) -> None:
    writer = RunWriter(path)
    writer.append(HEADER)
    with path.open("ab") as file:
        file.write('{"schema":1,"kind":"é'.encode()[:-1])
    writer.append(RESULT)
    assert (written(path).results, written(path).unreadable) == ((RESULT,), 1)


@pytest.mark.parametrize("end", ["\x85", "\u2028"])
def test_no_text_tears_a_line(path: Path, end: str) -> None:
    failure = replace(FAILURE, excerpt=f"one{end}two")
    result = replace(RESULT, attempts=(replace(FAILED, failure=failure),))
    for record in (HEADER, result):
        RunWriter(path).append(record)
    assert (written(path).results, written(path).unreadable) == ((result,), 0)


def test_two_writers_lose_no_line(path: Path) -> None:
    RunWriter(path).append(HEADER)
    start = threading.Barrier(2, timeout=30)
    results = {
        name: [replace(RESULT, cell=f"{name}-{number}@plain") for number in range(20)] for name in "ab"
    }

    def write(results: list[CellResult]) -> None:
        writer = RunWriter(path)
        start.wait()
        for result in results:
            writer.append(result)

    threads = [threading.Thread(target=write, args=(each,)) for each in results.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    run = written(path)
    assert run.unreadable == 0
    for name, expected in results.items():
        assert [result for result in run.results if result.cell.startswith(name)] == expected


WRITE = os.write


def write_nothing(_descriptor: int, _data: bytes) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def write_half(descriptor: int, data: bytes) -> int:
    """A disk that takes half of a line, and then no more."""
    if not data.startswith(b'{"schema"'):
        write_nothing(descriptor, data)
    return WRITE(descriptor, data[: len(data) // 2])


def sync_nothing(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("function", "failing"), [("write", write_nothing), ("write", write_half), ("fsync", sync_nothing)]
)
def test_a_full_disk_leaves_nothing_of_the_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, function: str, failing: Callable[..., object]
) -> None:
    writer = RunWriter(path)
    writer.append(HEADER)
    before = path.read_bytes()
    with monkeypatch.context() as disk:
        disk.setattr(os, function, failing)
        with pytest.raises(OSError, match="No space left"):
            writer.append(RESULT)
    assert path.read_bytes() == before
    writer.append(RESULT)
    assert (written(path).results, written(path).unreadable) == ((RESULT,), 0)


def test_a_disk_that_takes_a_line_in_pieces_gets_all_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", lambda descriptor, data: WRITE(descriptor, data[:7]))
        RunWriter(path).append(HEADER)
    assert written(path).header == HEADER


def test_a_file_without_a_header_is_no_run(path: Path) -> None:
    RunWriter(path).append(RESULT)
    assert read_run(path) is None
    assert read_runs(path.parent) == ()


def test_runs_are_read_oldest_first(tmp_path: Path) -> None:
    for name in ("20260802T", "20260801T"):
        RunWriter(run_path(tmp_path, name)).append(replace(HEADER, run=name))
    (tmp_path / "README.md").touch()
    assert [run.header.run for run in read_runs(tmp_path)] == ["20260801T", "20260802T"]


def test_the_runs_of_one_plan_are_read_alone(tmp_path: Path) -> None:
    for plan in ("default", "field"):
        writer = RunWriter(run_path(tmp_path, f"run-{plan}"))
        for record in (replace(HEADER, plan=plan), RESULT, FOOTER):
            writer.append(record)
    [run] = read_runs(tmp_path, plan="field")
    assert (run.header.plan, run.results, run.footer) == ("field", (RESULT,), FOOTER)


def test_a_run_is_read_in_outline(path: Path) -> None:
    for record in (HEADER, RESULT, replace(RESULT, attempts=(FAILED, FAILED)), FOOTER):
        RunWriter(path).append(record)
    whole, [outline] = written(path), read_runs(path.parent, outline=True)
    assert outline == replace(whole, results=tuple(map(outlined, whole.results)))


@pytest.mark.parametrize("collecting", [True, False])
def test_garbage_is_collected_as_before_a_run_was_read(path: Path, *, collecting: bool) -> None:
    RunWriter(path).append(HEADER)
    before = gc.isenabled()
    try:
        (gc.enable if collecting else gc.disable)()
        written(path)
        assert gc.isenabled() is collecting
    finally:
        (gc.enable if before else gc.disable)()


def test_where_nothing_has_been_run_there_are_no_runs(tmp_path: Path) -> None:
    assert read_runs(tmp_path / "runs") == ()


def test_the_newest_result_of_a_cell_counts(path: Path) -> None:
    def run(*results: CellResult) -> Run:
        return Run(path=path, header=HEADER, results=results, footer=None, unreadable=0)

    def result(cell: str, started: str) -> CellResult:
        return replace(RESULT, cell=cell, started=f"2026-08-01T{started}Z")

    first, last = result("a@p", "10:00:00"), result("a@p", "12:00:00")
    between, again = result("b@p", "11:00:00"), replace(result("b@p", "11:00:00"), seconds=1.0)
    other = result("c@p", "11:00:00")
    # An interrupted run that went on may have ended after the run that is listed behind it.
    newest = newest_results([run(last, between), run(first, other), run(again)], ["b@p", "d@p", "a@p"])
    assert list(newest.items()) == [("b@p", again), ("a@p", last)]
