"""Each invariant holds for a faultless beat, and is violated, in words, by a beat that breaks just that."""

import copy
import json
from collections.abc import Callable

import pytest

from harness.contract.agenda import CLEANUP
from harness.contract.invariant import Finding, Invariant, Standing
from harness.contract.invariant import find as find_in_spans
from harness.contract.invariants import INVARIANTS
from harness.contract.span import PREFIX, read_spans
from harness.contract.wall import HOUR, to_iso
from tests.contract.spans import BY_ID, SENT, Observation, faultless, message, repeat, shift

Spans = dict[str, Observation]
FAULTLESS = faultless()
BERLIN_SPRING = "night Europe/Berlin 2025-03-30"
BERLIN_AUTUMN = "night Europe/Berlin 2025-10-26"


def find(invariant: Invariant, observations: Spans) -> Finding:
    """As the record would have it: through JSON, and among other observations."""
    recorded = json.loads(json.dumps({PREFIX + name: span for name, span in observations.items()}))
    return find_in_spans(invariant, read_spans({"schedules": {"fires": []}, **recorded}))


def invariant_parameters() -> list[object]:
    return [pytest.param(each, id=each.id) for each in INVARIANTS]


@pytest.mark.parametrize("invariant", invariant_parameters())
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York", "Europe/Berlin"])
def test_a_faultless_beat_holds_every_invariant(invariant: Invariant, zone: str) -> None:
    finding = find(invariant, faultless(zone))
    assert (finding.standing, finding.seen) == (Standing.HELD, "")


@pytest.mark.parametrize("invariant", invariant_parameters())
def test_what_was_not_lived_through_is_not_observed(invariant: Invariant) -> None:
    assert find(invariant, {}).standing is Standing.NOT_OBSERVED


@pytest.mark.parametrize("invariant", invariant_parameters())
def test_of_a_beat_that_died_at_once_only_its_end_and_its_words_are_known(invariant: Invariant) -> None:
    died: Spans = {
        "day": {
            **FAULTLESS["day"],
            **{key: {} for key in ("sends", "results", "rows", "planted", "pages")},
            "looks": [],
            "ended": {"beat": "exited with code 1", "worker": ""},
            "complaints": ["beat: TypeError: can't compare"],
        }
    }
    known = invariant.id in ("survived", "no-complaints")
    assert find(invariant, died).standing is (Standing.VIOLATED if known else Standing.NOT_OBSERVED)


@pytest.mark.parametrize("invariant", invariant_parameters())
def test_of_a_span_in_which_beat_died_nothing_else_is_judged(invariant: Invariant) -> None:
    spans = copy.deepcopy(FAULTLESS)
    for span in spans.values():
        span["ended"] = {"beat": "exited with code 1", "worker": ""}
    finding = find(invariant, spans)
    known = {"survived": Standing.VIOLATED, "no-complaints": Standing.HELD}
    assert finding.standing is known.get(invariant.id, Standing.NOT_OBSERVED)
    assert "beat exited with code 1" in finding.seen or finding.standing is Standing.HELD


@pytest.mark.parametrize(
    "invariant",
    ["interval", "crontab", "clocked", "own-zone", "calendar", "start-time", "expires", "one-off"],
)
def test_what_could_not_be_entered_is_not_observed(invariant: str) -> None:
    spans = copy.deepcopy(FAULTLESS)
    for span in spans.values():
        for entry in span.get("entries", ()):
            entry["refused"] = "FieldError: there is no such field"
    finding = find(BY_ID[invariant], spans)
    assert finding.standing is Standing.NOT_OBSERVED
    assert finding.seen.endswith("could not be entered: FieldError: there is no such field")


def broken(invariant: str, words: str, spoil: Callable[[Spans], object]) -> object:
    return pytest.param(invariant, words, spoil, id=f"{invariant}: {words}")


def set_sends(spans: Spans, span: str, entry: str, keep: Callable[[int], bool]) -> None:
    sends = spans[span]["sends"][entry]
    spans[span]["sends"][entry] = [send for number, send in enumerate(sends) if keep(number)]


@pytest.mark.parametrize(
    ("invariant", "words", "spoil"),
    [
        broken("interval", "never fired in 26 h", lambda s: s["day"]["sends"].pop("interval")),
        broken(
            "interval", "silent for 9 h", lambda s: set_sends(s, "day", "interval", lambda n: not 2 <= n < 10)
        ),
        broken("interval", "fired again after 0.0 s", lambda s: repeat(s["day"], "interval")),
        broken("crontab", "fired 8 h late", lambda s: shift(s["day"], "crontab", 8 * HOUR)),
        broken("crontab", "fired 16 h early", lambda s: shift(s["day"], "crontab", -16 * HOUR)),
        broken("crontab", "never fired in 26 h", lambda s: s["day"]["sends"].pop("crontab")),
        broken("crontab", "fired twice instead of once", lambda s: repeat(s["day"], "crontab")),
        broken(
            "own-zone",
            "Asia/Kolkata fired 30 min late",
            lambda s: shift(s["day"], "own:Asia/Kolkata", HOUR / 2),
        ),
        broken(
            "own-zone",
            "UTC fired 8 h early; America/New_York fired 13 h early",
            lambda s: [
                shift(s["day"], f"own:{zone}", hours * HOUR)
                for zone, hours in {"UTC": -8, "America/New_York": -13}.items()
            ],
        ),
        broken("no-storm", "crontab fired 112 times in 0.0 s", lambda s: repeat(s["day"], "crontab", 112)),
        broken(
            "no-storm",
            "day: crontab fired 25 times in 2 s",
            lambda s: s["day"]["storms"].update(crontab="fired 25 times in 2 s"),
        ),
        broken("calendar", "weekday fired 24 h late", lambda s: shift(s["day"], "weekday", 24 * HOUR)),
        broken("calendar", "month never fired in 26 h", lambda s: s["day"]["sends"].pop("month")),
        broken("clocked", "fired 8 h late", lambda s: shift(s["day"], "clocked", 8 * HOUR)),
        broken(
            "start-time", "first fired 2 h early", lambda s: shift(s["start-time"], "start-time", -3 * HOUR)
        ),
        broken(
            "start-time", "first fired 9 h late", lambda s: shift(s["start-time"], "start-time", 8 * HOUR)
        ),
        broken("start-time", "never fired", lambda s: s["start-time"]["sends"].pop("start-time")),
        broken("expires", "never ran", lambda s: s["expires"]["sends"].pop("expires")),
        broken("expires", "last ran 9 h late", lambda s: shift(s["expires"], "expires", 9 * HOUR)),
        broken(
            "expires", "last ran 1 h early", lambda s: set_sends(s, "expires", "expires", lambda n: n < 1)
        ),
        broken(
            "expire-seconds",
            "was sent, and not run",
            lambda s: s["day"]["sends"].update(
                {"expire-seconds": [(sent, None) for sent, _ in s["day"]["sends"]["expire-seconds"]]}
            ),
        ),
        broken("one-off", "fired twice", lambda s: repeat(s["one-off"], "one-off")),
        broken("one-off", "stayed enabled", lambda s: s["one-off"]["rows"]["one-off"].update(enabled=True)),
        broken("changes", "edited fired 1 h early", lambda s: shift(s["changes"], "edited", -HOUR)),
        broken(
            "changes",
            "deleted fired once instead of never",
            lambda s: s["changes"]["sends"].update(deleted=s["changes"]["sends"]["enabled"]),
        ),
        broken(
            "changes", "beat did not notice: edit", lambda s: s["changes"]["changes"][0].update(noticed="no")
        ),
        broken("restart", "the one before fired twice", lambda s: repeat(s["restarts"], "at-five")),
        broken("restart", "the one after never fired", lambda s: s["restarts"]["sends"].pop("at-seven")),
        broken(
            "missed",
            "fired twice",
            lambda s: s["restarts"]["sends"].update({"at-six": s["restarts"]["sends"]["at-seven"] * 2}),
        ),
        broken(
            "odd-hour",
            "fired twice that night",
            lambda s: s[BERLIN_SPRING]["sends"].update(
                {"odd-hour": s[BERLIN_SPRING]["sends"]["every-minute"][:2]}
            ),
        ),
        broken(
            "odd-hour",
            "did not fire that night",
            lambda s: set_sends(s, BERLIN_AUTUMN, "odd-hour", lambda n: n > 1),
        ),
        broken(
            "odd-hour",
            "the next day it fired 1 h late",
            lambda s: shift(s[BERLIN_SPRING], "odd-hour", HOUR, only=0),
        ),
        broken(
            "odd-hour",
            "the next day it fired never",
            lambda s: set_sends(s, BERLIN_SPRING, "odd-hour", lambda n: n > 0),
        ),
        broken(
            "every-minute",
            "silent for 1 h 30 min",
            lambda s: set_sends(s, BERLIN_AUTUMN, "every-minute", lambda n: not 5 <= n < 12),
        ),
        broken(
            "interval-by-night",
            "silent for 1 h 30 min",
            lambda s: set_sends(s, BERLIN_AUTUMN, "by-night", lambda n: not 2 <= n < 4),
        ),
        broken(
            "after-the-change",
            f"{BERLIN_SPRING}: fired 1 h late",
            lambda s: shift(s[BERLIN_SPRING], "noon", HOUR, only=0),
        ),
        broken(
            "result-instants",
            "date_done is 8 h late",
            lambda s: s["day"]["results"]["crontab"].update(
                date_done=s["day"]["rows"]["late"]["last_run_at"]
            ),
        ),
        broken(
            "last-run-at",
            "that of crontab is 8 h late",
            lambda s: s["day"]["rows"]["crontab"].update(last_run_at=s["day"]["rows"]["late"]["last_run_at"]),
        ),
        broken(
            "awareness",
            "last_run_at of crontab is naive",
            lambda s: s["day"]["rows"]["crontab"]["last_run_at"].update(aware=False),
        ),
        broken(
            "named-results",
            "that of crontab says 'another'",
            lambda s: s["day"]["results"]["crontab"].update(periodic_task_name="another"),
        ),
        broken("solar", "fired 8 h late", lambda s: shift(s["day"], "solar", 8 * HOUR)),
        broken("solar", "never fired in 26 h", lambda s: s["day"]["sends"].pop("solar")),
        broken(
            "countdown",
            "is held back to run 8 h late",
            lambda s: s["messages"]["messages"].update(
                countdown={**message("PENDING", meant=SENT), "held": to_iso(SENT + 8 * HOUR)}
            ),
        ),
        broken(
            "aware-eta",
            "did not run",
            lambda s: s["messages"]["messages"].update(elsewhere=message("PENDING", meant=SENT)),
        ),
        broken(
            "naive-eta",
            "ran at once",
            lambda s: s["messages"]["messages"].update(naive=message("SUCCESS", meant=SENT, ran=SENT - 1)),
        ),
        broken(
            "naive-eta",
            "ran 1 min late",
            lambda s: s["messages"]["messages"].update(naive=message("SUCCESS", meant=SENT, ran=SENT + 60)),
        ),
        broken("cleanup-time", "fired 8 h late", lambda s: shift(s["day"], CLEANUP, 8 * HOUR)),
        broken(
            "cleanup-time",
            "fired once instead of never",
            lambda s: s["day"]["settings"].update(CELERY_RESULT_EXPIRES="0"),
        ),
        broken(
            "cleanup-removes",
            "left what was done 25 h before",
            lambda s: s["day"]["planted"]["expired"].update(left=True),
        ),
        broken(
            "cleanup-removes",
            "removed what was done 23 h before",
            lambda s: s["day"]["planted"]["not-yet-expired"].update(left=False),
        ),
        broken(
            "cleanup-removes",
            "removed what was done",
            lambda s: [
                s["day"]["settings"].update(CELERY_RESULT_EXPIRES="0"),
                s["day"]["sends"].pop(CLEANUP),
            ],
        ),
        broken(
            "shown-results",
            "date_done is shown 8 h early",
            lambda s: s["day"]["pages"]["result"].update(date_done="2028年2月29日 02:00"),
        ),
        broken(
            "shown-last-run",
            "last_run_at is shown as '-'",
            lambda s: s["day"]["pages"]["entry"].update(last_run_at="-"),
        ),
        broken(
            "admin-lists",
            "task results: ValueError: invalid datetime",
            lambda s: s["day"]["pages"]["lists"].update(
                {"task results": "ValueError: invalid datetime", "periodic tasks": ""}
            ),
        ),
        broken(
            "survived",
            "beat exited with code 1",
            lambda s: s["day"]["ended"].update(beat="exited with code 1"),
        ),
        broken(
            "no-complaints",
            "beat: RuntimeWarning: received a naive datetime",
            lambda s: s["day"]["complaints"].append("beat: RuntimeWarning: received a naive datetime"),
        ),
    ],
)
def test_a_beat_that_breaks_it_violates_it(
    invariant: str, words: str, spoil: Callable[[Spans], object]
) -> None:
    spans = copy.deepcopy(FAULTLESS)
    # Something to take an instant from that is eight hours late.
    eight_late = copy.deepcopy(spans["day"])
    shift(eight_late, "crontab", 8 * HOUR)
    spans["day"]["rows"]["late"] = {
        "enabled": True,
        "last_run_at": {"instant": eight_late["sends"]["crontab"][0][0], "aware": True},
    }
    spoil(spans)
    finding = find(BY_ID[invariant], spans)
    assert finding.standing is Standing.VIOLATED
    assert words in finding.seen


def test_ids_are_of_one_invariant_each() -> None:
    assert len(BY_ID) == len(INVARIANTS)


@pytest.mark.parametrize("invariant", invariant_parameters())
def test_a_sentence_is_one_a_user_understands(invariant: Invariant) -> None:
    assert invariant.source.startswith("https://")
    assert not invariant.sentence.endswith(".")
    assert invariant.sentence[0].islower()
