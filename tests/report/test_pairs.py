import json
import re
from collections import Counter
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.matrix.field import Field, Pins
from harness.pairs.verdicts import Verdict, know
from harness.report import data, markdown_pairs, terminal_pairs
from harness.report.pairs import PairView, make_pair_view
from harness.report.pairs_since import SEEN, say
from harness.report.since import Seen, stretches
from tests.conftest import AssertExpected
from tests.report import small_field
from tests.report.small_field import FIELD
from tests.values import HEADER

LETTERS = dict(zip("wcpbu?", Verdict, strict=True))
# How a statement says that something was not tested.
UNKNOWN = r"(?:[Nn]othing is known of)[^;.]*|\([^)]* untested\)"
NOT_TODAY = "works as installed today"
WBW = "C <0> works with D; not after, where <1> was broken. So does <3>"
SERIES = st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def view() -> PairView:
    return make_pair_view(
        small_field.knowledge(), small_field.results(), plan="field", machine=HEADER.machine
    )


@pytest.fixture(scope="module")
def nothing() -> PairView:
    """The field before anything was run."""
    return make_pair_view(know(FIELD, ()), {}, plan="field", machine=None)


def test_the_field_for_readers_of_the_repository(view: PairView, assert_expected: AssertExpected) -> None:
    assert_expected(markdown_pairs.render(view), Path(__file__).with_name("pairs.md"))


def test_the_field_for_programs(view: PairView, assert_expected: AssertExpected) -> None:
    assert_expected(data.render(view), Path(__file__).with_name("pairs.json"))


def test_the_field_for_a_terminal(view: PairView, assert_expected: AssertExpected) -> None:
    text = terminal_pairs.render(view, width=120, colour=False)
    assert_expected(text, Path(__file__).with_name("pairs.txt"))


@pytest.mark.parametrize(
    ("pair", "verdict", "because"),
    [
        ((small_field.DJANGO_4_2, small_field.BEAT_2_8), Verdict.WORKS, ""),
        (small_field.WITH_CAVEATS, Verdict.CAVEATS, ""),
        ((small_field.PYTHON_3_13, small_field.DJANGO_3_2), Verdict.PINS, ""),
        ((small_field.DJANGO_5_2, small_field.CELERY_5_3), Verdict.BROKEN, "beat:raised:ImportError"),
        ((small_field.DJANGO_4_2, small_field.CELERY_5_1), Verdict.BROKEN, "worker:raised:TypeError"),
        (
            (small_field.PYTHON_3_8, small_field.DJANGO_5_2),
            Verdict.UNRESOLVABLE,
            "django 5.2 declares Python>=3.10",
        ),
        (
            (small_field.PYTHON_3_13, small_field.CELERY_5_2),
            Verdict.UNRESOLVABLE,
            "resolve:conflict:celery/vine",
        ),
        (
            (small_field.DJANGO_3_2, small_field.CELERY_5_5),
            Verdict.UNRESOLVABLE,
            "django-celery-beat 2.8 requires Django>=4.2",
        ),
        (small_field.UNTRIED, Verdict.UNTESTED, ""),
        (small_field.TRIED_ONCE, Verdict.UNTESTED, ""),
    ],
)
def test_every_verdict_leads_to_its_evidence(
    view: PairView, pair: Pins, verdict: Verdict, because: str
) -> None:
    entry = next(
        each for table in view.tables for each in chain.from_iterable(table.entries) if each.pair == pair
    )
    culprits = {
        each.anchor: each for cause in (*view.signatures, *view.declarations) for each in cause.culprits
    }
    witnesses = {each.anchor: each for each in view.witnesses}
    suspects = {each.anchor: each for each in view.suspects}
    assert entry.verdict is verdict
    if because:
        assert culprits[entry.anchor].because == because
    elif verdict is not Verdict.UNTESTED:
        assert pair in witnesses[entry.anchor].pairs
        assert witnesses[entry.anchor].verdict is verdict
    elif entry.anchor:
        assert suspects[entry.anchor].pair == pair


def test_every_pair_is_in_one_table_and_what_is_open_is_counted(view: PairView) -> None:
    entries = [each for table in view.tables for each in chain.from_iterable(table.entries)]
    assert sorted(each.pair for each in entries) == sorted(FIELD.pairs)
    assert Counter(each.verdict for each in entries) == Counter(view.counts)
    assert len(view.untested) == view.counts[Verdict.UNTESTED] > 0


def test_every_link_within_the_page_leads_somewhere_and_no_anchor_is_there_twice(view: PairView) -> None:
    text = markdown_pairs.render(view)
    anchors = re.findall(r'<a name="([^"]+)">', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\(#([^)]+)\)", text)) <= set(anchors)


def test_a_field_of_which_nothing_was_run_is_all_open_but_for_what_is_declared(nothing: PairView) -> None:
    assert {verdict for verdict, count in nothing.counts.items() if count} == {
        Verdict.UNRESOLVABLE,
        Verdict.UNTESTED,
    }
    text = markdown_pairs.render(nothing)
    assert "What fails" not in text
    assert "in run" not in text
    assert "Machine" not in text
    assert json.loads(data.render(nothing))["counts"]["untested"] == len(nothing.untested)


def test_a_field_of_which_all_is_known_says_so(view: PairView) -> None:
    counts = {**view.counts, Verdict.UNTESTED: 0}
    settled = replace(view, counts=counts, untested=(), suspects=())
    assert "; nothing is open.**" in markdown_pairs.render(settled)
    assert terminal_pairs.render(settled, width=100, colour=False).endswith("; nothing is open\n")


def test_a_terminal_may_have_colours(view: PairView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[31mworker:raised:TypeError" in terminal_pairs.render(view, width=140, colour=True)


@given(SERIES)
def test_no_claim_ends_with_a_series_that_was_not_tested(verdicts: list[Verdict]) -> None:
    names = [f"<{number}>" for number in range(len(verdicts))]
    claims = re.sub(rf"{UNKNOWN}|: .*", "", say("C", names, verdicts, "it"))
    for first, last in re.findall(r"<(\d+)>(?: to <(\d+)>)?", claims):
        assert verdicts[int(first)] is not Verdict.UNTESTED
        assert not last or verdicts[int(last)] is not Verdict.UNTESTED


@given(SERIES)
def test_what_was_not_tested_in_a_range_or_beside_its_end_is_named_as_such(verdicts: list[Verdict]) -> None:
    names = [f"<{number}>" for number in range(len(verdicts))]
    told: set[int] = set()
    for words in re.findall(rf"{UNKNOWN}|[^;:(]* untested", say("C", names, verdicts, "it")):
        for first, last in re.findall(r"<(\d+)>(?: to <(\d+)>)?", words):
            told |= set(range(int(first), int(last or first) + 1))
    seen = [SEEN[each] for each in verdicts]
    ranges = [number for each in stretches(seen) for number in each.unasked]
    untested = {number for number, each in enumerate(verdicts) if each is Verdict.UNTESTED}
    assert told == (set(ranges) if Seen.HERE in seen else untested)


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("www", "Every C, <0> to <2>, works with D"),
        ("w", "C <0> works with D"),
        ("?w", "C <1>, the only one that was tested, works with D (<0> untested)"),
        ("w?c?", "Every C that was tested, <0> to <2>, works with D (<1> and <3> untested)"),
        ("bbww", "C <2> and later works with D; not before, where <1> was broken"),
        ("b?ww", "C <2> and later works with D; <0> was broken, and nothing is known of <1> in between"),
        ("bw?w", "C <1> and later works with D (<2> untested); not before, where <0> was broken"),
        ("bww?", "C <1> to <2> works with D; not before, where <0> was broken; nothing is known of <3>"),
        ("wwu", "C <1> and earlier works with D; not after, where <2> was unresolvable"),
        ("pw", "C <1> works with D; not before, where <0> works with pins only"),
        ("w?b", "C <0> works with D; <2> was broken, and nothing is known of <1> in between"),
        ("wpb", "C <0> works with D; not after, where <1> works with pins only"),
        ("wb?w", f"{WBW}; <1> was broken, and nothing is known of <2> in between"),
        ("bp?", f"No C that was tested {NOT_TODAY} with D: <1> with pins only; <0> broken; <2> untested"),
        ("bub", f"No C {NOT_TODAY} with D: <0> and <2> broken; <1> unresolvable"),
        ("???", "Nothing is known of C <0> to <2> with D"),
    ],
)
def test_since_and_until_in_words(letters: str, words: str) -> None:
    names = [f"<{number}>" for number in range(len(letters))]
    assert say("C", names, [LETTERS[letter] for letter in letters], "D") == words


def test_the_tables_that_are_looked_up_most_come_first() -> None:
    axes = ("python", "django", "celery", "django-celery-beat", "django-celery-results", "redis")
    field = Field(axes=dict.fromkeys(axes, ("1.0",)), forbidden={})
    view = make_pair_view(know(field, ()), {}, plan="field", machine=None)
    assert [{table.down, table.across} for table in view.tables] == [
        {"django", "celery"},
        {"django", "django-celery-beat"},
        {"celery", "django-celery-beat"},
        {"celery", "redis"},
        *({"python", axis} for axis in axes[1:]),
        *({"django-celery-results", axis} for axis in ("django", "celery", "django-celery-beat", "redis")),
        {"django", "redis"},
        {"django-celery-beat", "redis"},
    ]
