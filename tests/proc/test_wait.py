"""Waiting, with real time and a real child."""

import time

import pytest

from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from tests.proc.processes import MakeCommand, Start


def test_a_deadline_counts_down_and_stays_at_zero() -> None:
    ahead, over = Deadline(60), Deadline(0)
    assert 0 < ahead.left <= 60
    assert not ahead.passed
    assert over.left == 0
    assert over.passed


def test_a_deadline_exceeded_says_what_was_waited_for_and_how_long() -> None:
    with pytest.raises(DeadlineExceeded, match=r"^the moon to rise: not within 0\.05 s$") as caught:
        wait_until(lambda: False, deadline=Deadline(0.05), what="the moon to rise")
    assert caught.value.what == "the moon to rise"
    assert caught.value.seconds == 0.05


def test_a_wait_ends_at_its_deadline() -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        wait_until(lambda: False, deadline=Deadline(0.1), what="nothing")
    assert 0.1 <= time.monotonic() - began < 30


def test_a_wait_gives_the_first_true_value() -> None:
    values = iter([None, "", "first", "second"])
    assert wait_until(lambda: next(values), deadline=Deadline(60), what="a value") == "first"


def test_a_condition_is_looked_at_once_though_the_deadline_has_passed() -> None:
    assert wait_until(lambda: "there", deadline=Deadline(0), what="it") == "there"


def test_what_a_condition_raises_ends_the_wait() -> None:
    looks = iter([0, 0])
    with pytest.raises(StopIteration):
        wait_until(lambda: next(looks), deadline=Deadline(60), what="more than there is")


def test_a_wait_sees_what_a_child_does(python: MakeCommand, start: Start) -> None:
    child = start(python("open('made', 'w').write('by a child')"))
    made = child.command.cwd / "made"
    text = wait_until(lambda: made.exists() and made.read_text(), deadline=Deadline(60), what="the file")
    assert text == "by a child"
