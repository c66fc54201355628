"""Logs of real children, read while they are being written."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.proc import children, logs
from harness.proc.children import Child
from harness.proc.logs import LONGEST_LOG, LogFlooded, LogReader, read_log, tail
from harness.proc.wait import Deadline, wait_until
from tests.proc.processes import MakeCommand, Start

# Writes each piece, given in hexadecimal on a line of its own, and says so.
_WRITER = """
    import os, sys
    for line in sys.stdin:
        os.write(2, bytes.fromhex(line))
        os.write(1, b"written\\n")
"""

_FLOOD = """
    import os
    input()
    while True:
        os.write(2, b"x" * 65535 + b"\\n")
"""


@pytest.fixture
def write(python: MakeCommand, start: Start) -> tuple[Path, Callable[[bytes], None]]:
    """A log, and what has a child write some bytes into it."""
    child = start(replace(python(_WRITER), talks=True))

    def written(piece: bytes) -> None:
        child.stdin.write(piece.hex().encode() + b"\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"written\n"

    return child.command.log, written


Write = tuple[Path, Callable[[bytes], None]]


def test_a_log_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "none.log"
    assert read_log(path) == ""
    assert read_log(path, offset=10) == ""
    assert tail(path) == ""
    assert LogReader(path).new_lines() == []


def test_a_log_is_read_from_an_offset(write: Write) -> None:
    path, written = write
    written(b"first\n")
    offset = path.stat().st_size
    written(b"second\n")
    assert read_log(path) == "first\nsecond\n"
    assert read_log(path, offset) == "second\n"


def test_bytes_that_are_no_text_are_replaced(write: Write) -> None:
    path, written = write
    written(b"caf\xe9\n")
    assert read_log(path) == "caf�\n"
    assert tail(path) == "caf�\n"
    assert LogReader(path).new_lines() == ["caf�"]


def test_new_lines_are_given_once(write: Write) -> None:
    path, written = write
    reader = LogReader(path)
    written(b"one\ntwo\n")
    assert reader.new_lines() == ["one", "two"]
    assert reader.new_lines() == []
    written(b"three\n\n")
    assert reader.new_lines() == ["three", ""]


def test_a_partial_line_is_kept_until_its_rest_comes(write: Write) -> None:
    path, written = write
    reader = LogReader(path)
    written(b"whole\nhal")
    assert reader.new_lines() == ["whole"]
    written(b"f, and ")
    assert reader.new_lines() == []
    written(b"its rest\nnext")
    assert reader.new_lines() == ["half, and its rest"]


def test_a_character_cut_in_two_is_put_together_again(write: Write) -> None:
    path, written = write
    reader = LogReader(path)
    whole = "naïve café €\n".encode()
    cut = whole.index(b"\xa9")
    lines = []
    for piece in (whole[:cut], whole[cut:-3], whole[-3:]):
        written(piece)
        lines += reader.new_lines()
    assert lines == ["naïve café €"]


def test_the_tail_is_the_end_of_a_log_however_long_it_is(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("wb") as file:
        file.truncate(20 * LONGEST_LOG)  # sparse: it takes no room on the disk
        file.seek(0, 2)
        file.write(b"the last words")
    assert tail(path, size=10) == "last words"
    assert tail(path).endswith("the last words")


def test_a_log_at_its_bound_is_read_and_one_beyond_is_flooded(tmp_path: Path) -> None:
    path = tmp_path / "busy.log"
    with path.open("wb") as file:
        file.truncate(LONGEST_LOG)
    assert len(read_log(path)) == LONGEST_LOG
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(LogFlooded, match=r"^busy\.log is longer than 16 MiB$") as caught:
        read_log(path)
    assert caught.value.path == path
    with pytest.raises(LogFlooded):
        LogReader(path).new_lines()


def test_a_log_that_floods_is_noticed_though_it_is_read_piece_by_piece(
    python: MakeCommand, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LONGEST_LOG", 2**20)
    monkeypatch.setattr(children, "LONGEST_LOG", 2**20)
    child = _flood(python, start)
    reader = LogReader(child.command.log)

    def never() -> bool:
        reader.new_lines()
        return False

    with pytest.raises(LogFlooded):
        wait_until(never, deadline=Deadline(60), what="the flood")


def test_a_flood_ends_at_the_size_that_is_bound(
    python: MakeCommand, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "LONGEST_LOG", 2**17)
    child = _flood(python, start)
    assert child.wait(Deadline(60)) != 0
    assert child.command.log.stat().st_size <= 8 * 2**17


def _flood(python: MakeCommand, start: Start) -> Child:
    # It begins when it is told to: a bound holds from when the child has been started.
    child = start(replace(python(_FLOOD), talks=True))
    child.stdin.write(b"\n")
    child.stdin.flush()
    return child
