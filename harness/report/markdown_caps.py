"""Beyond the caps, for people who read the repository: what works though a package declares it does not."""

from collections.abc import Iterator

from harness.report.caps import Cap, CapEntry, CapPair, CapsView, CapTable, Told
from harness.report.caps_words import cap_sentence, caps_headline
from harness.report.pairs_words import pins_words, some
from harness.report.words import axis_name, count_of, duration, machine_line

SIGNS = {
    Told.FITS: "✅",
    Told.FAILS: "⚠️",
    Told.FORCED: "🔓",
    Told.CAVEATS: "🟡",
    Told.BREAKS: "❌",
    Told.FORBIDDEN: "🚫",
    Told.UNTESTED: "▫️",
}

_WORKING = (Told.FORCED, Told.CAVEATS)


def render(view: CapsView) -> str:
    """The whole file."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: CapsView) -> Iterator[str]:
    yield "# Beyond the caps: what works though it is declared not to"
    yield ""
    yield f"**{caps_headline(view.counts)}.**"
    yield "Who declares `Django<6.1` had not tried 6.1 yet, as a rule. Here each pair of series that"
    yield "such an upper cap alone forbids is installed all the same, and run with a live worker and a"
    yield "live beat: [how](#how)."
    yield ""
    for cap in view.caps:
        yield f"- {cap_sentence(cap, view.axes)}"
    yield from _force(view)
    for table in view.tables:
        yield from _table(table, view)
    yield ""
    yield "## The evidence"
    for cap in view.caps:
        yield from _evidence(cap)
    yield from _how(view)


def _force(view: CapsView) -> Iterator[str]:
    """With a pair that works, the one that the first cap has last: the newest."""
    works = (each for cap in view.caps for each in reversed(cap.pairs) if each.told in _WORKING)
    example = next(works, None)
    yield ""
    yield "## How to force it"
    yield ""
    yield "uv takes a line in a file of overrides in place of whatever packages declare of that one package:"
    if example is not None:
        cap = next(cap for cap in view.caps if example in cap.pairs)
        other, value = next(pin for pin in example.pair if pin != cap.declaring)
        package, series = cap.declaring
        yield ""
        yield "```console"
        yield f"$ echo '{other}=={value}.*' > overrides.txt"
        asked = (f"{other}=={value}.*", f"{package}=={series}.*", *example.lines)
        quoted = " ".join(f"'{each}'" for each in asked)
        yield f"$ uv pip install --overrides overrides.txt {quoted}"
        yield "```"
        yield ""
        yield f'In pyproject.toml it is `override-dependencies = ["{other}=={value}.*"]` under `[tool.uv]`.'
    yield "pip has no overrides."


def _table(table: CapTable, view: CapsView) -> Iterator[str]:
    across = view.axes[table.across]
    yield ""
    yield f"## {axis_name(table.down)} and {axis_name(table.across)}"
    yield ""
    yield f"{'; '.join(f'{sign} {told}' for told, sign in SIGNS.items() if table.counts[told])}."
    yield "What is declared to fit has its evidence in [the report of the field](field.md)."
    yield ""
    yield f"| {axis_name(table.down)} \\ {axis_name(table.across)} | {' | '.join(across)} |"
    yield f"|---|{':-:|' * len(across)}"
    for value, entries in zip(view.axes[table.down], table.entries, strict=True):
        yield f"| **{value}** | {' | '.join(map(_sign, entries))} |"


def _sign(entry: CapEntry) -> str:
    sign = SIGNS[entry.told]
    return f"[{sign}](#{entry.anchor})" if entry.anchor else sign


def _evidence(cap: Cap) -> Iterator[str]:
    package, series = cap.declaring
    yield ""
    yield f"### {axis_name(package)} {series}"
    yield ""
    yield f"`{cap.text}`."
    for each in cap.pairs:
        yield ""
        yield f'- <a name="{each.anchor}"></a>{SIGNS[each.told]} **{pins_words(each.pair)}**: {_words(each)}'
        if each.excerpt:
            yield ""
            yield "  ```"
            yield from (f"  {line}" for line in each.excerpt.splitlines())
            yield "  ```"
            yield ""
        if each.reproduce:
            yield f"  Again: `{each.reproduce}`"


def _words(each: CapPair) -> str:
    cells = some([f"`{cell}`" for cell in each.cells], each.seen)
    match each.told:
        case Told.FORCED | Told.CAVEATS:
            lines = f", with {', '.join(f'`{line}`' for line in each.lines)} besides" if each.lines else ""
            usual = " It has that with what it declares, too." if each.usual else ""
            caveats = f": {'; '.join(each.caveats)}." if each.caveats else "."
            return f"{each.told}{lines}{caveats}{usual}"
        case Told.BREAKS:
            whose = (
                f" That is so of {pins_words(each.culprit)}, whatever else is chosen." if each.culprit else ""
            )
            seen = f" Seen in {count_of(each.seen, 'cell')}: {cells}." if each.cells else ""
            return f"{each.told}: `{each.signature}`.{whose}{seen}"
        case _:
            return f"{each.told}{f'; what was tried failed: {cells}' if each.cells else ''}."


def _how(view: CapsView) -> Iterator[str]:
    yield ""
    yield '## <a name="how"></a>How this was made'
    yield ""
    yield "All series of a row are overrides; all else is what uv chooses today. The partners of a"
    yield "pair are those that work with each other and with both as installed today. A pair breaks if a"
    yield "failure stays whatever else is chosen: in three attempts with the best partners known, or in all"
    yield "that there are."
    yield "What is forced counts for no other report."
    yield ""
    # That every cell is known does not say that every pair is: of that the first line tells.
    cells = ", ".join(f"{count} {verdict}" for verdict, count in view.cells.items() if count) or "none yet"
    yield f"Forced cells, those of other plans included: {cells}."
    if view.runs:
        yield f"By `nox -s matrix -- --plan {view.plan}`;"
        yield f"the cells took {duration(view.seconds)} one after another."
    if view.machine is not None:
        yield f"Machine: {machine_line(view.machine)}."
        yield f"Interpreters: {', '.join(view.machine.interpreters.values())}."
    yield "Records with every lock are in [runs](runs)."
