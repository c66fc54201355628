"""Runs on disk: one append-only file of JSON lines each. The only place that reads or writes records.

A line is written with one call and synced before the next cell ends, so that a crash loses at most the
line it was writing; reading passes over such a torn line.
"""

import fcntl
import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.model import CellResult, RunFooter, RunHeader
from harness.records.codec import Record, UnreadableRecord, decode, encode

_SUFFIX = ".jsonl"
_AT_ONCE = 2**20  # bytes; a line may have tens of thousands


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run as its file tells it. Without a footer it was interrupted. `unreadable` counts lost lines."""

    path: Path
    header: RunHeader
    results: tuple[CellResult, ...]
    footer: RunFooter | None
    unreadable: int


class RunWriter:
    """Appends to one run's file; several threads and processes may."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def append(self, record: Record) -> None:
        """Write a record and wait until it is on the disk.

        Raises:
            OSError: the disk is full, for one; nothing of the line is left in the file then.
        """
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # until it is closed: no other line is half written
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            data = b"\n" * torn + encode(record).encode() + b"\n"
            try:
                _write_all(descriptor, data)
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def run_path(folder: Path, run: str) -> Path:
    """Where a run's records are."""
    return folder / f"{run}{_SUFFIX}"


def read_run(path: Path, *, plan: str | None = None, outline: bool = False) -> Run | None:
    """The run in a file; None when not even its header is readable, or when it is not of `plan`.

    In `outline` its results can be judged, and have nothing else of what was seen.
    """
    header: RunHeader | None = None
    footer: RunFooter | None = None
    results: list[CellResult] = []
    unreadable = 0
    with _nothing_collected(), path.open("rb", buffering=_AT_ONCE) as lines:
        for line in lines:
            try:
                record = decode(line, outline=outline)
            except UnreadableRecord:
                unreadable += 1
                continue
            if isinstance(record, RunHeader):
                header = record
                if plan not in (None, header.plan):
                    return None
            elif isinstance(record, RunFooter):
                footer = record
            else:
                results.append(record)
    if header is None:
        return None
    return Run(path=path, header=header, results=tuple(results), footer=footer, unreadable=unreadable)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What is read lives on: looking through it for garbage, time and again, takes as long as the reading."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


def read_runs(folder: Path, *, plan: str | None = None, outline: bool = False) -> tuple[Run, ...]:
    """Every run in a folder, or those of one plan, the oldest first; see `read_run`."""
    runs = (read_run(path, plan=plan, outline=outline) for path in sorted(folder.glob(f"*{_SUFFIX}")))
    return tuple(run for run in runs if run is not None)


def newest_results(runs: Iterable[Run], cells: Iterable[str] | None = None) -> dict[str, CellResult]:
    """The newest result of each of `cells` that some run has, in their order; of all cells by default."""
    newest: dict[str, CellResult] = {}
    for run in runs:
        for result in run.results:
            known = newest.get(result.cell)
            if known is None or known.started <= result.started:
                newest[result.cell] = result
    return newest if cells is None else {cell: newest[cell] for cell in cells if cell in newest}
