from dataclasses import replace

from harness.contract.invariant import Standing
from harness.contract.invariants import INVARIANTS
from harness.model import Cell, CellResult
from harness.report.stands import stands_of
from tests.report.timed import AWARE, UNAWARE, deadly, late, lived, refused, stack, stormy

STACK = stack("beat-2.8", "2.8.1", "5.5.3")
CELL = Cell(stack=STACK, profile=AWARE)


def seen(result: CellResult, standing: Standing) -> dict[str, str]:
    return {each.invariant: each.seen for each in stands_of(result) if each.standing is standing}


def test_every_invariant_is_judged_again_from_the_record() -> None:
    assert [stand.invariant for stand in stands_of(lived(CELL))] == [each.id for each in INVARIANTS]
    assert seen(lived(CELL, late), Standing.VIOLATED) == {"crontab": "fired 8 h late"}
    assert set(seen(lived(CELL, late), Standing.HELD).values()) == {""}


def test_a_cell_that_was_not_asked_about_time_has_nothing_to_tell() -> None:
    result = lived(CELL)
    assert stands_of(replace(result, checks=())) == ()
    assert stands_of(replace(result, attempts=())) == ()
    attempt = replace(result.attempts[0], observations=())
    assert stands_of(replace(result, attempts=(attempt,))) == ()


def test_what_was_seen_in_several_spans_is_told_once_with_their_names() -> None:
    where = "(night Europe/Berlin 2025-10-26, night America/New_York 2025-11-02)"
    assert seen(lived(CELL, stormy), Standing.VIOLATED) == {
        "no-storm": f"every-minute fired dozens of times within seconds {where}",
        "every-minute": f"fired dozens of times within seconds {where}",
    }


def test_an_entry_that_was_refused_could_not_be_asked() -> None:
    assert seen(lived(CELL, refused), Standing.NOT_OBSERVED) == {
        "crontab": "its schedule could not be entered: AttributeError: no CHOICES"
    }


def test_what_a_dead_beat_could_not_do_is_told_apart_from_what_nobody_asked() -> None:
    result = lived(Cell(stack=STACK, profile=UNAWARE), deadly)
    assert seen(result, Standing.VIOLATED) == {
        "survived": "beat exited with code 1 (day)",
        "no-complaints": "beat: beat raised exception <class 'TypeError'> (day)",
    }
    nights = dict.fromkeys(
        ("odd-hour", "every-minute", "interval-by-night", "after-the-change"),
        "nothing of the kind is planned for these settings",
    )
    unseen = seen(result, Standing.NOT_OBSERVED)
    assert {each: unseen.pop(each) for each in nights} == nights
    without_beat = ("countdown", "aware-eta", "naive-eta")
    assert set(seen(result, Standing.HELD)) == set(without_beat)
    assert len(unseen) == len(INVARIANTS) - len(nights) - len(without_beat) - 2
    assert set(unseen.values()) == {"beat was dead by then"}
