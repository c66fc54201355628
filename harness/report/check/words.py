"""The answer to `nox -s check` in words: the verdict first, then what shows it. Pure."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from harness.answers.circumstances import told as told_value
from harness.answers.fitting import Difference
from harness.answers.settings import DATABASE
from harness.contract.invariants import INVARIANTS
from harness.report.check.answer import Answer, OnPython, Shown
from harness.report.check.promises import TimeAnswer
from harness.report.check.settings import settings_words
from harness.report.check.whole import CheckAnswer
from harness.report.endured import ResilienceStand, resilience_lines
from harness.report.words import axis_name, count_of

# What the contract calls a crontab that names a time zone.
_OWN_ZONE = re.compile(r"\bown:(\S+)")
# The names of the spans in which something was seen.
_SPANS = re.compile(r"\(((?:night|day|changes|restarts|expires|start-time|one-off)\b[^()]*)\)")
_FEW = 3
_WORD_FOR = {"DATABASES": DATABASE}
_MOST = 3
_MARKS = {
    Answer.WORKS: "✔",
    Answer.CAVEATS: "✔",
    Answer.BROKEN: "✘",
    Answer.UNRESOLVABLE: "✘",
    Answer.UNKNOWN: "?",
}


def render(answer: CheckAnswer) -> str:
    """The whole text."""
    return "\n".join(_lines(answer)) + "\n"


def _lines(answer: CheckAnswer) -> Iterator[str]:
    several = len(answer.pythons) > 1
    yield from _head(answer)
    # What is unresolvable on one of several Pythons needs a line, not a page.
    told = [each for each in answer.pythons if not several or each.answer is not Answer.UNRESOLVABLE]
    for group in _alike(told):
        yield ""
        if several:
            yield f"Python {', '.join(each.python for each in group)}: {group[0].answer}"
        yield from _detail(group[0], _broken(answer))
    if answer.time is not None:
        yield from ("", *_time(answer.time))
    for seen in answer.resilience:
        yield from ("", *_resilience(seen))
    if answer.verify:
        yield from ("", "To know, run it (it takes a minute or so):", f"  {answer.verify}")


def _resilience(seen: ResilienceStand) -> Iterator[str]:
    first, *more = resilience_lines(seen)
    yield first[0].upper() + first[1:]
    yield from more


def _broken(answer: CheckAnswer) -> frozenset[str]:
    """The promises that are told below not to be kept: they need not be told twice."""
    broken = answer.time.broken if answer.time is not None else ()
    return frozenset(f"not so: {each.sentence}" for each in broken)


def _head(answer: CheckAnswer) -> Iterator[str]:
    several = len(answer.pythons) > 1
    on = "" if several or not answer.pythons else f" on Python {answer.pythons[0].python}"
    yield f"{_MARKS[answer.answer]} {answer.file}{on}: {answer.answer}"
    if answer.because:
        yield f"  {_plain(answer.because)}"
    if several:
        yield from (f"  Python {each.python:<5} {_short(each)}" for each in answer.pythons)
    if answer.time is not None:
        told = "unknown, see below" if answer.time.why_not else _in_short(answer.time)
        yield f"  time zones: {told}"
        for danger in answer.time.dangers:
            yield from (f"  beware: {_plain(seen.words)}" for seen in danger.seen)
    if answer.python and answer.python_place != "--python":
        yield f"  for Python {answer.python}, says {answer.python_place}"
    for name in answer.missing:
        yield f"  {name} is not asked for; what is known was seen with it"
    yield from (f"  not read: {line}" for line in answer.unread)


def _short(each: OnPython) -> str:
    why = "never measured"
    match each.answer:
        case Answer.UNRESOLVABLE:
            why = each.refusals[0].text if each.refusals else each.fails[0].signature
        case Answer.BROKEN:
            why = each.fails[0].signature
        case Answer.UNKNOWN:
            pass
        case Answer.WORKS | Answer.CAVEATS:
            why = f"seen in {each.works[0].cell}"
    return f"{each.answer}: {why}"


def _alike(pythons: Iterable[OnPython]) -> list[list[OnPython]]:
    """Pythons of which the same is to be told, together."""
    groups: dict[tuple[str, ...], list[OnPython]] = {}
    for each in pythons:
        groups.setdefault((each.answer, *_essence(each)), []).append(each)
    return list(groups.values())


def _essence(each: OnPython) -> Iterator[str]:
    yield from (caveat for shown in each.works for caveat in shown.caveats)
    yield from (shown.signature for shown in each.fails)
    yield from (line for mending in each.mendings for line in mending.lines)


def _detail(each: OnPython, below: Container[str]) -> Iterator[str]:
    match each.answer:
        case Answer.WORKS | Answer.CAVEATS:
            yield from _working(each, below)
        case Answer.BROKEN:
            yield from _failing(each)
        case Answer.UNRESOLVABLE:
            for refusal in each.refusals:
                yield f"No installer accepts it: {refusal.text}"
                yield f"  asked for in {' and '.join(refusal.places)}"
                if refusal.cap_only:
                    yield "  (only an upper cap is in the way: reports/caps.md tells what works all the same)"
            for shown in each.fails[:1]:
                yield from _failure(shown)
            yield from _instead(each)
        case Answer.UNKNOWN:
            yield from _unknown(each)


def _working(each: OnPython, below: Container[str]) -> Iterator[str]:
    # Those with fewest caveats: under which settings there are more is for --settings to say.
    works = sorted(each.works, key=lambda shown: len(shown.caveats))
    first, told, left = works[0], works[:_MOST], len(works[_MOST:])
    yield f"Seen to work: {_versions(first)}"
    yield from (f"  {_where(shown)}" for shown in told)
    if left:
        yield f"  and under {left} other settings, with more caveats: --settings tells of yours"
    yield from _differences(each, first)
    always = [caveat for caveat in first.caveats if all(caveat in other.caveats for other in told)]
    here = [caveat for caveat in always if caveat not in below]
    if here:
        yield "What one must know:"
        yield from (f"  - {caveat}" for caveat in here)
    for shown in told:
        own = [caveat for caveat in shown.caveats if caveat not in always]
        if own:
            yield f"Under {settings_words(shown.settings)}:"
            yield from (f"  - {caveat}" for caveat in own)
    for shown in each.fails:
        yield f"Broken under {settings_words(shown.settings)} ({shown.database}):"
        yield from _failure(shown)


def _failing(each: OnPython) -> Iterator[str]:
    told: set[str] = set()
    for shown in each.fails:
        if shown.signature not in told:
            told.add(shown.signature)
            yield from _failure(shown)
            yield from _differences(each, shown)
    for mending in each.mendings:
        how = "" if mending.tried else " (tried with what failed alike, not with this)"
        yield f"What mends it{how}: {mending.sentence}"
        where = "in a constraints file" if mending.constrains else "among the requirements"
        where = "instead of its pin" if mending.pins else where
        yield from (f"    {line}    # {where}" for line in mending.lines)
        yield f"  seen in {mending.passing}"
    if not each.mendings:
        yield "No line is known that mends it."
    for shown in each.then:
        how = f"failed with {shown.signature}" if shown.signature else "worked"
        yield f"Installed {shown.index} the same {how}: {shown.cell}"
    yield from _instead(each)


def _failure(shown: Shown) -> Iterator[str]:
    yield f"  {shown.signature}"
    if shown.excerpt:
        yield f"    {shown.excerpt}"
    if shown.versions:
        yield f"  with {_versions(shown)}"
    yield f"  {_where(shown)}"
    yield f"  again: {shown.reproduce}"


def _instead(each: OnPython) -> Iterator[str]:
    if each.instead:
        yield "What is near and works:"
    for shown in each.instead:
        other = "" if shown.python == each.python else f"    # on Python {shown.python}"
        pins = [f"{name}=={version}" for name, version in shown.versions.items()]
        yield f"    {' '.join([*pins, *shown.lines])}{other}"
        yield f"  {_where(shown)}"


def _unknown(each: OnPython) -> Iterator[str]:
    if each.works and each.fails:
        yield "Seen to work and seen to fail, under the same settings:"
        yield from (f"  works: {_where(shown)}" for shown in each.works)
        yield from (f"  fails with {shown.signature}: {_where(shown)}" for shown in each.fails)
        return
    yield f"Never measured: {', '.join(each.asked)}"
    if each.left_open:
        yield f"  left open: {', '.join(each.left_open)}; an installer chooses, another one each time"
        works, fails = each.allowed.get("passes", 0), each.allowed.get("fails", 0)
        yield f"  of what it allows {count_of(works, 'cell')} worked, {fails} did not"
    unseen = [pair for pair in each.pairs if not pair.witness]
    if each.pairs and not unseen:
        yield "  each two of their series were seen to work together, in other company"
    for pair in unseen:
        tried = f" ({count_of(pair.tried, 'cell')} tried, all failed)" if pair.tried else " (never tried)"
        yield f"  never seen to work together: {' and '.join(_python(pin) for pin in pair.pins)}{tried}"
    yield from _instead(each)


def _python(pin: str) -> str:
    return f"Python {pin}" if pin[0].isdigit() else pin


def _differences(each: OnPython, shown: Shown) -> Iterator[str]:
    if each.presumed:
        yield "  Not these very releases, but of the same series:"
    if each.dated:
        yield f"  what the file does not pin was chosen {shown.index}; today it may be something else"
    for difference in shown.differs:
        yield f"  {_difference(difference)}"
    if shown.beyond:
        yield f"  measured with {', '.join(shown.beyond)} besides, which you do not ask for"


def _difference(each: Difference) -> str:
    if not each.measured:
        return f"measured without {each.name}, which you ask for"
    if not each.asked:
        return f"measured with {each.name} {each.measured}, which you do not have"
    return f"measured with {each.name} {each.measured}, you have {each.asked}"


def _versions(shown: Shown) -> str:
    return ", ".join(f"{axis_name(name)} {version}" for name, version in shown.versions.items())


def _where(shown: Shown) -> str:
    return f"in {shown.cell}, on {shown.day}, installed {shown.index} (run {shown.run})"


def _time(time: TimeAnswer) -> Iterator[str]:
    settings = time.settings
    yield f"Time zones, with {settings_words(settings.values)}:"
    if settings.assumed:
        named = (f"{name}={told_value(settings.values[name])}" for name in settings.assumed)
        yield f"  by default: {', '.join(named)}"
    for name, why in settings.unread.items():
        yield f"  {name} is not known ({why}); give it as a word: {_WORD_FOR.get(name, name)}=…"
    yield from (f"  {note}" for note in settings.notes)
    if time.why_not:
        yield f"  {_in_short(time)}"
        return
    yield f"  as seen with {_listed([each.versions for each in time.measured])}"
    if not all(each.same_series for each in time.measured):
        yield "  (each has one of your two series; where they differ, it is told)"
    yield from (f"  {caution}" for caution in time.cautions)
    yield f"  {_in_short(time)}"
    for broken in time.broken:
        yield f"  - not so: {broken.sentence}"
        for seen in broken.seen:
            everywhere = len(seen.versions) == len(time.measured)
            yield f"      {_plain(seen.words)}" + ("" if everywhere else f" ({_listed(seen.versions)})")
        if broken.held:
            yield f"      kept by {_listed(broken.held)}"
        if broken.remedies:
            yield f"      kept with {' or with '.join(broken.remedies)}"
    better = time.better
    if better is not None:
        yield f"  Best with these versions: {settings_words(better.settings)}"
        yield f"  ({better.held} are kept, {better.broken} not: {better.cell})"


def _plain(seen: str) -> str:
    """An entry by what it is, not by its name; of many spans the first two."""
    return _SPANS.sub(_fewer, _OWN_ZONE.sub(r"a crontab in \1", seen))


def _fewer(spans: re.Match[str]) -> str:
    names = spans[1].split(", ")
    return f"({', '.join(names[:2])} and {len(names) - 2} more)" if len(names) > _FEW else spans[0]


def _in_short(time: TimeAnswer) -> str:
    if time.why_not:
        return f"unknown: {time.why_not}"
    all_ = len(INVARIANTS)
    return f"{time.held} of {all_} promises are kept under these settings, {len(time.broken)} not"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]
