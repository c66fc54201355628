from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.commands.places import Places
from harness.matrix.config import load_matrix
from harness.model import CellResult, ClockKind, RunFooter, RunHeader, Settled
from harness.records.store import RunWriter, read_runs, run_path
from tests.values import FAILED, FOOTER, HEADER, LOCK, MATRIX, RESULT

CELLS = ("old@plain", "old-today@plain")
Said = tuple[int, str, str]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    matrix = tmp_path / "matrix.toml"
    matrix.write_text(MATRIX)
    return Places(matrix=matrix, state=tmp_path / "state", reports=tmp_path / "reports")


@pytest.fixture
def merge(places: Places, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command line, on the folders of shards that are there."""

    def run(*folders: Path) -> Said:
        given = folders or (places.shards,)
        flags = ["--matrix", str(places.matrix), "--reports", str(places.reports)]
        code = main(["merge", *flags, *map(str, given)])
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def shard(places: Places) -> Callable[..., Path]:
    """Writes the run of a shard of the plan `small`."""

    def write(name: str, *results: CellResult, ended: bool = True, **changes: object) -> Path:
        header: RunHeader = replace(
            HEADER,
            run=name,
            plan="small",
            cells=tuple(result.cell for result in results),
            matrix=load_matrix(places.matrix).digest,
        )
        header = replace(header, **changes)  # type: ignore[arg-type]
        path = run_path(places.shards / name / "runs", name)
        writer = RunWriter(path)
        writer.append(header)
        for result in results:
            writer.append(replace(result, run=name))
        if ended:
            writer.append(RunFooter(run=name, ended=FOOTER.ended, seconds=FOOTER.seconds))
        return path

    return write


def result(cell: str) -> CellResult:
    return replace(RESULT, cell=cell)


BROKEN = replace(RESULT, cell=CELLS[1], attempts=(FAILED, FAILED), settled=Settled.REPEATED)


DIFFER = "their locks differ: vine==1.3.0 / vine==5.1.0"
ANOTHER = replace(LOCK, distributions=("celery==4.4.2", "django==2.2.28", "vine==5.1.0"))


def test_shards_become_one_run_and_its_report(
    merge: Callable[..., Said], shard: Callable[..., Path], places: Places
) -> None:
    shard("run-1", replace(result(CELLS[1]), seconds=2.0))
    shard("run-2", replace(BROKEN, cell=CELLS[0]))
    code, out, err = merge()
    assert (code, err) == (0, "")
    assert "2 of 2 cells of the plan small, of 2 runs" in out
    [run] = read_runs(places.records)
    assert run.header.cells == CELLS
    assert [(each.cell, each.run) for each in run.results] == [(CELLS[0], "run-2"), (CELLS[1], "run-1")]
    assert run.footer is not None
    assert run.footer.seconds == FOOTER.seconds
    assert (places.reports / "small.md").exists()


def test_what_is_merged_can_be_accepted_as_a_baseline(
    merge: Callable[..., Said], shard: Callable[..., Path], places: Places
) -> None:
    shard("run-1", result(CELLS[1]))
    shard("run-2", result(CELLS[0]))
    merge()
    flags = ["--matrix", str(places.matrix), "--reports", str(places.reports)]
    assert main(["baseline", *flags, "--plan", "small"]) == 0
    accepted = (places.reports / "baseline.jsonl").read_text(encoding="utf-8")
    assert all(cell in accepted for cell in CELLS)


def test_a_failure_that_is_not_expected_is_told_as_by_one_machine(
    merge: Callable[..., Said], shard: Callable[..., Path]
) -> None:
    shard("run-1", replace(BROKEN, cell=CELLS[0]), BROKEN)
    code, out, _ = merge()
    assert code == 1
    assert "1 not as expected" in out


def test_what_is_missing_is_told_with_whose_it_was_and_the_others_are_merged(
    merge: Callable[..., Said], shard: Callable[..., Path], places: Places
) -> None:
    shard("run-1", replace(BROKEN, cell=CELLS[0]))
    code, out, _ = merge()
    assert code == 3
    assert out.splitlines()[-1] == f"missing, for none of these runs was to have them: 1 cell: {CELLS[1]}"
    [run] = read_runs(places.records)
    assert run.footer is None  # `nox -s matrix` goes on with it
    shard("run-2", cells=CELLS[1:], ended=False)
    assert f"missing, as run-2 was interrupted: 1 cell: {CELLS[1]}" in merge()[1]


def test_all_that_does_not_belong_together_is_told_at_once(
    merge: Callable[..., Said], shard: Callable[..., Path], places: Places, tmp_path: Path
) -> None:
    shard("run-1", result(CELLS[1]))
    shard("run-2", replace(BROKEN, lock=ANOTHER))
    shard("run-3", clock=ClockKind.REAL, project="other", matrix="other")
    shard("run-4", plan="default")
    shard("run-5", plan="gone")
    shard("run-6", result("new@plain"))
    shard("run-7").write_text("{}\n")
    code, out, err = merge(places.shards, tmp_path / "not-there", places.state)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "error: nothing is merged, for 11 complaints:",
        f"  {places.shards}/run-7/runs/run-7.jsonl: is no run: its header cannot be read",
        f"  {tmp_path}/not-there: there is no such folder",
        f"  {places.state}: there is no such folder",
        "  run-3: was made by another matrix.toml than the one here",
        "  run-3: ran another project than run-1",
        "  run-3: ran under a real clock, and run-1 under a fake one",
        "  run-4: is of the plan 'default', and run-1 of 'small'",
        "  run-5: is of the plan 'gone', which matrix.toml has not",
        f"  {CELLS[1]}: works in run-1, but broken (worker:exited:worker/1) in run-2; {DIFFER}",
        "  not of the plan small: 1 cell: new@plain",
        "  missing, for none of these runs was to have them: 1 cell: old@plain",
        "hint: give the folders of all shards of one plan, made by one matrix.toml and one project",
    ]
    assert not places.records.exists()


def test_a_folder_without_records_is_told(merge: Callable[..., Said], tmp_path: Path) -> None:
    code, _, err = merge(tmp_path)
    assert code == 2
    assert f"nothing is merged, for 1 complaint:\n  {tmp_path}: has no records" in err


def test_a_folder_that_is_given_twice_counts_once(
    merge: Callable[..., Said], shard: Callable[..., Path], places: Places
) -> None:
    shard("run-1", replace(BROKEN, cell=CELLS[0]), result(CELLS[1]))
    assert merge(places.shards, places.shards)[0] == 0
