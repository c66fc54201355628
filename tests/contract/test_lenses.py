from harness.contract.lenses import Disagreement, disagreements, rehearsed
from harness.contract.span import PREFIX, read_spans
from harness.contract.wall import from_iso, to_iso
from tests.contract.spans import Observation, faultless, shift

NOON = "night Europe/Berlin 2025-03-30"


def as_rehearsed(spans: dict[str, Observation]) -> dict[str, Observation]:
    """What a rehearsal says that sees what the live lens saw."""
    names = {agenda.name for agenda, _ in rehearsed("Asia/Shanghai", own_zones=True)}
    return {
        name: {
            "sends": {
                entry: [(_within(span, sent), 0, 1) for sent, _ in sends]
                for entry, sends in span["sends"].items()
            },
            "storms": [],
            "ended": "",
        }
        for name, span in spans.items()
        if name in names
    }


def _within(span: Observation, sent: str) -> str:
    """The look in which it was sent."""
    looks = [began for began, ended in span["looks"] if from_iso(began) <= from_iso(sent) <= from_iso(ended)]
    return to_iso(from_iso(looks[0])) if looks else sent


def compare(live: dict[str, Observation], rehearsal: dict[str, Observation]) -> tuple[Disagreement, ...]:
    return disagreements(read_spans({PREFIX + name: span for name, span in live.items()}), rehearsal)


def test_lenses_that_see_the_same_agree() -> None:
    assert compare(faultless(), as_rehearsed(faultless())) == ()


def test_what_one_sees_and_the_other_does_not_is_told_with_both() -> None:
    live = faultless()
    shift(live[NOON], "noon", 3600, only=0)
    assert compare(live, as_rehearsed(faultless())) == (
        Disagreement(invariant="after-the-change", live=f"{NOON}: fired 1 h late", screen="held"),
    )
    assert compare(faultless(), as_rehearsed(live)) == (
        Disagreement(invariant="after-the-change", live="held", screen=f"{NOON}: fired 1 h late"),
    )


def test_lenses_that_both_see_it_agree() -> None:
    live = faultless()
    shift(live[NOON], "noon", 3600, only=0)
    assert compare(live, as_rehearsed(live)) == ()


def test_a_storm_is_seen_by_either() -> None:
    rehearsal = as_rehearsed(faultless())
    rehearsal[NOON]["storms"] = ["every-minute"]
    (told,) = compare(faultless(), rehearsal)
    assert told == Disagreement(invariant="every-minute", live="held", screen=f"{NOON}: stormed")


def test_a_span_in_which_beat_ended_or_that_was_not_rehearsed_is_not_compared() -> None:
    live = faultless()
    shift(live[NOON], "noon", 3600, only=0)
    live[NOON]["ended"]["beat"] = "exited with code 1"
    assert compare(live, as_rehearsed(faultless())) == ()
    assert compare(faultless(), {}) == ()


def test_what_is_rehearsed_is_plain_crontabs_and_intervals() -> None:
    entries = [entry for _, entries in rehearsed("Asia/Shanghai", own_zones=True) for entry in entries]
    assert {entry.kind for entry in entries} == {"crontab", "interval"}
    assert not [entry for entry in entries if entry.options]
    assert {entry.name for entry in entries} >= {"interval", "crontab", "own:UTC", "odd-hour", "noon"}
