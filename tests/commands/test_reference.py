from collections.abc import Callable
from pathlib import Path

import pytest

from harness.commands.places import Places
from harness.commands.reference import run_reference
from harness.errors import ExitCode
from harness.model import Reason, Stage, Status, Verdict
from tests.commands.conftest import Printed

PAGES = [
    "matrix.schema.json",
    "explain.schema.json",
    "matrix.md",
    "check.schema.json",
    "pick.schema.json",
    "commands.md",
    "records.md",
    "words.md",
]

Reference = Callable[..., ExitCode]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "docs" / "reference"


@pytest.fixture
def reference(tmp_path: Path, printed: Printed) -> Reference:
    places = Places(matrix=tmp_path / "matrix.toml", state=tmp_path / "state", reports=tmp_path / "reports")

    def run(*, check: bool = False, usage: str = "usage: nox -s matrix") -> ExitCode:
        return run_reference(
            check=check, help_texts={"nox -s matrix": usage}, places=places, console=printed.console
        )

    return run


def test_pages_are_written_and_named(reference: Reference, folder: Path, printed: Printed) -> None:
    assert reference() is ExitCode.OK
    assert sorted(file.name for file in folder.iterdir()) == sorted(PAGES)
    assert printed.lines() == [f"docs/reference/{page}: written" for page in PAGES]


def test_pages_that_are_as_the_code_says_are_let_be(reference: Reference, printed: Printed) -> None:
    reference()
    written = printed.lines()
    assert reference() is reference(check=True) is ExitCode.OK
    assert printed.lines() == written


def test_a_check_names_the_page_that_differs_and_changes_nothing(
    reference: Reference, folder: Path, printed: Printed
) -> None:
    reference()
    (folder / "words.md").write_text("by hand\n")
    assert reference(check=True) is ExitCode.UNEXPECTED
    assert printed.lines()[len(PAGES) :] == [
        "docs/reference/words.md: is not what the code says; run `nox -s reference`"
    ]
    assert (folder / "words.md").read_text() == "by hand\n"


def test_a_check_names_the_pages_that_are_missing(
    reference: Reference, folder: Path, printed: Printed
) -> None:
    assert reference(check=True) is ExitCode.UNEXPECTED
    assert [line.partition(":")[0] for line in printed.lines()] == [
        f"docs/reference/{page}" for page in PAGES
    ]
    assert not folder.exists()


def test_a_changed_help_text_makes_the_page_of_commands_differ(
    reference: Reference, printed: Printed
) -> None:
    reference()
    assert reference(check=True, usage="usage: nox -s matrix [--new]") is ExitCode.UNEXPECTED
    assert printed.lines()[-1].startswith("docs/reference/commands.md: ")


def test_every_word_of_a_closed_set_is_on_its_page(reference: Reference, folder: Path) -> None:
    reference()
    words, commands = (folder / "words.md").read_text(), (folder / "commands.md").read_text()
    assert all(f"`{word}`" in words for kind in (Stage, Status, Verdict, Reason) for word in kind)
    assert all(f"| {int(code)} | {code.name.lower()} |" in commands for code in ExitCode)
