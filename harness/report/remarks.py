"""What code hosts show beside lines of matrix.toml: GitHub's annotations, GitLab's code quality. Pure."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from harness.gate.compare import Difference
from harness.report.gate import GateRow, GateView, point_words, unmet_words

# GitHub shows so many of a step, and says nothing of the others.
_MOST_ANNOTATIONS = 10
_SEVERITY = {Difference.REGRESSED: "critical", Difference.FLAKY: "major", Difference.MISSING: "major"}


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something that fails the gate, at a line of a file. `name` stays the same from run to run."""

    name: str
    kind: str
    message: str
    line: int
    severity: str


def annotations(view: GateView, matrix: str, *, file: str) -> str:
    """GitHub's workflow commands; `matrix` is the text of matrix.toml, `file` its name in the repository."""
    remarks = list(_remarks(view, matrix))
    shown = remarks if len(remarks) <= _MOST_ANNOTATIONS else remarks[: _MOST_ANNOTATIONS - 1]
    lines = [
        f"::error file={_property(file)},line={each.line},title={_property(f'gate: {each.kind}')}"
        f"::{_data(each.message)}"
        for each in shown
    ]
    if len(shown) < len(remarks):
        more = f"{len(remarks) - len(shown)} more"
        lines.append(f"::error file={_property(file)},line=1,title=gate::{more}: see the summary")
    return "".join(f"{line}\n" for line in lines)


def code_quality(view: GateView, matrix: str, *, file: str) -> str:
    """GitLab's report of code quality."""
    issues = [
        {
            "description": each.message,
            "check_name": f"gate-{each.kind}",
            "fingerprint": hashlib.sha256(each.name.encode()).hexdigest(),
            "severity": each.severity,
            "location": {"path": file, "lines": {"begin": each.line}},
        }
        for each in _remarks(view, matrix)
    ]
    return json.dumps(issues, indent=1) + "\n"


def _remarks(view: GateView, matrix: str) -> Iterator[Remark]:
    for row in view.rows:
        if row.fails:
            yield Remark(
                name=f"{row.cell} {' '.join(point.name for point in row.points if point.worse)}",
                kind=str(row.difference),
                message=_message(row),
                line=_line_of_stack(row.cell.partition("@")[0], matrix),
                severity=_SEVERITY.get(row.difference, "minor"),
            )
    for each in view.unmet:
        yield Remark(
            name=f"{each.trouble} {each.signature} {' '.join(each.cells)}",
            kind=f"{each.trouble} expectation",
            message=unmet_words(each),
            line=_line_with(f'signature = "{each.signature}"', matrix),
            severity="major",
        )


def _message(row: GateRow) -> str:
    points = [point_words(point) for point in row.points if point.worse or point.difference is row.difference]
    told = "; ".join([*points[:3], *filter(None, [row.why])])
    held = f"; held back by {' '.join(row.lines)}" if row.lines else ""
    return f"{row.cell} {row.difference}: {told}{held}"


def _line_of_stack(stack: str, matrix: str) -> int:
    for header in (f'[stacks."{stack}"]', f"[stacks.{stack}]"):
        if header in matrix:
            return _line_with(header, matrix)
    return 1


def _line_with(text: str, matrix: str) -> int:
    before, found, _ = matrix.partition(text)
    return before.count("\n") + 1 if found else 1


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
