"""What is committed under reports/ is what the committed records say."""

import io
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from rich.console import Console

from harness.commands import report
from harness.commands.places import Places
from harness.matrix.config import load_matrix

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "reports"
PLANS = [
    name
    for name in load_matrix(ROOT / "matrix.toml").plans
    if Places(matrix=ROOT / "matrix.toml", state=ROOT, reports=COMMITTED).report(name, "json").exists()
]


class LongAgo(datetime):
    """A day on which no expectation of matrix.toml has expired."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "LongAgo":
        return cls(2026, 11, 1, tzinfo=tz)


@pytest.mark.parametrize("plan", PLANS)
def test_a_report_is_of_all_records(plan: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "datetime", LongAgo)
    (tmp_path / "runs").symlink_to(COMMITTED / "runs")
    # What is behind a page, and whether it is one of the pages that the default one names.
    for page in COMMITTED.glob("*.md"):
        (tmp_path / page.name).touch()
    places = Places(matrix=ROOT / "matrix.toml", state=tmp_path / "state", reports=tmp_path)
    report.run_report(plan, places, Console(file=io.StringIO()))
    written = [path for path in tmp_path.iterdir() if path.is_file() and path.stat().st_size]
    assert {path.suffix for path in written} == {".md", ".json"}
    for path in written:
        again = f"`nox -s report -- --plan {plan}` writes another {path.name}"
        assert path.read_text() == (COMMITTED / path.name).read_text(), again
