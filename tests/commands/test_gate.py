"""The gate and its baseline on records, without a live cell: what is worse has no lock to be tried."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.contract.resilience import NAME
from harness.errors import ExitCode
from harness.model import CellResult, Lock, Observation, Settled, Stage
from harness.records.store import RunWriter, run_path
from tests.answers.test_resilience import DEAF
from tests.contract.test_resilience import SEEN
from tests.values import ERRORED, FAILED, FOOTER, HEADER, MATRIX, PASSED, RESULT

PLAN = '\n[plans.gate]\nreason = "two cells"\nstacks = ["old*"]\nprofiles = ["plain"]\n'
OLD, TODAY = "old@plain", "old-today@plain"
KNOWN_TO_FAIL = replace(RESULT, attempts=(FAILED, FAILED), settled=Settled.EXPECTED)
WORKS = replace(RESULT, cell=TODAY)
AS_EXPECTED = (KNOWN_TO_FAIL, WORKS)


@dataclass(frozen=True)
class Checkout:
    """A folder with a matrix.toml, in which commands are given."""

    folder: Path

    def record(self, results: Sequence[CellResult], folder: str = "reports/runs") -> str:
        """Records of the plan, as if they had been made now; returns their folder."""
        number = len(list(self.folder.rglob("run-*.jsonl")))
        name = f"run-{number}"
        writer = RunWriter(run_path(self.folder / folder, name))
        writer.append(replace(HEADER, run=name, plan="gate", cells=(OLD, TODAY)))
        for result in results:
            writer.append(replace(result, run=name, started=f"2026-08-01T10:00:{number:02}Z"))
        writer.append(replace(FOOTER, run=name))
        return str(self.folder / folder)

    def call(self, verb: str, *arguments: str) -> int:
        """What the shell gets."""
        places = {"--matrix": "matrix.toml", "--state": "state", "--reports": "reports"}
        given = [word for name, place in places.items() for word in (name, str(self.folder / place))]
        return main([verb, *given, *arguments])

    def said(self) -> dict[str, str]:
        """By cell, what the last gate said."""
        gate = json.loads((self.folder / "reports/gate/gate.json").read_text(encoding="utf-8"))
        return {row["cell"]: row["difference"] for row in gate["rows"]}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    for variable in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "matrix.toml").write_text(MATRIX + PLAN, encoding="utf-8")
    made = Checkout(tmp_path)
    made.record(AS_EXPECTED)
    assert made.call("baseline") == ExitCode.OK
    return made


def test_the_same_lets_pass(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    now = checkout.record(AS_EXPECTED, "now")
    assert checkout.call("gate", "--recorded", now) == ExitCode.OK
    assert capsys.readouterr().out.endswith("2 cells: 0 undetermined, 2 same\nNothing is worse.\n")
    assert (checkout.folder / "reports/gate/failed.txt").read_text(encoding="utf-8") == ""


def test_a_shard_that_is_missing_is_named(checkout: Checkout) -> None:
    now = checkout.record([KNOWN_TO_FAIL], "now")
    assert checkout.call("gate", "--recorded", now) == ExitCode.UNEXPECTED
    assert checkout.said() == {OLD: "same", TODAY: "missing"}
    assert (checkout.folder / "reports/gate/failed.txt").read_text(encoding="utf-8") == f"{TODAY}\n"


def test_no_records_at_all_are_no_pass(checkout: Checkout) -> None:
    assert checkout.call("gate", "--recorded", str(checkout.folder / "none")) == ExitCode.UNEXPECTED
    assert checkout.said() == {OLD: "missing", TODAY: "missing"}


def test_a_known_failure_that_passes_is_stale(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    now = checkout.record([replace(RESULT, cell=OLD), WORKS], "now")
    assert checkout.call("gate", "--recorded", now) == ExitCode.UNEXPECTED
    assert checkout.said() == {OLD: "fixed", TODAY: "same"}
    assert "stale expectation  worker:exited*" in capsys.readouterr().out


def test_a_known_failure_past_its_day_is_told_though_nothing_else_has_changed(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix = checkout.folder / "matrix.toml"
    matrix.write_text(matrix.read_text(encoding="utf-8").replace("2027-05-31", "2020-05-31"), "utf-8")
    now = checkout.record(AS_EXPECTED, "now")
    assert checkout.call("gate", "--recorded", now) == ExitCode.UNEXPECTED
    assert "was expected until 2020-05-31" in capsys.readouterr().out


def test_what_the_machine_kept_from_being_determined_has_its_own_exit_code(checkout: Checkout) -> None:
    lost = replace(WORKS, attempts=(ERRORED,) * 3, settled=Settled.MACHINE)
    now = checkout.record([KNOWN_TO_FAIL, lost], "now")
    assert checkout.call("gate", "--recorded", now) == ExitCode.UNDETERMINED
    assert checkout.said() == {OLD: "same", TODAY: "undetermined"}
    # Nor is it accepted: what is known of it stays.
    before = (checkout.folder / "reports/baseline.jsonl").read_text(encoding="utf-8")
    assert checkout.call("baseline", "--recorded", now) == ExitCode.UNDETERMINED
    assert (checkout.folder / "reports/baseline.jsonl").read_text(encoding="utf-8") == before


def test_some_cells_are_held_against_the_baseline_by_a_file(checkout: Checkout) -> None:
    now = checkout.record([KNOWN_TO_FAIL], "now")
    only = checkout.folder / "failed.txt"
    only.write_text(f"{OLD}\n", encoding="utf-8")
    assert checkout.call("gate", "--recorded", now, "--only", f"@{only}") == ExitCode.OK
    assert checkout.said() == {OLD: "same"}


def test_what_is_accepted_is_the_baseline_from_then_on(checkout: Checkout) -> None:
    fixed = [replace(RESULT, cell=OLD), WORKS]
    checkout.record(fixed)
    assert checkout.call("baseline", "--select", "old-today@*") == ExitCode.OK
    now = checkout.record(fixed, "now")
    checkout.call("gate", "--recorded", now)
    assert checkout.said() == {OLD: "fixed", TODAY: "same"}
    assert checkout.call("baseline") == ExitCode.OK
    checkout.call("gate", "--recorded", now)
    assert checkout.said() == {OLD: "same", TODAY: "same"}


def test_promises_that_are_known_otherwise_of_other_versions_are_told_and_fail_nothing(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    def with_celery(version: str, result: CellResult) -> CellResult:
        lock = Lock(distributions=(f"celery=={version}", "kombu==5.2.4", "redis==4.3.4"), python="3.9.18")
        return replace(result, lock=lock)

    def broken(version: str, seen: Mapping[str, Any]) -> CellResult:
        played = replace(PASSED, observations=(Observation(name=NAME, data=seen),))
        name = f"broken-{version}@plain"
        asked = replace(RESULT, cell=name, attempts=(played,), checks=(Stage.RESILIENCE,))
        return with_celery(version, asked)

    checkout.record([broken("5.1.2", SEEN), broken("5.2.7", DEAF)])
    checkout.record([KNOWN_TO_FAIL, with_celery("5.1.2", WORKS)])
    assert checkout.call("baseline") == ExitCode.OK
    now = checkout.record([KNOWN_TO_FAIL, with_celery("5.2.7", WORKS)], "now")
    assert checkout.call("gate", "--recorded", now) == ExitCode.OK
    told = " ".join(capsys.readouterr().out.split())
    assert "No longer so with the versions of 1 cell, as was seen of their series: Redis is killed" in told
    assert "(reconnect-killed)" in told


def test_the_formats_are_written_and_the_summary_is_given_to_github(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = checkout.folder / "summary"
    summary.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    checkout.call("gate", "--recorded", checkout.record([KNOWN_TO_FAIL], "now"))
    names = {path.name for path in (checkout.folder / "reports/gate").iterdir()}
    assert names == {"summary.md", "gate.json", "junit.xml", "code-quality.json", "failed.txt"}
    own = (checkout.folder / "reports/gate/summary.md").read_text(encoding="utf-8")
    assert summary.read_text(encoding="utf-8") == f"before\n{own}"
    assert "title=gate%3A missing::old-today@plain missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--plan", "none"], "no plan is called 'none'"),
        (["--plan", "small"], "is the baseline of the plan 'gate', not of 'small'"),
        (["--baseline", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["--select", "olf*"], "'olf*' matches no cell"),
    ],
)
def test_what_does_not_exist_is_told(
    arguments: list[str], told: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checkout.call("gate", *arguments) == ExitCode.BAD_INPUT
    assert told in capsys.readouterr().err


def test_a_torn_baseline_is_told_with_its_lines(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    path = checkout.folder / "reports/baseline.jsonl"
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    assert checkout.call("gate") == ExitCode.BAD_INPUT
    assert "baseline.jsonl:3: " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["@nowhere.txt", "@empty.txt"])
def test_a_file_that_names_no_cell_is_told(
    text: str, checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(checkout.folder)
    Path("empty.txt").touch()
    with pytest.raises(SystemExit) as raised:
        checkout.call("gate", "--only", text)
    assert raised.value.code == ExitCode.BAD_INPUT
    assert text[1:] in capsys.readouterr().err


def test_without_records_there_is_nothing_to_accept(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checkout.call("baseline", "--recorded", str(checkout.folder / "none")) == ExitCode.BAD_INPUT
    assert "nox -s matrix -- --plan gate" in capsys.readouterr().err
