"""The report for people who read the repository: a table, what fails, what to know, how it was made."""

from collections.abc import Iterable, Iterator

from harness.model import Verdict
from harness.report.view import Row, View
from harness.report.words import axis_name, count_of, duration, headline, machine_line

_SIGNS = {
    Verdict.WORKS: "✅ works",
    Verdict.CAVEATS: "🟡 works with caveats",
    Verdict.BROKEN: "❌ broken",
    Verdict.UNRESOLVABLE: "🚫 unresolvable",
    Verdict.FLAKY: "🎲 flaky",
    Verdict.UNTESTED: "▫️ untested",
}
_NEEDS_A_SECTION = (Verdict.BROKEN, Verdict.UNRESOLVABLE, Verdict.FLAKY, Verdict.UNTESTED)


def render(view: View) -> str:
    """The whole file."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    yield f"# The plan `{view.plan}`"
    yield ""
    yield f"**{headline(view.counts)}.**"
    yield "Every verdict is read from the records of a live worker and a live beat: [how](#how)."
    for profile in dict.fromkeys(row.profile for row in view.rows):
        yield ""
        yield f"## Profile `{profile}`"
        yield ""
        yield from _table(view, [row for row in view.rows if row.profile == profile])
    yield from _failures([row for row in view.rows if row.verdict in _NEEDS_A_SECTION])
    yield from _caveats(view.rows)
    yield from _how(view)


def _table(view: View, rows: Iterable[Row]) -> Iterator[str]:
    headings = ["stack", *map(axis_name, view.axes), "index", "verdict", "why"]
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        cells = [f"`{row.stack}`", *(row.versions[axis] for axis in view.axes), row.index]
        sign = _SIGNS[row.verdict]
        if row.verdict in _NEEDS_A_SECTION:
            sign = f"[{sign}](#{_anchor(row.cell)})"
        yield f"| {' | '.join([*cells, sign, _cell(_why(row))])} |"


def _why(row: Row) -> str:
    if row.note:
        return row.note
    if row.verdict is Verdict.CAVEATS:
        return count_of(len(row.caveats), "caveat")
    return f"`{row.problems[0].signature}`" if row.problems else ""


def _failures(rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield "## What fails, and where"
    for row in rows:
        yield ""
        yield f"### {row.cell}"
        yield ""
        yield f"{row.reason}. **{row.verdict}**{f': {row.note}' if row.note else ''}"
        for problem in row.problems:
            yield ""
            known = f": [{problem.expected}]({problem.link})" if problem.link else ""
            yield f"- `{problem.signature}`{known}"
            yield ""
            yield "  ```"
            yield from (f"  {line}" for line in problem.excerpt.splitlines())
            yield "  ```"
        yield ""
        yield f"Again: `{row.reproduce}`"


def _caveats(rows: Iterable[Row]) -> Iterator[str]:
    """Each sentence once, with the stacks it holds for."""
    told: dict[str, list[str]] = {}
    for row in rows:
        for sentence in row.caveats:
            told.setdefault(sentence, []).append(row.cell)
    if told:
        yield ""
        yield "## What to know of the ones that work"
    for sentence, cells in told.items():
        yield ""
        yield f"**{sentence[0].upper()}{sentence[1:]}.** Seen in {count_of(len(cells), 'cell')}:"
        yield ", ".join(f"`{cell}`" for cell in cells) + "."


def _how(view: View) -> Iterator[str]:
    yield ""
    yield '## <a name="how"></a>How this was made'
    yield ""
    yield f"By `nox -s matrix`, in run {', '.join(f'`{run}`' for run in view.runs) or 'none'};"
    yield f"the cells took {duration(view.seconds)} one after another, under a {view.clock or 'real'} clock."
    if view.machine is not None:
        yield f"Machine: {machine_line(view.machine)}."
        interpreters = ", ".join(view.machine.interpreters.values())
        yield f"Interpreters: {interpreters}."
    yield ""
    yield "*index* is the package index a stack was resolved against: as it is `today`, as it was on a day,"
    yield "or with declared caps ignored (`override`). Records with every lock are in [runs](runs)."


def _anchor(cell: str) -> str:
    """The anchor that code hosts give a heading: dots and @ are dropped."""
    return cell.lower().replace(".", "").replace("@", "")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
