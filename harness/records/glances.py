"""Results at a glance: what their lines begin with, so that of a hundred thousand a few are read.

A line as `encode` writes it begins with what a cell was asked, and ends with what was seen. One that was
written otherwise is read whole, and takes longer.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from harness.model import SCHEMA_VERSION, CellResult, RunHeader
from harness.records.codec import UnreadableRecord, decode, encode

_AT_ONCE = 2**20  # bytes; a line may have tens of thousands
_BEGINNING = re.compile(
    rb'\{"schema":%d,"kind":"result","run":"[^"]*","cell":"([^"]*)","pins":(\{[^}]*\}),"extras":'
    % SCHEMA_VERSION
)
# What follows, in this order; no text has such a mark in it, for its quotes would be escaped.
_REQUIREMENTS, _SETTINGS, _CLOCK, _STARTED = (
    b',"%s":' % key for key in (b"requirements", b"settings", b"clock", b"started")
)


class Glimpse(NamedTuple):
    """Where a result is, and what its line begins with.

    `pins` is JSON, as it stands there. `circumstances` are all that a cell is asked but for its versions:
    they are equal if that is.
    """

    path: Path
    offset: int
    cell: str
    pins: bytes
    circumstances: tuple[bytes, bytes]
    started: bytes


def glances(folder: Path) -> Iterator[tuple[RunHeader, Glimpse, bytes]]:
    """Every result of every run in a folder, the oldest run first, with its line, which is not yet read."""
    shared: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        header: RunHeader | None = None
        offset = 0
        with path.open("rb", buffering=_AT_ONCE) as lines:
            for line in lines:
                text, begins = line, _BEGINNING.match(line)
                if begins is None:
                    record = _read(line)
                    if isinstance(record, RunHeader):
                        header = record
                    elif isinstance(record, CellResult):
                        text = encode(record).encode()
                        begins = _BEGINNING.match(text)
                if begins is not None and header is not None:
                    required = text.find(_REQUIREMENTS, begins.end())
                    settings = text.find(_SETTINGS, required)
                    clock = text.find(_CLOCK, settings)
                    started = text.find(_STARTED, clock) + len(_STARTED) + 1
                    asked = (text[begins.end() : required], text[settings:clock])
                    cell, pins = begins.groups()
                    glimpse = Glimpse(
                        path=path,
                        offset=offset,
                        cell=cell.decode(),
                        pins=pins,
                        circumstances=shared.setdefault(asked, asked),
                        started=text[started : text.find(b'"', started)],
                    )
                    yield header, glimpse, line
                offset += len(line)


def look_up(glimpse: Glimpse) -> CellResult | None:
    """The result of which a glimpse was had, in outline; None when its line is torn."""
    with glimpse.path.open("rb") as file:
        file.seek(glimpse.offset)
        return read_result(file.readline(), outline=True)


def read_result(line: bytes, *, outline: bool = False) -> CellResult | None:
    """The result of a line; None when it is torn."""
    try:
        record = decode(line, outline=outline)
    except UnreadableRecord:
        return None
    return record if isinstance(record, CellResult) else None


def newest_glimpses(seen: Iterable[Glimpse]) -> dict[str, Glimpse]:
    """By cell the glimpse of its newest result, as `newest_results` chooses it."""
    newest: dict[str, Glimpse] = {}
    for glimpse in seen:
        known = newest.get(glimpse.cell)
        if known is None or known.started <= glimpse.started:
            newest[glimpse.cell] = glimpse
    return newest


def _read(line: bytes) -> object:
    try:
        return decode(line, outline=True)
    except UnreadableRecord:
        return None
