"""What a shelf gives is what the files say, kept or not."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import CellResult
from harness.records.codec import encode
from harness.records.outline import outlined
from harness.records.sheets import newest_entries
from harness.records.shelf import Shelf
from harness.records.store import newest_results, read_runs
from tests.values import FOOTER, HEADER, RESULT

OTHER = replace(RESULT, cell="other@plain")
LATER = replace(RESULT, started="2026-09-01T10:00:00Z", run="run-2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, results in {"run-1": (RESULT, OTHER), "run-2": (LATER,)}.items():
        header = replace(HEADER, run=name)
        lines = [encode(header), *map(encode, results), encode(replace(FOOTER, run=name))]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def read(shelf: Shelf) -> list[tuple[str, CellResult]]:
    return [(shelf.header(entry).run, result) for entry, result in shelf.read_all(shelf.entries())]


def test_every_result_is_there_with_the_run_it_is_of(folder: Path) -> None:
    every = [("run-1", RESULT), ("run-1", OTHER), ("run-2", LATER)]
    assert read(Shelf(folder, None)) == [(run, outlined(result)) for run, result in every]
    shelf = Shelf(folder, None)
    assert [shelf.read_whole(entry) for entry in shelf.entries()] == [result for _, result in every]


def test_the_newest_is_the_one_that_everybody_takes(folder: Path) -> None:
    shelf = Shelf(folder, None)
    newest = newest_entries(shelf.entries())
    assert {cell: shelf.read(entry) for cell, entry in newest.items()} == newest_results(
        read_runs(folder, outline=True)
    )


def test_what_is_kept_says_the_same_and_is_not_read_again(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = read(Shelf(folder, kept))
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert read(Shelf(folder, kept)) == first
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before


def test_a_file_that_grew_is_read_again_and_the_others_are_not(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    read(Shelf(folder, kept))
    untouched = (kept / "run-1.sheet").stat().st_mtime_ns
    path = folder / "run-2.jsonl"
    path.write_text(path.read_text() + encode(replace(OTHER, run="run-2")) + "\n")
    assert [result.cell for _, result in read(Shelf(folder, kept))][-1] == OTHER.cell
    assert (kept / "run-1.sheet").stat().st_mtime_ns == untouched


def test_what_is_kept_and_cannot_be_read_is_made_anew(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = read(Shelf(folder, kept))
    for path in kept.iterdir():
        state, _, _ = path.read_bytes().partition(b"\n")
        path.write_bytes(state + b"\ntorn")
    assert read(Shelf(folder, kept)) == first


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_who_may_not_write_is_answered_all_the_same(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o500)
    assert len(read(Shelf(folder, kept))) == 3


def test_torn_lines_and_files_without_a_header_are_passed_over(folder: Path) -> None:
    path = folder / "run-1.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1][:100] + "\n", lines[2]]) + lines[1][:50])
    (folder / "run-3.jsonl").write_text("torn")
    assert [result.cell for _, result in read(Shelf(folder, None))] == [OTHER.cell, RESULT.cell]
