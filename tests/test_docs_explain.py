"""The outputs in docs/how-to/explain.md are true: of what is said now, with … for what is left out."""

import re
import shlex
from pathlib import Path

import pytest

from harness.cli import main

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "explain.md"
BLOCKS = re.findall(r"```console\n\$ nox -s explain -- (.*)\n((?:(?!```).*\n)*)```", PAGE.read_text("utf-8"))


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_every_output_in_the_how_to_is_true(
    command: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--matrix", str(ROOT / "matrix.toml"), "--reports", str(ROOT / "reports")]
    main(["explain", *shlex.split(command, comments=True), *places])
    said = capsys.readouterr().out
    parts = [part.strip("\n") for part in shown.split("…\n")]
    assert len(said) > len(parts)
    at = 0
    for part in parts:
        assert part in said[at:], part
        at = said.index(part, at) + len(part)


def test_the_how_to_shows_something() -> None:
    assert len(BLOCKS) > 3
