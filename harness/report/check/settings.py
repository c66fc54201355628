"""Settings held against the time contract: what was seen under them, with the nearest versions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packaging.version import Version

from harness.answers.settings import SWITCHES, Given, Settings
from harness.answers.zones import kind_of, kind_words, likeness
from harness.contract.invariant import Stand, Standing
from harness.contract.invariants import INVARIANTS
from harness.model import CellResult, Stage
from harness.report.check.promises import UNSOUND, Better, Broken, Measured, Seen, TimeAnswer
from harness.report.stands import stands_of

BEAT, CELERY = "django-celery-beat", "celery"
_DECIDING = (*SWITCHES, "TIME_ZONE", "CELERY_TIMEZONE")


def judge_settings(
    settings: Settings, versions: Mapping[str, str], results: Sequence[CellResult]
) -> TimeAnswer:
    """Hold settings against what cells that were asked about time have seen.

    `versions` are those of Celery and django-celery-beat. `results` are whole, the newest of each cell.
    """
    lacking = [name for name in (BEAT, CELERY) if name not in versions]
    if lacking:
        return TimeAnswer(settings=settings, why_not=f"which {' and which '.join(lacking)} is not known")
    unread = [name for name in _DECIDING if name not in settings.values]
    if unread:
        return TimeAnswer(
            settings=settings, why_not=f"{' and '.join(unread)} cannot be read; give them as words"
        )
    asked = [each for each in results if Stage.TIME in each.checks and each.lock is not None]
    alike = [each for each in asked if _same_switches(settings, each)] or _same_in_effect(settings, asked)
    if not alike:
        return TimeAnswer(settings=settings, why_not=_why_none(settings))
    near = _nearest_versions(alike, versions)
    if not near:
        return TimeAnswer(settings=settings, why_not="these series were not measured under such settings")
    chosen = _one_a_stack(near, settings)
    measured = tuple(_measured(each, versions) for each in chosen)
    stands = [{stand.invariant: stand for stand in stands_of(each)} for each in chosen]
    around = _around(chosen[0], asked)
    return TimeAnswer(
        settings=settings,
        measured=measured,
        broken=tuple(_broken(measured, stands, around, chosen[0])),
        held=sum(_standings(stands, each.id) == {Standing.HELD} for each in INVARIANTS),
        unseen=sum(_standings(stands, each.id) == {Standing.NOT_OBSERVED} for each in INVARIANTS),
        better=_better(around, stands[0]),
        cautions=(*_other_zone(settings, chosen[0]), *_cautions(settings, measured)),
    )


def is_under(settings: Settings, result: CellResult) -> bool:
    """Whether a cell ran under the like of settings that are complete: all switches, and the kind of zone."""
    zones = str(settings.values["TIME_ZONE"]), str(result.settings["TIME_ZONE"])
    return _same_switches(settings, result) and likeness(*zones) <= 1


def _same_in_effect(settings: Settings, results: Iterable[CellResult]) -> list[CellResult]:
    """Where neither UTC nor CELERY_TIMEZONE is asked for: what names the zone that Celery takes itself.

    It takes the system's then, which within Django is TIME_ZONE (celery/app/base.py, `timezone`).
    """
    values = settings.values
    if values["CELERY_ENABLE_UTC"] or values["CELERY_TIMEZONE"]:
        return []
    named = replace(settings, values={**values, "CELERY_TIMEZONE": values["TIME_ZONE"]})
    return [each for each in results if _same_switches(named, each)]


def _same_switches(settings: Settings, result: CellResult) -> bool:
    return _switches(result.settings) == _switches(settings.values)


def settings_words(values: Mapping[str, Given]) -> str:
    """`USE_TZ=False, …`; what is not set is left out."""
    return ", ".join(f"{name}={values[name]}" for name in _DECIDING if values.get(name, "") != "")


def _switches(values: Mapping[str, Given]) -> tuple[Given, ...]:
    return (*(values.get(name, "") for name in SWITCHES), _relation(values))


def _relation(values: Mapping[str, Given]) -> str:
    """How CELERY_TIMEZONE stands to TIME_ZONE; Celery's defaults are UTC, where TIME_ZONE is."""
    zone, celery = str(values["TIME_ZONE"]), str(values["CELERY_TIMEZONE"])
    if celery == zone or (not celery and kind_of(zone) == kind_of("UTC")):
        return "the same"
    return "another" if celery else "not set"


def _why_none(settings: Settings) -> str:
    if _relation(settings.values) == "another":
        return "a CELERY_TIMEZONE other than TIME_ZONE has not been measured"
    return f"{settings_words(settings.values)} has not been measured together"


def _nearest_versions(results: Iterable[CellResult], versions: Mapping[str, str]) -> list[CellResult]:
    """Those with both series the same; if there are none, those with the one or the other."""
    matching = [(_matches(each, versions), each) for each in results]
    most = max((count for count, _ in matching), default=0)
    return [each for count, each in matching if count == most and most]


def _matches(result: CellResult, versions: Mapping[str, str]) -> int:
    return sum(_series(_version(result, name)) == _series(versions[name]) for name in (BEAT, CELERY))


def _one_a_stack(results: Iterable[CellResult], settings: Settings) -> list[CellResult]:
    """Of each stack the cell whose zone and database are most like the user's; the newest versions first."""
    zone, database = str(settings.values["TIME_ZONE"]), settings.database or "sqlite"

    def distance(result: CellResult) -> tuple[int, bool, bool]:
        return (
            likeness(zone, str(result.settings["TIME_ZONE"])),
            result.database != database,
            result.database != "sqlite",
        )

    best: dict[str, CellResult] = {}
    for result in sorted(results, key=lambda each: each.cell):
        stack = result.cell.partition("@")[0]
        if stack not in best or distance(result) < distance(best[stack]):
            best[stack] = result
    return sorted(
        best.values(),
        key=lambda each: (Version(_version(each, BEAT)), Version(_version(each, CELERY))),
        reverse=True,
    )


def _measured(result: CellResult, versions: Mapping[str, str]) -> Measured:
    return Measured(
        cell=result.cell,
        run=result.run,
        beat=_version(result, BEAT),
        celery=_version(result, CELERY),
        zone=str(result.settings["TIME_ZONE"]),
        database=result.database,
        same_series=_matches(result, versions) == len((BEAT, CELERY)),
    )


def _around(result: CellResult, asked: Iterable[CellResult]) -> list[tuple[CellResult, dict[str, Stand]]]:
    """The same versions in the same zone on the same database, under all settings."""
    stack = result.cell.partition("@")[0]
    return [
        (each, {stand.invariant: stand for stand in stands_of(each)})
        for each in asked
        if each.cell.partition("@")[0] == stack
        and each.settings["TIME_ZONE"] == result.settings["TIME_ZONE"]
        and each.database == result.database
    ]


def _broken(
    measured: Sequence[Measured],
    stands: Sequence[Mapping[str, Stand]],
    around: Sequence[tuple[CellResult, Mapping[str, Stand]]],
    first: CellResult,
) -> Iterable[Broken]:
    for invariant in INVARIANTS:
        seen: dict[str, list[str]] = {}
        for each, found in zip(measured, stands, strict=True):
            if found[invariant.id].standing is Standing.VIOLATED:
                seen.setdefault(found[invariant.id].seen, []).append(each.versions)
        if seen:
            yield Broken(
                invariant=invariant.id,
                sentence=invariant.sentence,
                source=invariant.source,
                seen=tuple(Seen(words=words, versions=tuple(where)) for words, where in seen.items()),
                held=tuple(
                    each.versions
                    for each, found in zip(measured, stands, strict=True)
                    if found[invariant.id].standing is Standing.HELD
                ),
                remedies=tuple(_remedies(invariant.id, around, first)),
            )


def _remedies(
    invariant: str, around: Sequence[tuple[CellResult, Mapping[str, Stand]]], first: CellResult
) -> Iterable[str]:
    """Single settings that were seen to make it hold."""
    for other, found in around:
        changed = {
            name: value
            for name, value in other.settings.items()
            if name in _DECIDING and value != first.settings[name]
        }
        # What holds while beat lives is no remedy where it does not.
        if len(changed) == 1 and found[invariant].standing is Standing.HELD and not _is_unsound(found):
            [(name, value)] = changed.items()
            yield f"{name}={value}" if value != "" else f"no {name}"


def _better(
    around: Sequence[tuple[CellResult, Mapping[str, Stand]]], own: Mapping[str, Stand]
) -> Better | None:
    sound = [(each, found) for each, found in around if not _is_unsound(found)]
    if not sound:
        return None
    # Those that break least keep most; where beat dies early little is seen to break.
    best, found = max(sound, key=lambda pair: (_count(pair[1], Standing.HELD), pair[0].cell))
    held, broken = (_count(found, standing) for standing in (Standing.HELD, Standing.VIOLATED))
    if held <= _count(own, Standing.HELD) or broken >= _count(own, Standing.VIOLATED):
        return None
    values = {name: best.settings[name] for name in _DECIDING}
    return Better(settings=values, held=held, broken=broken, cell=best.cell)


def _count(stands: Mapping[str, Stand], standing: Standing) -> int:
    return sum(stand.standing is standing for stand in stands.values())


def _is_unsound(stands: Mapping[str, Stand]) -> bool:
    return any(stands[invariant].standing is Standing.VIOLATED for invariant in UNSOUND)


def _standings(stands: Iterable[Mapping[str, Stand]], invariant: str) -> set[Standing]:
    return {found[invariant].standing for found in stands}


def _other_zone(settings: Settings, result: CellResult) -> Iterable[str]:
    if _relation(settings.values) != _relation(result.settings):
        named = f"CELERY_TIMEZONE={result.settings['CELERY_TIMEZONE']}"
        yield f"measured with {named}, not with none: without UTC Celery takes TIME_ZONE then as well"


def _cautions(settings: Settings, measured: Sequence[Measured]) -> Iterable[str]:
    zone = str(settings.values["TIME_ZONE"])
    for other in dict.fromkeys(each.zone for each in measured if each.zone != zone):
        if likeness(zone, other) == 1:
            yield f"measured in {other}; {zone} is like it: {kind_words(zone)}"
        else:
            yield f"measured in {other} ({kind_words(other)}); {zone} is not like it: {kind_words(zone)}"
    if settings.database:
        for other in dict.fromkeys(e.database for e in measured if e.database != settings.database):
            yield f"measured on {other}, not on {settings.database}"


def _version(result: CellResult, name: str) -> str:
    return (result.lock.version(name) if result.lock is not None else None) or "0"


def _series(version: str) -> tuple[int, ...]:
    return Version(version).release[:2]
