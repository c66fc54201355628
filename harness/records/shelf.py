"""Sheets of all runs, each kept beside the records' copy until its file changes, and the way back to a line.

A run's file never changes once the run has ended: only what is new is read line by line.
"""

import contextlib
import gc
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

import harness
from harness.model import CellResult, RunHeader
from harness.records.codec import UnreadableRecord, decode
from harness.records.sheets import Entry, Sheet, entries_of, make_sheet

_AT_ONCE = 2**20  # bytes; a line may have tens of thousands
# What sheets follow from besides the records.
_CODE = ("model.py", "records/codec.py", "records/outline.py", "records/sheets.py", "records/verdict.py")
_SHEET = msgspec.msgpack.Decoder(Sheet)


class Shelf:
    """The records of a folder, by their sheets. `kept` is where those are kept; None: nowhere."""

    def __init__(self, folder: Path, kept: Path | None) -> None:
        self._folder = folder
        self._kept = kept
        self._headers: dict[str, RunHeader] = {}

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """One a run, the oldest first; a file without a readable header has none."""
        enabled = gc.isenabled()
        gc.disable()  # what is read lives on: looking through it for garbage takes as long as the reading
        try:
            found = [self._sheet(path) for path in sorted(self._folder.glob("*.jsonl"))]
        finally:
            gc.freeze()
            if enabled:
                gc.enable()
        return tuple(sheet for sheet in found if sheet is not None)

    def entries(self, axes: Sequence[str] = ()) -> Iterator[Entry]:
        """Every result of every run, the oldest run first."""
        enabled = gc.isenabled()
        gc.disable()
        try:
            for sheet in self.sheets:
                yield from entries_of(sheet, axes)
        finally:
            if enabled:
                gc.enable()

    def header(self, entry: Entry) -> RunHeader:
        """The header of the run that it is of."""
        sheet = entry.sheet
        if sheet.file not in self._headers:
            header = decode(sheet.header)
            if not isinstance(header, RunHeader):
                raise UnreadableRecord(f"{sheet.file} begins with no header")
            self._headers[sheet.file] = header
        return self._headers[sheet.file]

    def path(self, entry: Entry) -> Path:
        """The file that it is in."""
        return self._folder / entry.sheet.file

    def read(self, entry: Entry) -> CellResult | None:
        """The result, in outline; None when its line is torn."""
        return next((result for _, result in self.read_all([entry])), None)

    def read_whole(self, entry: Entry) -> CellResult | None:
        """The result with all that was seen; None when its line is torn."""
        with self.path(entry).open("rb") as file:
            file.seek(entry.sheet.offsets[entry.row])
            return _result(file.readline(), outline=False)

    def read_all(self, entries: Iterable[Entry]) -> list[tuple[Entry, CellResult]]:
        """The results of some entries, in outline and in their order, without those whose line is torn."""
        wanted = list(entries)
        lines: dict[tuple[str, int], CellResult | None] = {}
        by_file: dict[str, list[Entry]] = {}
        for entry in wanted:
            by_file.setdefault(entry.sheet.file, []).append(entry)
        for name, some in by_file.items():
            with (self._folder / name).open("rb", buffering=_AT_ONCE if len(some) > 1 else -1) as file:
                for entry in sorted(some, key=lambda each: each.row):
                    file.seek(entry.sheet.offsets[entry.row])
                    lines[name, entry.row] = _result(file.readline(), outline=True)
        found = ((entry, lines[entry.sheet.file, entry.row]) for entry in wanted)
        return [(entry, result) for entry, result in found if result is not None]

    def _sheet(self, path: Path) -> Sheet | None:
        stat = path.stat()
        state = f"{path.name} {stat.st_size} {stat.st_mtime_ns} {self._code}\n".encode()
        kept = self._kept / f"{path.stem}.sheet" if self._kept is not None else None
        if kept is not None:
            with contextlib.suppress(OSError, msgspec.DecodeError):
                data = kept.read_bytes()
                if data.startswith(state):
                    return _SHEET.decode(memoryview(data)[len(state) :])
        sheet = read_sheet(path)
        if kept is not None and sheet is not None:
            # Who may not write here is answered all the same, the next time as late as now.
            with contextlib.suppress(OSError):
                _keep(kept, state + msgspec.msgpack.encode(sheet))
        return sheet

    @cached_property
    def _code(self) -> str:
        home = Path(harness.__file__).parent
        stats = [(home / name).stat() for name in _CODE]
        told = str([(each.st_size, each.st_mtime_ns) for each in stats])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def open_shelf(records: Path, cache: Path) -> Shelf:
    """The shelf of a folder of records, its sheets kept in a cache."""
    where = hashlib.sha256(str(records).encode()).hexdigest()[:16]
    return Shelf(records, cache / "answers" / f"sheets-{where}")


def read_sheet(path: Path) -> Sheet | None:
    """The sheet of a run's file, from its lines; None when not even its header is readable."""
    header: RunHeader | None = None
    text = ""
    results: list[tuple[int, CellResult]] = []
    offset = 0
    with path.open("rb", buffering=_AT_ONCE) as lines:
        for line in lines:
            with contextlib.suppress(UnreadableRecord):
                record = decode(line, outline=True)
                if isinstance(record, RunHeader):
                    header, text = record, line.decode()
                elif isinstance(record, CellResult):
                    results.append((offset, record))
            offset += len(line)
    if header is None:
        return None
    return make_sheet(results, file=path.name, run=header.run, plan=header.plan, header=text)


def _result(line: bytes, *, outline: bool) -> CellResult | None:
    try:
        record = decode(line, outline=outline)
    except UnreadableRecord:
        return None
    return record if isinstance(record, CellResult) else None


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}")
    try:
        scratch.write_bytes(data)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
