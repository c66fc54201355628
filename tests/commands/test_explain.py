"""`nox -s explain` on a few records, by its command line."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.commands import kept
from harness.matrix.releases import Releases, render_releases
from harness.records.store import RunWriter, run_path
from harness.report.explain_data import ANSWERS
from tests.report.explained import RUNS
from tests.values import MATRIX

Explain = Callable[..., tuple[int, str, str]]


@pytest.fixture
def explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Explain:
    """The command line, in a folder with the records of a cell that was mended."""
    (tmp_path / "matrix.toml").write_text(MATRIX)
    (tmp_path / "releases.json").write_text(render_releases(Releases(packages={})))
    for run in RUNS:
        writer = RunWriter(run_path(tmp_path / "reports" / "runs", run.header.run))
        writer.append(run.header)
        for result in run.results:
            writer.append(result)
    places = ("--matrix", "matrix.toml", "--state", "state", "--reports", "reports")
    flags = [str(tmp_path / each) if not each.startswith("--") else each for each in places]

    def run_it(*words: str) -> tuple[int, str, str]:
        code = main(["explain", *words, *flags])
        return (code, *capsys.readouterr())

    return run_it


def test_a_cell_is_told_from_the_records(explain: Explain) -> None:
    code, out, err = explain("old@plain")
    assert (code, err) == (0, "")
    assert out.startswith("old@plain  broken\n  run run-1 of the plan default")
    assert "  requirement: vine\n" in out
    assert "  old+vine@plain  works with caveats\n  asked otherwise: requirement vine besides\n" in out
    assert "History: 2 runs\n" in out


def test_a_misspelt_cell_is_read_as_what_it_is_meant_to_be(explain: Explain) -> None:
    code, out, _ = explain("odl@plain")
    assert code == 0
    assert out.startswith("'odl@plain' is read as 'old@plain'\nold@plain  broken\n")


def test_a_cell_that_was_not_run_is_no_misspelling(explain: Explain) -> None:
    code, out, err = explain("old-today@plain")
    assert (code, out) == (2, "")
    assert err.startswith("error: 'old-today@plain' has not been run; near it are ")
    assert "hint: run it: nox -s matrix -- --select 'old-today@plain' --keep\n" in err


@pytest.mark.parametrize("word", ["worker:missing-module:vine", "wroker:missing-module:vine"])
def test_a_signature_is_told_with_its_cells(explain: Explain, word: str) -> None:
    code, out, _ = explain(word)
    assert code == 0
    assert "worker:missing-module:vine\n    ModuleNotFoundError: No module named 'vine'\n" in out
    assert "  2 cells: 2 broken\n" in out


def test_versions_are_told_with_their_cells(explain: Explain) -> None:
    code, out, _ = explain("django==4.2", "vine>=5")
    assert code == 0
    assert "Cells that had django==4.2.* and vine>=5\n  1 cell: 1 works with caveats\n" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing:like:it"], "no cell of the records has shown 'nothing:like:it'"),
        (["nothing@like-it"], "no cell of the records is called 'nothing@like-it'"),
        (["flask"], "nothing is measured of 'flask'"),
        (["celery==9"], "no version of matrix.toml meets celery==9"),
        (["old"], "'old' is a stack; a cell is a stack under a profile"),
        (["old@plain", "--keep"], "--keep is for a cell that is run\nhint: say --rerun --keep"),
        (["celery==5.7", "--rerun"], "--rerun is for a cell"),
    ],
)
def test_what_cannot_be_told_is_said_with_a_reason(explain: Explain, words: list[str], told: str) -> None:
    code, out, err = explain(*words)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize("words", [["old@plain"], ["worker:missing-module:vine"], ["celery"]])
def test_json_is_what_the_schema_says(explain: Explain, words: list[str]) -> None:
    code, out, err = explain(*words, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["schema"] == 1
    ANSWERS.validate_json(out)


def test_what_follows_from_all_records_is_worked_out_once(
    explain: Explain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = explain("old@plain")
    with monkeypatch.context() as broken:
        broken.setattr(kept, "make_culprit_view", None)
        assert explain("old@plain") == first
    # A record more, and it is worked out anew.
    path = run_path(tmp_path / "reports" / "runs", "run-1")
    RunWriter(path).append(RUNS[1].results[0])
    monkeypatch.setattr(kept, "make_culprit_view", None)
    with pytest.raises(TypeError):
        explain("old@plain")


def test_of_many_records_what_is_to_blame_may_be_older_and_is_said_to_be(
    explain: Explain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MANY", 1)
    explain("celery")
    header = replace(RUNS[-1].header, run="run-9")
    writer = RunWriter(run_path(tmp_path / "reports" / "runs", header.run))
    writer.append(header)
    writer.append(replace(RUNS[-1].results[0], run="run-9", started="2026-09-01T10:00:00Z"))
    with monkeypatch.context() as patch:
        patch.setattr(kept, "work_out", None)
        _, out, _ = explain("old@plain")
        assert "  requirement: vine\n" in out
        assert out.endswith(
            "1 result came after it was worked out how pairs stand and what is to blame:"
            " nox -s report does so anew\n"
        )
        assert json.loads(explain("old@plain", "--json")[1])["behind"] == 1
        patch.setattr(kept, "know", None)
        assert json.loads(explain("celery", "--json")[1])["behind"] == 1
    monkeypatch.setattr(kept, "MANY", 100)
    assert "worked out" not in explain("old@plain")[1]


def test_what_is_to_blame_is_worked_out_anew_where_records_are_gone(
    explain: Explain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MANY", 1)
    explain("old@plain")
    run_path(tmp_path / "reports" / "runs", RUNS[0].header.run).unlink()
    assert "worked out" not in explain("old@plain")[1]
