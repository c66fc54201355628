"""The time contract for people: which settings, what is asked, and what was seen since which series."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.contract.invariant import Standing
from harness.report.claims import Seen
from harness.report.contract import Asked, Fate, Known, ProfileStand, Series, Unseen, Violation
from harness.report.since import listed
from harness.report.view import UNREPORTED, View
from harness.report.words import count_of, setting_name, setting_value

_FEW = 8  # cells that are named
_SIGNS = {Standing.HELD: "✅", Standing.VIOLATED: "❌", Standing.NOT_OBSERVED: "·"}


def at_a_glance(view: View) -> Iterator[str]:
    """A row for each profile, its settings first, with a link to its section."""
    settings = tuple(dict.fromkeys(name for each in view.contract for name in each.settings))
    headings = [*map(setting_name, settings), "database", "profile", "series", *Fate, "with the newest"]
    yield ""
    yield "## At a glance"
    yield ""
    yield f"Of {count_of(len(view.asked), 'invariant')}, over all series that could be asked:"
    yield ""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * (len(settings) + 2)}{'--:|' * (len(Fate) + 1)}---|"
    for each in view.contract:
        values = (setting_value(each.settings.get(name, "")) for name in settings)
        fates = Counter(each.fates.values())
        cells = [
            *values,
            each.database,
            f"[`{each.profile}`](#profile-{each.profile.lower()})",
            str(len(each.series)),
            *(str(fates[fate]) for fate in Fate),
            _newest(view, each),
        ]
        yield f"| {' | '.join(cells)} |"


def questions(view: View) -> Iterator[str]:
    """Every invariant in a sentence, with the place where a user may take it from."""
    yield ""
    yield "## What is asked"
    yield ""
    yield from (f"- *{asked.id}*: [{asked.sentence}]({asked.source})" for asked in view.asked)
    yield ""
    yield "*Since* and *until* are said of the series in the tables, by their django-celery-beat and their"
    yield "Celery. The other packages of a stack change as well: nothing is said of which is to blame, nor of"
    yield "versions that were not tested. An entry that is sent without end is disabled by the harness: it"
    yield "fired dozens of times within seconds."


def claims(view: View) -> Iterator[str]:
    """What the article says, and in how many cells it is so."""
    if not view.claims:
        return
    yield ""
    yield "## What the article says"
    yield ""
    yield "The claims of the article with which this began; they have no part in a verdict."
    for claim in view.claims:
        yield ""
        yield f"- [{claim.sentence}]({claim.source}):"
        yield from (f"  - {_claim(seen)}" for seen in claim.seen)


def _claim(seen: Seen) -> str:
    how = {Standing.HELD: "so", Standing.VIOLATED: "**not so**", Standing.NOT_OBSERVED: "not observed"}
    words = f"{how[seen.standing]}{f', {_text(seen.seen)}' if seen.seen else ''}"
    count = count_of(len(seen.cells), "cell")
    if seen.standing is Standing.NOT_OBSERVED or len(seen.cells) > _FEW:
        return f"{words}: {count}"
    return f"{words}: {', '.join(f'`{cell}`' for cell in seen.cells)}"


def section(view: View, stand: ProfileStand) -> Iterator[str]:
    """What holds under a profile, and what was seen where something does not."""
    stands = _stands(view, stand)
    tested = [number for number, each in enumerate(stands) if each]
    standings = {asked.id: {stands[number][asked.id] for number in tested} for asked in view.asked}
    held = [f"*{each}*" for each, seen in standings.items() if seen == {Standing.HELD}]
    where = listed(tested, [each.name for each in stand.series])
    yield f"Held in every tested series ({where}): {', '.join(held) or 'none'}."
    differing = [
        asked for asked in view.asked if standings[asked.id] not in ({Standing.HELD}, {Standing.NOT_OBSERVED})
    ]
    if differing:
        yield ""
        yield from _table(stand.series, differing, stands)
    if stand.violations:
        yield ""
        yield "Broken:"
        yield ""
        yield from map(_violation, stand.violations)
    if stand.unseen:
        yield ""
        yield "Not seen:"
        yield ""
        yield from (_unseen(each, view.asked) for each in stand.unseen)


def _stands(view: View, stand: ProfileStand) -> list[dict[str, Standing]]:
    """For each series how the invariants stand in it, by id; nothing for one that was not tested."""
    rows = {row.stack: row for row in view.rows if row.profile == stand.profile}
    return [
        {each.invariant: each.standing for each in rows[series.stack].contract} for series in stand.series
    ]


def _table(
    series: Sequence[Series], asked: Iterable[Asked], stands: Sequence[Mapping[str, Standing]]
) -> Iterator[str]:
    headings = (f"{each.beat}<br>{each.celery}" for each in series)
    yield f"| beat<br>Celery | {' | '.join(headings)} |"
    yield f"|---|{':-:|' * len(series)}"
    for each in asked:
        signs = (_SIGNS[by_id.get(each.id, Standing.NOT_OBSERVED)] for by_id in stands)
        yield f"| *{each.id}*: {each.sentence} | {' | '.join(signs)} |"


def _violation(violation: Violation) -> str:
    several = len(violation.known) > 1
    known = "; ".join(_known(each, with_stacks=several) for each in violation.known)
    told = f"{_text(violation.seen)}; {violation.when}"
    return f"- *{violation.invariant}*: {told}. {known[0].upper()}{known[1:]}."


def _known(known: Known, *, with_stacks: bool) -> str:
    told = [f"[{known.reason}]({known.link})"] if known.link else []
    told += [UNREPORTED] if known.unreported else []
    stacks = f" ({', '.join(f'`{stack}`' for stack in known.stacks)})" if with_stacks else ""
    return ", ".join(told) + stacks


def _unseen(unseen: Unseen, asked: Sequence[Asked]) -> str:
    each = ", ".join(f"*{invariant}*" for invariant in unseen.invariants)
    invariants = each if len(unseen.invariants) < len(asked) else "all of them"
    return f"- {invariants}: {_text(unseen.why)}, in {unseen.where}"


def _newest(view: View, stand: ProfileStand) -> str:
    """The newest of the series that were tested, and how many invariants hold in it."""
    tested = [(series, each) for series, each in zip(stand.series, _stands(view, stand), strict=True) if each]
    newest, stands = tested[-1]
    standings = Counter(stands.values())
    held, broken = standings[Standing.HELD], standings[Standing.VIOLATED]
    return f"{newest.name}: {held} held, {broken} broken"


def _text(text: str) -> str:
    """A message as it is: what looks like a tag is none."""
    return text.replace("<", "\\<").replace("\n", " ")
