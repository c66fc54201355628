"""An answer that runs nothing loads nothing of what runs cells: half a second that nobody has to wait for."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = ROOT / "docs" / "how-to" / "check"
# What runs cells, reads package indexes and talks to databases.
HEAVY = {
    "celery",
    "pytest",
    "psycopg",
    "pymysql",
    "redis",
    "pypi_simple",
    "bs4",
    "requests",
    "selenium",
    "harness.cell.runner",
}
LOADED = """
import json, sys
from harness.cli import main
main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
"""


@pytest.mark.parametrize(
    "question",
    [
        ("pick", "--no-verify", "django==4.2.*", "python==3.11"),
        ("check", "requirements.txt", "--python", "3.9", "--folder", str(HERE)),
        ("explain", "izone@izone"),
    ],
    ids=lambda question: question[0],
)
def test_an_answer_loads_nothing_that_runs_cells(question: tuple[str, ...], tmp_path: Path) -> None:
    places = [
        "--matrix",
        str(ROOT / "matrix.toml"),
        "--reports",
        str(ROOT / "reports"),
        "--state",
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *question, *places],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "harness.records.shelf" in loaded
    assert loaded & HEAVY == set()
