import errno
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.records.store import RunWriter, run_path
from tests.values import HEADER, MATRIX, RESULT


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Harness = Callable[..., Said]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    matrix = tmp_path / "matrix.toml"
    matrix.write_text(MATRIX)
    return Places(matrix=matrix, state=tmp_path / "state", reports=tmp_path / "reports")


def flags(places: Places) -> list[str]:
    return ["--matrix", str(places.matrix), "--state", str(places.state), "--reports", str(places.reports)]


@pytest.fixture
def harness(places: Places, capsys: pytest.CaptureFixture[str]) -> Harness:
    """The command line, in this process and in a folder of its own."""

    def run(verb: str, *arguments: str) -> Said:
        try:
            code = main([verb, *flags(places), *arguments])
        except SystemExit as exit_:
            code = int(str(exit_.code))
        return Said(code, *capsys.readouterr())

    return run


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--help"])
    assert raised.value.code == 0
    told = capsys.readouterr().out
    assert all(verb in told for verb in ("matrix", "report", "doctor", "reference"))


@pytest.mark.parametrize("verb", ["matrix", "report", "doctor", "reference", "explain"])
def test_every_verb_has_help(harness: Harness, verb: str) -> None:
    said = harness(verb, "--help")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"usage: nox -s {verb} -- ")


def test_the_help_of_the_main_job_teaches_it(harness: Harness) -> None:
    told = harness("matrix", "--help").out
    for flag in ("--plan", "--select", "--jobs", "--keep", "--clock", "--failed", "--resume", "--list"):
        assert flag in told
    assert "nox -s matrix -- --select 'izone*'" in told
    codes = told.partition("exit codes:")[2]
    assert all(str(int(code)) in codes for code in ExitCode)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["matrix", "--plan", "defualt"], "no plan is called 'defualt'; did you mean 'default'?"),
        (["report", "--plan", "smal"], "no plan is called 'smal'; did you mean 'small'?"),
        (
            ["matrix", "--select", "odl@plain"],
            "'odl@plain' matches no cell of the plan 'default'; did you mean",
        ),
        (["matrix", "--failed"], "the plan 'default' has not been run\nhint: run it without --failed first"),
        (["matrix", "--jobs", "0"], "argument --jobs: at least 1"),
        (["matrix", "--clock", "sundial"], "argument --clock: invalid"),
        (["matrix", "--resume", "--no-resume"], "not allowed with argument"),
        (["matrix", "--slect", "x"], "unrecognized arguments: --slect"),
        (["martix"], "invalid choice: 'martix' (choose from"),
        (["matrix", "--jobs", "many"], "argument --jobs: 'many' is no number"),
        (["matrix", "--budget", "soon"], "argument --budget: 'soon' is no time; write 90s, 30m or 2h"),
    ],
)
def test_a_wrong_command_line_is_told_what_is_wrong_with_it(
    harness: Harness, places: Places, arguments: list[str], told: str
) -> None:
    said = harness(*arguments)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert not places.state.exists()


def test_a_bad_matrix_is_told_every_mistake(harness: Harness, places: Places) -> None:
    places.matrix.write_text(MATRIX.replace('like = "old"', 'like = "odl"').replace('"5.7"', '"five"'))
    said = harness("matrix")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "error: matrix.toml has 2 mistakes:",
        "  stacks.old-today.like: no stack is called 'odl'; did you mean 'old'?",
        "  axes.celery.values: 'five' is no version; write '4.2' (a series) or '4.2.1'",
    ]


def test_a_matrix_that_is_not_there_is_an_error(harness: Harness, places: Places) -> None:
    places.matrix.unlink()
    said = harness("matrix", "--list")
    assert (said.code, said.err) == (
        2,
        "error: matrix.toml has a mistake:\n  cannot be read: No such file or directory\n",
    )


def test_a_list_shows_the_plan_and_runs_nothing(harness: Harness, places: Places) -> None:
    said = harness("matrix", "--list", "--select", "old@*")
    assert (said.code, said.err) == (0, "")
    assert [line.rstrip() for line in said.out.splitlines()] == [
        "cell       Python  Django  Celery  resolution      reason",
        "old@plain  3.9     2.2.28  4.4.2   era 2023-07-16  as it was written",
        "old@izone  3.9     2.2.28  4.4.2   era 2023-07-16  as it was written",
        "left out: new@plain: nobody runs it (https://example.org/why)",
        "left out: new@izone: nobody runs it (https://example.org/why)",
        "2 cells of the plan default; nothing has been run",
    ]
    assert not places.state.exists()
    assert not places.reports.exists()


def test_a_report_is_made_of_the_records_and_runs_nothing(harness: Harness, places: Places) -> None:
    writer = RunWriter(run_path(places.records, "run-1"))
    writer.append(replace(HEADER, plan="small"))
    writer.append(RESULT)
    said = harness("report", "--plan", "small")
    assert (said.code, said.err) == (0, "")
    assert "2 cells: 1 works, 1 untested" in said.out
    assert {file.name for file in places.reports.iterdir()} == {"runs", "small.md", "small.json", *CULPRITS}
    assert not places.state.exists()


CULPRITS = ("culprits.md", "culprits.json")
FIELD = """
[plans.field]
reason = "all pairs"
stacks = ["old"]
profiles = ["plain"]
settle-pairs = true
"""
RELEASES = """{"schema": 1, "packages": {"celery": [
  {"version": "5.7.0", "uploaded": "2026-09-01", "requires_python": ">=3.10", "requires": []}
]}}
"""


@pytest.fixture
def field(places: Places) -> None:
    """A plan that settles pairs: two Pythons with one Django and one Celery."""
    places.matrix.write_text(MATRIX + FIELD)
    places.releases.write_text(RELEASES)


@pytest.mark.usefixtures("field")
def test_a_list_of_a_plan_that_settles_pairs_says_how_large_the_field_is(harness: Harness) -> None:
    said = harness("matrix", "--plan", "field", "--list")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith(
        "then rows of 2 of which packages declare 1 to fit, until each of 5 pairs is settled"
    )


@pytest.mark.usefixtures("field")
def test_a_row_is_selected_by_its_name(harness: Harness) -> None:
    row = "today-3.13-4.2-5.7@plain"
    said = harness("matrix", "--plan", "field", "--list", "--select", row)
    assert said.code == 0
    assert row in said.out
    assert harness("matrix", "--plan", "field", "--list", "--select", "today-3.13-4.2-5.8@plain").code == 2


@pytest.mark.usefixtures("field")
def test_a_report_of_pairs_counts_what_is_open_too(harness: Harness, places: Places) -> None:
    RunWriter(run_path(places.records, "run-1")).append(replace(HEADER, plan="field"))
    said = harness("report", "--plan", "field")
    assert (said.code, said.err) == (0, "")
    assert "5 pairs: 0 working as installed today" in said.out
    assert {file.name for file in places.reports.iterdir()} == {"runs", "field.md", "field.json", *CULPRITS}


CAPS = """
[plans.caps]
reason = "all caps"
profiles = ["plain"]
over-caps = true
"""
CAPPED = """{"schema": 1, "packages": {"celery": [
  {"version": "5.7.0", "uploaded": "2026-09-01", "requires_python": ">=3.9", "requires": ["Django<4"]}
], "django": [
  {"version": "4.2.1", "uploaded": "2023-05-03", "requires_python": ">=3.8", "requires": []}
]}}
"""


@pytest.fixture
def caps(places: Places) -> None:
    """A plan beyond the caps: Celery 5.7 declares that Django 4.2 is too new."""
    places.matrix.write_text(MATRIX + CAPS)
    places.releases.write_text(CAPPED)


@pytest.mark.usefixtures("caps")
def test_a_list_of_a_plan_beyond_the_caps_says_how_many_pairs_it_asks_for(harness: Harness) -> None:
    said = harness("matrix", "--plan", "caps", "--list")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].endswith("whether they work: 1 of Django with Celery")


@pytest.mark.usefixtures("caps")
def test_a_forced_row_is_selected_by_its_name(harness: Harness) -> None:
    row = "override-3.13-4.2-5.7@plain"
    said = harness("matrix", "--plan", "caps", "--list", "--select", row)
    assert said.code == 0
    assert row in said.out


@pytest.mark.usefixtures("caps")
def test_a_report_beyond_the_caps_counts_what_is_open_too(harness: Harness, places: Places) -> None:
    RunWriter(run_path(places.records, "run-1")).append(replace(HEADER, plan="caps"))
    said = harness("report", "--plan", "caps")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith("1 pair that only an upper cap forbids: 0 work")
    assert {file.name for file in places.reports.iterdir()} == {"runs", "caps.md", "caps.json", *CULPRITS}


def test_a_plan_that_settles_pairs_needs_the_releases(harness: Harness, places: Places) -> None:
    places.matrix.write_text(MATRIX + FIELD)
    said = harness("matrix", "--plan", "field", "--list")
    assert said.code == 2
    assert "releases.json has a mistake:\n  cannot be read" in said.err
    assert "nox -s update" in said.err


def test_a_full_disk_is_the_machine_s_fault(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_text(file: Path, *_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", file.name)

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", write_text)
        said = harness("report")
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("error: [Errno 28] No space left on device: ")
    assert "hint: make some space" in said.err


def test_other_trouble_with_files_comes_up_as_it_is(harness: Harness, places: Places) -> None:
    places.reports.touch()
    with pytest.raises(FileExistsError):
        harness("report")


def test_a_reader_who_has_gone_is_no_failure(places: Places) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        command = [sys.executable, "-m", "harness", "matrix", *flags(places), "--list"]
        ended = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_where_nothing_has_failed_there_is_nothing_to_diagnose(harness: Harness, places: Places) -> None:
    RunWriter(run_path(places.records, "run-1")).append(HEADER)
    said = harness("diagnose")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith("0 failures as installed today")
    assert {file.name for file in places.reports.iterdir()} == {"runs", *CULPRITS}


def test_a_failure_that_is_not_there_is_not_diagnosed(harness: Harness, places: Places) -> None:
    RunWriter(run_path(places.records, "run-1")).append(HEADER)
    said = harness("diagnose", "old@*")
    assert said.code == 2
    assert "'old@*' matches no failure of the plan 'default'" in said.err
    assert harness("diagnose", "--plan", "other").code == 2
