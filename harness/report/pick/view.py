"""What `nox -s pick` answers, as plain values; the JSON is this. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.answers.circumstances import told
from harness.answers.facts import PYTHON, Facts, KnownStack, Shortfall
from harness.answers.lived import Lived, begun_and_ceased
from harness.answers.paths import Step
from harness.answers.pick import Choice, Picked, Wish
from harness.answers.why import ExtraPin, HeldBack, Obstacle, extra_pins, held_back, obstacles
from harness.contract.invariant import Standing
from harness.contract.invariants import INVARIANTS
from harness.matrix.field import Field
from harness.model import CellResult, Resolution
from harness.report.stands import Stand, stands_of
from harness.report.words import axis_name, reproduce_command

SCHEMA_VERSION = 1
_SENTENCES = {each.id: each.sentence for each in INVARIANTS}
# Gives the whole record that a fact is made of.
WholeOf = Callable[[KnownStack], CellResult | None]


@dataclass(frozen=True, kw_only=True)
class Witness:
    """What shows that a stack works: the cell, its run, when, and which checks ran.

    `unlike` says what was otherwise than the user has it; `also` are cells with the same versions installed
    under other settings. `reproduce` runs it again.
    """

    cell: str
    run: str
    day: str
    checks: tuple[str, ...]
    index: str
    unlike: tuple[str, ...]
    also: tuple[str, ...]
    reproduce: str


@dataclass(frozen=True, kw_only=True)
class Broken:
    """An invariant of the time contract that does not hold, and what was seen instead."""

    invariant: str
    sentence: str
    seen: str


@dataclass(frozen=True, kw_only=True)
class TimeStand:
    """The time contract under the user's settings. `beside` says what was otherwise where it was lived through.

    `fatal`: beat or worker ends, or a schedule is sent many times over. `held` and `unseen` are invariants' ids.
    """

    cell: str
    run: str
    day: str
    beside: tuple[str, ...]
    fatal: bool
    broken: tuple[Broken, ...]
    held: tuple[str, ...]
    unseen: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChoiceView:
    """A stack to take. `pins` are exact versions of the axes' packages, `lock` is all that was installed.

    `extra` are the requirements besides, with the reason of each; `held_back` says what is not the newest that was
    asked for, and why. `trades` says what it trades against the first choice; nothing for the first. `time` is
    None where nobody has lived through days with anything like it.
    """

    python: str
    pins: Mapping[str, str]
    lock: tuple[str, ...]
    verdict: str
    caveats: tuple[str, ...]
    extra: tuple[ExtraPin, ...]
    held_back: tuple[HeldBack, ...]
    days_behind: int
    witness: Witness
    time: TimeStand | None
    trades: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The best choice if some of what was asked for were left out."""

    without: tuple[str, ...]
    choice: ChoiceView


@dataclass(frozen=True, kw_only=True)
class StepView:
    """A step of an upgrade: what changes, and what begins to hold, or ceases to, with it."""

    changes: Mapping[str, tuple[str, str]]
    begins: tuple[str, ...]
    ceases: tuple[str, ...]
    choice: ChoiceView


@dataclass(frozen=True, kw_only=True)
class PathView:
    """The way from what is there (`origin`) to what is wanted.

    `unknown` says what of it is not known: that nobody has seen what is there work, for one.
    """

    origin: Mapping[str, str]
    unknown: tuple[str, ...]
    steps: tuple[StepView, ...]


@dataclass(frozen=True, kw_only=True)
class PickView:
    """The answer to `nox -s pick`.

    `asked` are the demands, `readings` how some of them were read. `warnings` come before anything else.
    `choices` are the best, at most three, of `fitting` that work. Where there is none, `obstacles` say what
    stands in the way, and `relaxed` what there would be without a demand. `path` is there with --from.
    """

    schema: int
    asked: tuple[str, ...]
    readings: tuple[str, ...]
    settings: Mapping[str, bool | str]
    database: str
    prefer: str
    as_of: str
    warnings: tuple[str, ...]
    choices: tuple[ChoiceView, ...]
    fitting: int
    obstacles: tuple[Obstacle, ...]
    relaxed: tuple[Relaxed, ...]
    path: PathView | None


@dataclass(frozen=True, kw_only=True)
class Background:
    """What a view is made with: the facts, what is declared, the drivers of databases, and whole records."""

    facts: Facts
    field: Field
    drivers: Mapping[str, tuple[str, ...]]
    whole_of: WholeOf


def make_pick_view(
    wish: Wish,
    picked: Picked,
    background: Background,
    *,
    readings: Sequence[str] = (),
    relaxed: Iterable[tuple[str, Picked]] = (),
    path: PathView | None = None,
) -> PickView:
    """The whole answer."""
    choices = _choices(picked, wish, background)
    none = [] if choices else list(relaxed)
    return PickView(
        schema=SCHEMA_VERSION,
        asked=tuple(f"{axis}{specifiers}" for axis, specifiers in wish.demands.items()),
        readings=tuple(readings),
        settings=wish.circumstances.settings,
        database=wish.circumstances.database,
        prefer=str(wish.prefer),
        as_of=str(wish.as_of or ""),
        warnings=tuple(_warnings(choices[0], wish)) if choices else (),
        choices=choices,
        fitting=picked.fitting,
        obstacles=() if choices else tuple(_obstacles(wish, picked, background)),
        relaxed=tuple(
            Relaxed(without=(f"{axis}{wish.demands[axis]}",), choice=_choices(each, wish, background)[0])
            for axis, each in none
            if each.choices
        ),
        path=path,
    )


def make_path_view(
    origin: Mapping[str, str],
    start: KnownStack | None,
    steps: Sequence[Step],
    wish: Wish,
    background: Background,
) -> PathView:
    """An upgrade path; `start` is the fact about what is there, None where there is none."""
    unknown = (
        []
        if start is not None
        else ["nobody has seen what you have work: the first step begins at what is asked for"]
    )
    before, views = start, []
    for step in steps:
        after = step.choice.stack
        begins, ceases = _differences(before, step.choice, views[-1] if views else None)
        views.append(
            StepView(
                changes={each.name: (each.before, each.after) for each in step.changes},
                begins=begins,
                ceases=ceases,
                choice=_choice(step.choice, None, wish, background),
            )
        )
        before = after
    return PathView(origin=origin, unknown=tuple(unknown), steps=tuple(views))


def _differences(
    before: KnownStack | None, choice: Choice, last: StepView | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a step makes true and false: caveats of the same checks, and invariants of the contract."""
    after = choice.stack
    begins: list[Shortfall] = []
    ceases: list[Shortfall] = []
    if before is not None:
        common = set(before.checks) & set(after.checks)
        was, is_ = ([each for each in some.caveats if each.stage in common] for some in (before, after))
        begun, ceased = begun_and_ceased(was, is_)
        begins, ceases = [*begun], [*ceased]
    begins_words, ceases_words = (
        [f"no longer: {each.caveat}" for each in begins],
        [each.caveat for each in ceases],
    )
    if last is not None and last.choice.time is not None and choice.lived is not None:
        were = {each.invariant for each in last.choice.time.broken}
        are = {each.id for each in choice.lived.violated}
        begins_words += [f"now so: {_SENTENCES[each]}" for each in _SENTENCES if each in were - are]
        ceases_words += [f"not so any more: {_SENTENCES[each]}" for each in _SENTENCES if each in are - were]
    return tuple(dict.fromkeys(begins_words)), tuple(dict.fromkeys(ceases_words))


def _choices(picked: Picked, wish: Wish, background: Background) -> tuple[ChoiceView, ...]:
    first = picked.choices[0] if picked.choices else None
    return tuple(_choice(each, None if each is first else first, wish, background) for each in picked.choices)


def _choice(choice: Choice, first: Choice | None, wish: Wish, background: Background) -> ChoiceView:
    stack, facts = choice.stack, background.facts
    return ChoiceView(
        python=stack.python,
        pins={
            axis: version for axis, version in stack.versions.items() if axis != PYTHON and _is_there(version)
        },
        lock=stack.distributions,
        verdict=str(stack.verdict),
        caveats=tuple(dict.fromkeys(each.caveat for each in stack.caveats if each not in stack.violated)),
        extra=extra_pins(facts, stack, background.drivers),
        held_back=held_back(facts, stack, wish.demands, background.field),
        days_behind=choice.age,
        witness=_witness(choice),
        time=_time(choice.lived, background.whole_of) if choice.lived is not None else None,
        trades=tuple(_trades(choice, first)) if first is not None else (),
    )


def _is_there(version: str) -> bool:
    return version not in ("", "*", "-")


def _witness(choice: Choice) -> Witness:
    stack = choice.stack
    return Witness(
        cell=stack.cell,
        run=stack.run,
        day=stack.date,
        checks=tuple(map(str, stack.checks)),
        index=f"as of {stack.index_date}" if stack.resolution is Resolution.ERA else "as of that day",
        unlike=choice.unlike,
        also=tuple(each.cell for each in choice.seen if each.cell != stack.cell),
        reproduce=reproduce_command(stack.cell, stack.plan),
    )


def _time(lived: Lived, whole_of: WholeOf) -> TimeStand:
    whole = whole_of(lived.stack)
    stands = {each.invariant: each for each in (stands_of(whole) if whole is not None else ())}
    return TimeStand(
        cell=lived.stack.cell,
        run=lived.stack.run,
        day=lived.stack.date,
        beside=lived.beside,
        fatal=lived.fatal,
        broken=tuple(
            Broken(
                invariant=each.id,
                sentence=_SENTENCES.get(each.id, each.caveat),
                seen=stands[each.id].seen if each.id in stands else each.excerpt,
            )
            for each in lived.violated
        ),
        held=_having(stands, Standing.HELD),
        unseen=_having(stands, Standing.NOT_OBSERVED),
    )


def _having(stands: Mapping[str, Stand], standing: Standing) -> tuple[str, ...]:
    return tuple(each.invariant for each in stands.values() if each.standing is standing)


def _trades(choice: Choice, first: Choice) -> Iterable[str]:
    """What another choice gives and takes against the first."""
    one, other = first.stack.versions, choice.stack.versions
    changed = [f"{axis_name(axis)} {other[axis]}" for axis in other if other[axis] != one.get(axis)]
    if changed:
        yield f"{', '.join(changed)} instead"
    days = choice.age - first.age
    if days:
        yield f"{abs(days)} days {'older' if days > 0 else 'newer'} in sum"
    if choice.unlike != first.unlike:
        yield f"seen with {', '.join(choice.unlike)}" if choice.unlike else "seen with your very settings"
    better, worse = begun_and_ceased(first.stack.caveats, choice.stack.caveats)
    if set(first.stack.checks) == set(choice.stack.checks):
        yield from (f"without: {each.caveat}" for each in better)
        yield from (f"but: {each.caveat}" for each in worse)
    if first.lived is not None and choice.lived is not None:
        begun, ceased = begun_and_ceased(first.lived.violated, choice.lived.violated)
        yield from (f"holds: {_SENTENCES[each.id]}" for each in begun)
        yield from (f"does not hold: {_SENTENCES[each.id]}" for each in ceased)


def _warnings(choice: ChoiceView, wish: Wish) -> Iterable[str]:
    """What has to be said first."""
    if choice.time is None:
        yield (
            "nobody has lived through days with this series of django-celery-beat under settings like yours: "
            "how it treats time is not known"
        )
    elif choice.time.fatal:
        yield "under these settings beat or a worker ends, or a schedule is sent many times over: nothing can be relied on"
    elif choice.time.broken:
        yield f"under these settings {len(choice.time.broken)} promises about time are not kept"
    if choice.witness.unlike:
        yield f"this was not measured as you have it, but with {', '.join(choice.witness.unlike)}"


def _obstacles(wish: Wish, picked: Picked, background: Background) -> Iterable[Obstacle]:
    yield from obstacles(wish.demands, background.field, picked.failed)
    for each in picked.contradicted[:1]:
        other = background.facts.against(each)[0]
        yield Obstacle(
            words=f"{each.cell} worked on {each.date}, and {other.cell} did not on {other.date}",
            cell=other.cell,
        )
    for each in picked.forced[:1]:
        yield Obstacle(
            words=f"{each.cell} works, but an installer takes it only if it is told to ignore what packages declare",
            cell=each.cell,
        )
    if wish.as_of is not None:
        yield Obstacle(words=f"only what is known to have been there on {wish.as_of} was looked at")


def settings_words(settings: Mapping[str, bool | str], database: str) -> str:
    """`USE_TZ=True, TIME_ZONE=UTC, sqlite`."""
    return ", ".join([*(f"{name}={told(value)}" for name, value in settings.items()), database])
