"""A cell's answer for a terminal: the verdict and what mends it first, then all the rest. Pure."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from harness.model import Settled, Status, Verdict
from harness.report.explain_cell import CellAnswer, Difference, Past
from harness.report.mending import Mending
from harness.report.page import Line, command, heading, indented, mend_lines
from harness.report.terminal import STYLES
from harness.report.view import Problem
from harness.report.words import axis_name, count_of, diagnose_command, setting_value

_SETTLED = {
    Settled.CLEAN: "nothing failed",
    Settled.EXPECTED: "as matrix.toml expects",
    Settled.KNOWN: "the same was confirmed in several other cells",
    Settled.REPEATED: "the cell was run again to confirm it",
    Settled.MACHINE: "the machine kept it from being determined",
    Settled.SAME: "pip chooses what uv chooses, whose cell tells of it",
    Settled.SKIPPED: "it was skipped",
}
_STATUS = {
    Status.PASSED: "",
    Status.FAILED: " failed",
    Status.ERRORED: " errored",
    Status.SKIPPED: " skipped",
}
_NAMED = 12  # differences of two cells
_MOVED = 6  # distributions named in a line of the history
_ACROSS = 96  # columns that a list of distributions takes


def lines(answer: CellAnswer) -> Iterator[Line]:
    """The whole page."""
    row = answer.row
    if answer.asked != answer.cell:
        yield f"{answer.asked!r} is read as {answer.cell!r}"
    verdict = Text.assemble((answer.cell, "bold"), "  ", (str(row.verdict), STYLES[row.verdict]))
    yield verdict
    yield f"  run {row.run} of the plan {answer.plan}, {answer.started}: {_SETTLED[Settled(answer.settled)]}"
    yield from indented(row.note, 2)
    for problem in row.problems:
        yield from _problem(problem)
    for stale in row.stale:
        yield f"  expected, but not seen: {stale}"
    if row.problems:
        yield (
            f"  log: {answer.logs}/{row.problems[0].log}"
            if answer.logs
            else (f"  log: {row.problems[0].log}, which is not kept; the command below makes it again")
        )
    yield Text.assemble("  again: ", (answer.reproduce, "cyan"))
    yield from _mending(answer)
    yield from _near(answer)
    yield from _asked(answer)
    yield from _stages(answer)
    yield from _contract(answer)
    yield from _lock(answer)
    yield from _history(answer.history)
    yield from heading("See it live")
    yield command(f"nox -s explain -- '{answer.cell}' --rerun --keep")


def _problem(problem: Problem) -> Iterator[Line]:
    weight = "caveat: " if problem.caveat else ""
    yield f"  {weight}{problem.signature}"
    if problem.caveat:
        yield f"    {problem.caveat}"
    yield from indented(problem.excerpt, 4, "dim")
    if problem.expected:
        yield f"    known: {problem.expected} {problem.link}"
    if problem.expired:
        yield f"    its expectation expired on {problem.expired}"


def _mending(answer: CellAnswer) -> Iterator[Line]:
    if answer.mending is None:
        return
    yield from heading("What mends it")
    yield from _found(answer.mending, answer.cell, answer.plan)


def _found(mending: Mending, cell: str, plan: str) -> Iterator[Line]:
    for mend in mending.mends:
        yield from mend_lines(mend, cell)
    for why in mending.why_not:
        yield f"  nothing was found: {why}"
    if not mending.looked_into:
        yield "  only failures of what is installed as of today, with no change, are diagnosed; see below"
    elif not mending.mends and not mending.why_not:
        yield "  nobody has looked for it yet"
        yield command(diagnose_command(cell, plan))
    if mending.worked_then:
        yield f"  It worked as of its own time: {mending.worked_then}"


def _near(answer: CellAnswer) -> Iterator[Line]:
    near = answer.near
    if near is None:
        return
    yield from heading("The nearest cell that passes")
    yield Text.assemble(f"  {near.cell}  ", (str(near.verdict), STYLES[near.verdict]))
    if near.asked:
        yield f"  asked otherwise: {_differ(near.asked)}"
    if near.installed:
        yield f"  installed otherwise: {_differ(near.installed)}"
    yield command(near.reproduce)


def _differ(differences: Sequence[Difference]) -> str:
    more = f" and {len(differences) - _NAMED} more" if len(differences) > _NAMED else ""
    return ", ".join(map(_difference, differences[:_NAMED])) + more


def _difference(each: Difference) -> str:
    name = axis_name(each.what)
    if not each.here:
        return f"{name} {each.there} besides"
    return f"{name} {each.there} instead of {each.here}" if each.there else f"{name} {each.here} not there"


def _asked(answer: CellAnswer) -> Iterator[Line]:
    yield from heading("What was asked for")
    row = answer.row
    python = answer.lock.python if answer.lock else row.versions["python"]
    yield f"  Python {python}, index {row.index}: {', '.join(answer.requirements)}"
    settings = ", ".join(f"{name} {setting_value(value)}" for name, value in answer.settings.items())
    yield f"  {settings}; {answer.database}, {answer.clock} clock"


def _stages(answer: CellAnswer) -> Iterator[Line]:
    if not answer.stages:
        return
    yield from heading(f"Stages, of the last of {count_of(answer.attempts, 'attempt')}")
    checks = {count.stage: count.counts for count in answer.checks}
    for stage in answer.stages:
        counts = checks.get(stage.stage, {})
        told = ", ".join(f"{number} {status}" for status, number in counts.items())
        checked = f"  checks: {told}" if told else ""
        yield f"  {stage.stage:<9}{stage.seconds:>7.1f} s{_STATUS[stage.status]}{checked}"


def _contract(answer: CellAnswer) -> Iterator[Line]:
    stands = answer.row.contract
    if not stands:
        return
    yield from heading("The time contract, judged again from the record")
    for stand in stands:
        seen = f": {stand.seen}" if stand.seen else ""
        yield f"  {stand.invariant}: {stand.standing}{seen}"


def _lock(answer: CellAnswer) -> Iterator[Line]:
    if answer.lock is None:
        return
    number = count_of(len(answer.lock.distributions), "distribution")
    yield from heading(f"The lock: {number} on Python {answer.lock.python}")
    line = ""
    for each in answer.lock.distributions:
        if line and len(line) + len(each) > _ACROSS:
            yield line
            line = ""
        line += f"  {each}"
    yield line
    if answer.seed:
        yield f"  and {answer.seed}, as `python -m venv` puts it in"


def _history(history: tuple[Past, ...]) -> Iterator[Line]:
    yield from heading(f"History: {count_of(len(history), 'run')}")
    for past in reversed(history):
        signatures = f"  {past.signatures[0]}" if past.signatures and _fails(past) else ""
        more = f" and {len(past.signatures) - 1} more" if signatures and len(past.signatures) > 1 else ""
        yield Text.assemble(
            f"  {past.started}  {past.plan}  ",
            (str(past.verdict), STYLES[past.verdict]),
            f"{signatures}{more}  {past.seconds:.1f} s",
        )
        if past.moved:
            moved = past.moved[:_MOVED]
            rest = f" and {len(past.moved) - _MOVED} more" if len(past.moved) > _MOVED else ""
            yield f"    installed since the run before: {', '.join(map(_move, moved))}{rest}"


def _fails(past: Past) -> bool:
    return past.verdict not in (Verdict.WORKS, Verdict.CAVEATS)


def _move(each: Difference) -> str:
    if not each.there:
        return f"{each.what} {each.here} new"
    return f"{each.what} {each.there} -> {each.here}" if each.here else f"{each.what} gone"
