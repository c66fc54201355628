"""A gate as JUnit XML, as Jenkins and GitLab read it: a case for each cell and each unmet expectation."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.gate.compare import Difference
from harness.report.gate import GateRow, GateView, UnmetRow, lock_words, point_words, unmet_words

# What XML 1.0 cannot hold, however it is written: logs have colours.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Of these nobody knows what the versions do: JUnit's error. The rest is its failure.
_ERRORS = frozenset({Difference.DRIFT, Difference.MISSING, Difference.UNDETERMINED})


def render(view: GateView) -> str:
    """The whole file."""
    failing = [row for row in view.rows if row.fails]
    errors = sum(row.difference in _ERRORS for row in failing)
    counts = {
        "tests": str(len(view.rows) + len(view.unmet)),
        "failures": str(len(failing) - errors + len(view.unmet)),
        "errors": str(errors),
    }
    suites = Element("testsuites", counts)
    name = f"gate {view.plan}"
    suite = SubElement(
        suites, "testsuite", {"name": name, **counts, "skipped": "0", "time": f"{view.seconds:.3f}"}
    )
    for row in view.rows:
        _case(suite, row, view.plan)
    for each in view.unmet:
        _expectation(suite, each, view.plan)
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _case(suite: Element, row: GateRow, plan: str) -> None:
    case = SubElement(
        suite,
        "testcase",
        {"classname": f"gate.{plan}", "name": row.cell, "time": f"{row.seconds:.3f}"},
    )
    text = "\n".join(_lines(row))
    if row.fails:
        kind = "error" if row.difference in _ERRORS else "failure"
        worst = [point_words(point) for point in row.points if point.difference is row.difference]
        message = _xml(worst[0] if worst else f"{row.difference}: {row.why}")
        SubElement(case, kind, {"type": str(row.difference), "message": message}).text = _xml(text)
    elif text:
        SubElement(case, "system-out").text = _xml(text)


def _expectation(suite: Element, unmet: UnmetRow, plan: str) -> None:
    name = f"{unmet.trouble} expectation {unmet.signature} of {', '.join(unmet.cells)}"
    case = SubElement(
        suite, "testcase", {"classname": f"gate.{plan}.expectations", "name": _xml(name), "time": "0.000"}
    )
    message = _xml(unmet_words(unmet))
    SubElement(case, "failure", {"type": str(unmet.trouble), "message": message}).text = unmet.link


def _lines(row: GateRow) -> list[str]:
    lines = [row.why] if row.why else []
    lines += [f"held back by: {line}" for line in row.lines]
    for point in row.points:
        lines += [point_words(point), *(f"  {line}" for line in point.excerpt.splitlines())]
    lines += [f"no longer checked: {name}" for name in row.removed]
    lines += lock_words(row.lock)
    return [*lines, f"again: {row.reproduce}"] if lines else []


def _xml(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
