"""The answer about versions for a terminal: what works and what shows it, or what is in the way. Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text

from harness.matrix.field import Pin, Pins
from harness.pairs.verdicts import Verdict
from harness.report.explain_versions import Blame, PairAnswer, VersionsAnswer, Witness
from harness.report.page import Line, command, counted, heading, indented
from harness.report.pairs_words import pins_words, tally
from harness.report.terminal import STYLES as CELL_STYLES
from harness.report.words import SHORT_AXES, axis_name, count_of

_IN_FULL = 6  # pairs; of more it is said how they stand, and which
_SETTLE = "nox -s matrix -- --plan field --budget 10m"
_STYLES = {
    Verdict.WORKS: "green",
    Verdict.CAVEATS: "yellow",
    Verdict.PINS: "yellow",
    Verdict.BROKEN: "red",
    Verdict.UNRESOLVABLE: "magenta",
    Verdict.UNTESTED: "dim",
}


def lines(answer: VersionsAnswer) -> Iterator[Line]:
    """The whole page."""
    yield from answer.notes
    if len(answer.pairs) == 1:
        yield from _pair(answer.pairs[0])
    elif answer.pairs:
        yield Text(" and ".join(answer.demands), style="bold")
        yield f"  {count_of(len(answer.pairs), 'pair')}: {tally(answer.counts)}"
        yield from _several(answer)
    else:
        yield Text(" and ".join(answer.demands), style="bold")
    yield from _cells(answer)


def _several(answer: VersionsAnswer) -> Iterator[Line]:
    if len(answer.pairs) <= _IN_FULL:
        for pair in answer.pairs:
            yield ""
            yield from _pair(pair)
        return
    order = list(Verdict)
    ordered = sorted(answer.pairs, key=lambda each: order.index(each.verdict))
    for verdict, pairs in groupby(ordered, key=lambda each: each.verdict):
        yield ""
        yield Text(str(verdict), style=_STYLES[verdict])
        yield from _grouped([each.pair for each in pairs])
    worst = next((each for each in reversed(ordered) if each.blames), None)
    if worst is not None:
        yield from heading("One pair in full")
        yield command(f"nox -s explain -- {_as_asked(worst)}")


def _grouped(pairs: Sequence[Pins]) -> Iterator[Line]:
    """Pairs of the same axes in lines by that one of the two that has fewer values."""
    for axes, of in groupby(pairs, key=lambda pair: tuple(axis for axis, _ in pair)):
        every = list(of)
        fewer = min((0, 1), key=lambda place: len({pair[place] for pair in every}))
        beside: dict[Pin, list[str]] = {}
        for pair in every:
            beside.setdefault(pair[fewer], []).append(pair[1 - fewer][1])
        for pin, values in beside.items():
            yield f"  {pins_words((pin,))} with {axis_name(axes[1 - fewer])} {', '.join(values)}"


def _as_asked(pair: PairAnswer) -> str:
    return " ".join(f"'{axis}=={value}'" for axis, value in pair.pair)


def _pair(pair: PairAnswer) -> Iterator[Line]:
    verdict = (str(pair.verdict), _STYLES[pair.verdict])
    yield Text.assemble((pins_words(pair.pair), "bold"), "  ", verdict)
    if pair.verdict in (Verdict.PINS, Verdict.UNTESTED):
        yield f"  as installed today: {pair.today}; with pins: {pair.pinned}"
    if pair.witness is not None:
        yield from _witness(pair.witness, "shown by")
    for blame in pair.blames:
        yield from _blame(blame, pair)
    if pair.verdict is Verdict.UNTESTED:
        yield "  to settle it, and what else is open:"
        yield command(_SETTLE, 4)


def _witness(witness: Witness, what: str) -> Iterator[Line]:
    resolved = f" ({witness.resolved})" if witness.resolved else ""
    yield Text.assemble(
        f"  {what} {witness.cell}{resolved}  ", (str(witness.verdict), CELL_STYLES[witness.verdict])
    )
    yield f"    run {witness.run} of the plan {witness.plan}, {witness.started}"
    if witness.forced:
        yield "    forced: no installer gives this, for what is declared forbids it"
    for caveat in witness.caveats:
        yield f"    caveat: {caveat}"
    yield command(witness.reproduce, 4)


def _blame(blame: Blame, pair: PairAnswer) -> Iterator[Line]:
    if not blame.because:
        yield f"  it was in {count_of(blame.seen, 'failure')} that nothing explains yet"
    elif not blame.seen:
        yield f"  forbidden by what is declared: {blame.because}"
    else:
        yield f"  in the way: {blame.because}"
    yield from indented(blame.excerpt, 4, "dim")
    if blame.culprit and blame.culprit != pair.pair:
        yield f"    every row with the pair runs into what fails, one into {pins_words(blame.culprit)}"
    if blame.attempts:
        more = f" and {blame.seen - len(blame.attempts)} more" if blame.seen > len(blame.attempts) else ""
        yield f"    failed in {', '.join(blame.attempts)}{more}"
    if blame.lines:
        yield Text.assemble("    mended by: ", ("  ".join(blame.lines), "bold green"))
    if blame.reproduce:
        yield command(blame.reproduce, 4)
    if blame.because and blame.seen:
        yield command(f"nox -s explain -- '{blame.because}'", 4)


def _cells(answer: VersionsAnswer) -> Iterator[Line]:
    yield from heading(f"Cells that had {' and '.join(answer.demands)}")
    if not answer.cells:
        yield "  none in the records"
        return
    yield f"  {counted(((str(verdict), number) for verdict, number in answer.cells.items()), 'cell')}"
    if answer.best is not None and not _is_told(answer):
        yield from _witness(answer.best, "one that works:")
    if answer.best is not None and answer.best.lock is not None:
        axes = [each for each in answer.best.lock.distributions if each.partition("==")[0] in SHORT_AXES]
        yield f"  with Python {answer.best.lock.python}, {', '.join(axes)}"
    for failing in answer.failing:
        yield f"  {count_of(failing.cells, 'cell')}: {failing.signature}"
        yield from indented(failing.excerpt, 4, "dim")
        if failing.lines:
            yield Text.assemble("    mended by: ", ("  ".join(failing.lines), "bold green"))
        yield command(failing.reproduce, 4)


def _is_told(answer: VersionsAnswer) -> bool:
    told = [each.witness.cell for each in answer.pairs[:_IN_FULL] if each.witness is not None]
    return answer.best is not None and len(answer.pairs) <= _IN_FULL and answer.best.cell in told
