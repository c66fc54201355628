"""From facts to what `nox -s pick` answers. Pure, but for what gives whole records."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.answers.circumstances import told
from harness.answers.facts import Facts
from harness.answers.lived import Lived, begun_and_ceased
from harness.answers.paths import Step
from harness.answers.pick import Choice, Picked, Prefer, Wish
from harness.answers.resilience import Endured, Lack, kept_and_lost
from harness.answers.stack import PYTHON, KnownStack
from harness.answers.why import Obstacle, extra_pins, held_back, obstacles
from harness.contract.invariant import Stand, Standing
from harness.contract.invariants import INVARIANTS
from harness.matrix.field import Field
from harness.model import Resolution, Stage
from harness.report.endured import resilience_stand
from harness.report.pick.view import (
    SCHEMA_VERSION,
    Broken,
    ChoiceView,
    PathView,
    PickView,
    Relaxed,
    StepView,
    TimeStand,
    Witness,
)
from harness.report.stands import stands_of
from harness.report.words import axis_name, count_of, reproduce_command

SHOWN = 3  # the best, and the next two
DEFAULT_PLAN = "default"
_SENTENCES = {each.id: each.sentence for each in INVARIANTS}


@dataclass(frozen=True, kw_only=True)
class Background:
    """What an answer is made with: the facts, what is declared, and what is needed besides.

    `drivers` are what databases need in an environment, `plans` the names of matrix.toml's.
    """

    facts: Facts
    field: Field
    drivers: Mapping[str, tuple[str, ...]]
    plans: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where an upgrade begins: the versions (`origin`), and what is known of them, None where nothing is.

    `failing` has them, and fails: with other versions of what they bring along where `stack` works.
    """

    origin: Mapping[str, str]
    stack: KnownStack | None
    lived: Lived | None
    endured: tuple[Endured, ...]
    failing: KnownStack | None


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
        required=tuple(each.id for each in wish.required),
        readings=tuple(readings),
        settings=wish.circumstances.settings,
        database=wish.circumstances.database,
        prefer=str(wish.prefer),
        as_of=str(wish.as_of or ""),
        warnings=tuple(_warnings(choices[0])) if choices else (),
        choices=choices,
        fitting=picked.fitting,
        obstacles=() if choices else tuple(_obstacles(wish, picked, background)),
        relaxed=tuple(
            Relaxed(instead=instead, choice=_choice(each.choices[0], None, wish, background))
            for instead, each in none
            if each.choices
        ),
        path=path,
    )


def make_path_view(
    start: Start,
    steps: Sequence[Step],
    wish: Wish,
    background: Background,
) -> PathView:
    """An upgrade path."""
    views: list[StepView] = []
    before: Start | Choice = start
    for step in steps:
        begins, ceases = _differences(before, step.choice)
        views.append(
            StepView(
                changes={each.name: (each.before, each.after) for each in step.changes},
                begins=begins,
                ceases=ceases,
                choice=_choice(step.choice, None, wish, background),
            )
        )
        before = step.choice
    return PathView(origin=start.origin, unknown=tuple(_unknown(start, wish)), steps=tuple(views))


def settings_words(settings: Mapping[str, bool | str], database: str) -> str:
    """`USE_TZ=True, TIME_ZONE=UTC, sqlite`."""
    return ", ".join([*(f"{name}={told(value)}" for name, value in settings.items()), database])


def _unknown(start: Start, wish: Wish) -> Iterator[str]:
    if start.stack is None and start.failing is None:
        yield "nobody has seen what you have at work: what the first step changes in behaviour is not known"
    if start.failing is not None:
        failing, first = start.failing, start.failing.breaks[0]
        how = "" if failing.resolution is Resolution.ERA else f", installed on {failing.date}"
        where, works = "", start.stack
        if works is not None and works.python != failing.python:
            yield f"what you have was seen to work on Python {works.python} ({works.cell})"
            where = f" on Python {failing.python}"
        yield f"what you have was seen to fail{where}{how}: {first.signature} ({failing.cell})"
    if start.stack is not None and (unlike := wish.circumstances.unlike(start.stack)):
        yield f"what you have was seen to work with {', '.join(unlike)} ({start.stack.cell})"


def _differences(was: Start | Choice, choice: Choice) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a step makes hold, and cease to: caveats of checks that both had, and promises."""
    begins: list[str] = []
    ceases: list[str] = []
    if was.stack is not None:
        both = set(was.stack.checks) & set(choice.stack.checks) - {Stage.TIME}
        old, new = (
            [each for each in some.caveats if each.stage in both] for some in (was.stack, choice.stack)
        )
        gone, come = begun_and_ceased(old, new)
        begins += [f"no longer: {each.caveat}" for each in gone]
        ceases += [each.caveat for each in come]
    if was.lived is not None and choice.lived is not None:
        gone, come = begun_and_ceased(was.lived.violated, choice.lived.violated)
        begins += [f"so from now on: {_SENTENCES[each.id]}" for each in gone]
        ceases += [f"no longer so: {_SENTENCES[each.id]}" for each in come]
    kept, lost = kept_and_lost(was.endured, choice.endured)
    begins += [f"so from now on: {each.sentence}" for each in kept]
    ceases += [f"no longer so: {each.sentence}" for each in lost]
    return tuple(dict.fromkeys(begins)), tuple(dict.fromkeys(ceases))


def _choices(picked: Picked, wish: Wish, background: Background) -> tuple[ChoiceView, ...]:
    shown = picked.choices[:SHOWN]
    return tuple(
        _choice(each, shown[0] if number else None, wish, background) for number, each in enumerate(shown)
    )


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
        held_back=held_back(facts, stack, wish.demands, background.field) if _wants_newest(wish) else (),
        days_behind=choice.age,
        witness=_witness(choice, background.plans),
        time=_time(choice.lived, choice.milder, facts) if choice.lived is not None else None,
        resilience=tuple(map(resilience_stand, choice.endured)),
        trades=tuple(_trades(choice, first)) if first is not None else (),
    )


def _wants_newest(wish: Wish) -> bool:
    return wish.prefer is Prefer.NEWEST and wish.as_of is None


def _is_there(version: str) -> bool:
    return version not in ("", "*", "-")


def _witness(choice: Choice, plans: Collection[str]) -> Witness:
    stack = choice.stack
    # A cell of no plan is run again by its name, as any recorded one, in the default plan.
    plan = stack.plan if stack.plan in plans else DEFAULT_PLAN
    return Witness(
        cell=stack.cell,
        run=stack.run,
        day=stack.date,
        checks=tuple(map(str, stack.checks)),
        index=f"as of {stack.index_date}" if stack.resolution is Resolution.ERA else "as of that day",
        unlike=choice.unlike,
        also=tuple(each.cell for each in choice.seen if each.cell != stack.cell),
        reproduce=reproduce_command(stack.cell, plan),
    )


def _time(lived: Lived, milder: KnownStack | None, facts: Facts) -> TimeStand:
    whole = facts.whole(lived.stack)
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
        milder=_milder(lived, milder) if milder is not None else "",
    )


def _milder(lived: Lived, milder: KnownStack) -> str:
    changed = {
        name: value for name, value in milder.settings.items() if lived.stack.settings.get(name) != value
    }
    settings = ", ".join(f"{name}={told(value)}" for name, value in changed.items())
    return f"with {settings} {count_of(len(milder.violated), 'promise')} not kept ({milder.cell})"


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
    kept, lost = kept_and_lost(first.endured, choice.endured)
    yield from (f"holds: {each.sentence}" for each in kept)
    yield from (f"does not hold: {each.sentence}" for each in lost)


def _warnings(choice: ChoiceView) -> Iterable[str]:
    """What has to be said first."""
    if choice.time is None:
        yield (
            "nobody has lived through days with this series of django-celery-beat under settings like yours: "
            "how it treats time is not known"
        )
    elif choice.time.fatal:
        yield (
            "under these settings beat or a worker ends, or a schedule is sent many times over: "
            "nothing can be relied on"
        )
    elif choice.time.broken:
        yield f"under these settings {count_of(len(choice.time.broken), 'promise')} about time not kept"
    for each in choice.resilience:
        if each.deaf:
            yield f"{each.deaf[0]}; --require reconnect picks what comes back"
    if choice.witness.unlike:
        yield f"this was not measured as you have it, but with {', '.join(choice.witness.unlike)}"


def _obstacles(wish: Wish, picked: Picked, background: Background) -> Iterator[Obstacle]:
    if not picked.lacking:
        yield from obstacles(wish.demands, background.field, picked.failed, wish.as_of)
    for each in picked.contradicted[:1]:
        other = background.facts.against(each)[0]
        words = f"{each.cell} worked on {each.date}, and {other.cell} did not on {other.date}"
        yield Obstacle(words=words, cell=other.cell)
    for each in picked.forced[:1]:
        words = "it works, but no installer takes it that is not told to ignore what packages declare"
        yield Obstacle(words=words, cell=each.cell)
    for lack in picked.lacking[:SHOWN]:
        yield _lack(lack)
    if wish.as_of is not None:
        yield Obstacle(words=f"only what is known to have been there on {wish.as_of} was looked at")


def _lack(lack: Lack) -> Obstacle:
    """A promise that is required, and why it is not known to be kept."""
    works = f"{lack.cell} works, but is not known to keep {lack.promise.id} ({lack.promise.sentence})"
    if lack.endured is None:
        return Obstacle(words=f"{works}: nobody has broken anything under its like", cell=lack.cell)
    seen = next(each.seen for each in lack.endured.stands if each.invariant == lack.promise.id)
    with_ = f" with {', '.join(lack.endured.beside)}" if lack.endured.beside else ""
    return Obstacle(words=f"{works}: seen{with_}: {seen}", cell=lack.endured.stack.cell)
