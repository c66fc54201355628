"""A gate for a summary on a code host: the headline and what fails open, everything else folded.

GitHub shows a summary of at most 1 MiB a step, and nothing of one that is longer.
"""

from collections.abc import Iterable, Iterator

from harness.gate.compare import Difference
from harness.report.gate import (
    GateRow,
    GateView,
    headline,
    lock_words,
    point_words,
    turned_words,
    unmet_words,
)
from harness.report.words import count_of

MOST_BYTES = 1024 * 1024
_ENOUGH_FOR_THE_END = 1024

_SIGNS = {
    Difference.REGRESSED: "❌",
    Difference.DRIFT: "🌊",
    Difference.FLAKY: "🎲",
    Difference.MISSING: "❓",
    Difference.UNDETERMINED: "❓",
    Difference.CHANGED: "🔁",
    Difference.FIXED: "✅",
    Difference.NEW: "🆕",
    Difference.SAME: "▫️",
}


def render(view: GateView, *, most: int = MOST_BYTES) -> str:
    """The whole text, of at most `most` bytes: cells that have no room are counted at the end."""
    parts = ["\n".join(_beginning(view)) + "\n"]
    room = most - len(parts[0].encode()) - _ENOUGH_FOR_THE_END
    rows = sorted(
        (row for row in view.rows if row.difference is not Difference.SAME or row.fails),
        key=lambda row: not row.fails,
    )
    for number, row in enumerate(rows):
        section = "\n".join(_section(row)) + "\n"
        room -= len(section.encode())
        if room < 0:
            parts.append(f"\n{count_of(len(rows) - number, 'more cell')}: see gate.json.\n")
            return "".join(parts)
        parts.append(section)
    parts.extend(f"{line}\n" for line in _same(view, room))
    return "".join(parts)


def _beginning(view: GateView) -> Iterator[str]:
    yield f"## Gate `{view.plan}`: {view.outcome}"
    yield ""
    yield f"{headline(view)}. Baseline: `{view.baseline}`."
    for each in view.unmet:
        yield ""
        cells = ", ".join(f"`{cell}`" for cell in each.cells[:20])
        yield f"- **{each.trouble} expectation** [{_flat(unmet_words(each))}]({each.link}): {cells}"
    for turned in view.turned:
        yield ""
        yield f"- {'✅' if turned.kept else '⚠️'} {_flat(turned_words(turned))}"
    failing = [row for row in view.rows if row.fails][:100]
    if failing:
        yield ""
        yield "| cell | | what | held back by |"
        yield "|---|---|---|---|"
    for row in failing:
        points = [point.name for point in row.points if point.worse or point.difference is row.difference]
        what = ", ".join(f"`{name}`" for name in points[:5]) or _flat(row.why)
        lines = " ".join(f"`{line}`" for line in row.lines)
        yield f"| `{row.cell}` | {_SIGNS[row.difference]} {row.difference} | {what} | {lines} |"


def _section(row: GateRow) -> Iterator[str]:
    yield ""
    yield f"<details><summary>{_SIGNS[row.difference]} <code>{row.cell}</code> {row.difference}</summary>"
    yield ""
    if row.why:
        yield f"{_flat(row.why)}."
        yield ""
    for line in row.lines:
        yield f"Held back by `{line}`."
        yield ""
    for point in row.points:
        yield f"- `{_flat(point_words(point))}`"
        if point.excerpt:
            yield from ("", "  ```", *(f"  {line}" for line in _unfenced(point.excerpt)), "  ```", "")
    for name in row.removed:
        yield f"- `{name}` is no longer checked"
    for change in lock_words(row.lock):
        yield f"- {change}"
    yield ""
    yield f"Again: `{row.reproduce}`"
    yield "</details>"


def _same(view: GateView, room: int) -> Iterator[str]:
    same = [row for row in view.rows if row.difference is Difference.SAME and not row.fails]
    lines = [f"- `{row.cell}`{_otherwise(row)}" for row in same]
    if same and len("\n".join(lines).encode()) < room:
        yield ""
        yield f"<details><summary>{count_of(len(same), 'cell')} the same</summary>"
        yield ""
        yield from lines
        yield "</details>"
    if view.left:
        yield ""
        yield f"In the baseline and planned no more: {', '.join(f'`{cell}`' for cell in view.left[:20])}."


def _otherwise(row: GateRow) -> str:
    told = [*lock_words(row.lock), *(f"`{name}` is no longer checked" for name in row.removed)]
    return f": {'; '.join(told)}" if told else ""


def _flat(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _unfenced(text: str) -> Iterable[str]:
    """Lines that cannot end the fence they stand in."""
    return (line.replace("```", "'''") for line in text.splitlines())
