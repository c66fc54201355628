"""What the pages say of each other, and what the committed reports must not say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("reports/*.md"),
        ROOT / "sample_project/README.md",
    ]
)
REPORTS = sorted([*ROOT.glob("reports/**/*.jsonl"), *ROOT.glob("reports/*.json"), *ROOT.glob("reports/*.md")])
# Folders and names that only the machine of a run has.
MACHINE = re.compile(
    r"/(?:root|home|Users|tmp|var/folders|work)/|@(?!\{host\}|izone|startproject|\*)[a-z0-9-]+ ready"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_row_of_the_readme_is_in_the_report() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    excerpt = readme.partition("<!-- rows:")[2].partition("<!-- rows end -->")[0]
    rows = [line for line in excerpt.splitlines() if line.startswith("| `")]
    report = (ROOT / "reports" / "README.md").read_text(encoding="utf-8").replace("(#", "(reports/README.md#")
    assert len(rows) > 3
    assert [row for row in rows if row not in report] == []


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_no_report_names_the_machine_that_made_it(report: Path) -> None:
    assert MACHINE.findall(report.read_text(encoding="utf-8")) == []


def test_every_decision_has_context_and_consequences() -> None:
    for decision in (ROOT / "docs" / "decisions").glob("*.md"):
        text = decision.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(decision.name[:4])}. "), decision.name
        for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
            assert part in text, f"{decision.name} lacks {part}"
