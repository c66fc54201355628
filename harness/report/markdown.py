"""The report for people who read the repository: a table, what fails, what to know, how it was made."""

from collections.abc import Iterable, Iterator

from harness.model import Verdict
from harness.report import markdown_contract
from harness.report.resilience import tell_resilience
from harness.report.screen import SCREEN_SIGNATURES, tell_screen
from harness.report.supervised import SUPERVISED_SIGNATURES, tell_supervised
from harness.report.view import Problem, Row, View, contract_signature
from harness.report.visits import tell_visits
from harness.report.words import axis_name, count_of, duration, headline, machine_line

_SIGNS = {
    Verdict.WORKS: "✅ works",
    Verdict.CAVEATS: "🟡 works with caveats",
    Verdict.BROKEN: "❌ broken",
    Verdict.UNRESOLVABLE: "🚫 unresolvable",
    Verdict.FLAKY: "🎲 flaky",
    Verdict.UNTESTED: "▫️ untested",
}
_WORKING = (Verdict.WORKS, Verdict.CAVEATS)


def render(view: View) -> str:
    """The whole file."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: View) -> Iterator[str]:
    yield f"# The plan `{view.plan}`"
    yield ""
    yield f"**{headline(view.counts)}.**"
    yield "Every verdict is read from the records of a live worker and a live beat: [how](#how)."
    yield from _beside(view)
    contract = {each.profile: each for each in view.contract}
    if contract:
        yield from markdown_contract.at_a_glance(view)
        yield from _stacks(view)
        yield from markdown_contract.questions(view)
        yield from markdown_contract.claims(view)
    for profile in dict.fromkeys(row.profile for row in view.rows):
        yield ""
        yield f"## Profile `{profile}`"
        yield ""
        rows = [row for row in view.rows if row.profile == profile]
        if profile in contract:
            yield from _exceptions(rows)
            yield from markdown_contract.section(view, contract[profile])
        else:
            yield from _table(view, rows)
        yield from tell_screen([(row.stack, row.screen, row.contract) for row in rows if row.screen])
        yield from tell_resilience([row.resilience for row in rows if row.resilience])
        yield from tell_supervised([row.supervised for row in rows if row.supervised])
        yield from tell_visits([(visit, _known(row)) for row in rows for visit in row.visits])
    yield from _failures([row for row in view.rows if _needs_a_section(row)])
    yield from _caveats(view.rows)
    yield from _how(view)


def _beside(view: View) -> Iterator[str]:
    """The other reports, and what they were made of."""
    if not view.beside:
        return
    yield ""
    yield "## The other reports"
    yield ""
    yield "| report | cells | when (UTC) | in | machine | again |"
    yield "|---|---|---|---|---|---|"
    for each in view.beside:
        when = f"{each.began:%Y-%m-%d %H:%M} to {each.ended:%Y-%m-%d %H:%M}"
        runs = ", ".join(f"[{run}](runs/{run}.jsonl)" for run in each.runs)
        machine = f"{each.machine.cores} cores, {each.machine.memory_gib:g} GiB"
        again = f"`nox -s matrix -- --plan {each.plan}`"
        yield (
            f"| [{each.plan}]({each.plan}.md) | {each.cells} ({runs}) | {when} | {duration(each.seconds)} "
            f"| {machine} | {again} |"
        )
    yield "| [culprits](culprits.md) | of all plans | | | | `nox -s report`, `nox -s diagnose` |"
    yield ""
    yield "Every record has its cell's lock: all distributions with their versions."


def _table(view: View, rows: Iterable[Row]) -> Iterator[str]:
    headings = ["stack", *map(axis_name, view.axes), "index", "verdict", "why"]
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        cells = [f"`{row.stack}`", *(row.versions[axis] for axis in view.axes), row.index]
        sign = _SIGNS[row.verdict]
        if _needs_a_section(row):
            sign = f"[{sign}](#{_anchor(row.cell)})"
        yield f"| {' | '.join([*cells, sign, _cell(_why(row))])} |"


def _stacks(view: View) -> Iterator[str]:
    """What was installed: each stack once, and again where a profile had other versions of it."""
    yield ""
    yield "## The stacks"
    yield ""
    yield f"| stack | {' | '.join(map(axis_name, view.axes))} | index |"
    yield f"|{'---|' * (len(view.axes) + 2)}"
    lines = ([f"`{row.stack}`", *(row.versions[axis] for axis in view.axes), row.index] for row in view.rows)
    yield from dict.fromkeys(f"| {' | '.join(cells)} |" for cells in lines)


def _exceptions(rows: Iterable[Row]) -> Iterator[str]:
    """The cells of which the contract does not tell all."""
    for row in rows:
        if _needs_a_section(row):
            yield f"- `{row.stack}`: [{_SIGNS[row.verdict]}](#{_anchor(row.cell)}) {_cell(_why(row))}"
            yield ""


def _needs_a_section(row: Row) -> bool:
    return row.verdict not in _WORKING or not row.as_expected


def _why(row: Row) -> str:
    mark = "" if row.as_expected else " **(not as expected)**"
    if row.note:
        return row.note + mark
    breaking = [problem for problem in row.problems if not problem.caveat]
    if breaking:
        return f"`{breaking[0].signature}`{mark}"
    return (count_of(len(row.problems), "caveat") if row.problems else "") + mark


def _known(row: Row) -> dict[str, dict[str, str]]:
    """What is known of a row's failures, by signature: the address, and the words that lead there."""
    return {each.signature: {each.link: each.expected} for each in row.problems if each.link}


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
            if not problem.caveat:
                yield from _problem(problem)
        for stale in row.stale:
            yield ""
            yield f"- expected, but not seen: {stale}"
        yield ""
        yield f"Again: `{row.reproduce}`"


def _problem(problem: Problem) -> Iterator[str]:
    known = f": [{problem.expected}]({problem.link})" if problem.link else ""
    known += f" (its expectation expired on {problem.expired})" if problem.expired else ""
    yield ""
    yield f"- `{problem.signature}`{known}"
    yield ""
    yield "  ```"
    yield from (f"  {line}" for line in problem.excerpt.splitlines())
    yield "  ```"


def _caveats(rows: Iterable[Row]) -> Iterator[str]:
    """Each sentence once, with the cells it holds for and where it is discussed."""
    told: dict[str, list[str]] = {}
    known: dict[str, dict[str, str]] = {}
    for row in rows:
        contract = {contract_signature(stand.invariant) for stand in row.contract}
        elsewhere = contract | SCREEN_SIGNATURES | SUPERVISED_SIGNATURES
        visited = tuple(f"{visit.stage}:" for visit in row.visits)
        for problem in row.problems:
            if not problem.caveat or problem.signature in elsewhere or problem.signature.startswith(visited):
                continue
            told.setdefault(problem.caveat, []).append(row.cell)
            if problem.link:
                known.setdefault(problem.caveat, {})[problem.link] = problem.expected
    if told:
        yield ""
        yield "## What to know besides"
    for sentence, cells in told.items():
        yield ""
        yield f"**{sentence[0].upper()}{sentence[1:]}.**"
        for link, expected in known.get(sentence, {}).items():
            yield f"[{expected[0].upper()}{expected[1:]}]({link})."
        yield f"Seen in {count_of(len(cells), 'cell')}: {', '.join(f'`{cell}`' for cell in cells)}."


def _how(view: View) -> Iterator[str]:
    yield ""
    yield '## <a name="how"></a>How this was made'
    yield ""
    if view.runs:
        yield f"By `nox -s matrix`, in run {', '.join(f'`{run}`' for run in view.runs)};"
        yield f"the cells took {duration(view.seconds)} one after another, under a {view.clock} clock."
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
