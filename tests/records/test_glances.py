"""A glimpse of a line says the same as the whole of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.model import CellResult
from harness.records.codec import encode
from harness.records.glances import glances, look_up, newest_glimpses, read_result
from harness.records.outline import outlined
from harness.records.store import newest_results, read_runs
from tests.values import FOOTER, HEADER, RESULT

ODD = replace(
    RESULT,
    cell="odd@plain",
    extras={"celery": ("redis",)},
    requirements=("celery[redis]==5.4.*", 'odd; python_version<"3.8"'),
    settings={"USE_TZ": False, "TIME_ZONE": "Asia/Shanghai"},
)
LATER = replace(RESULT, started="2026-09-01T10:00:00Z", run="run-2")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    runs = {"run-1": (RESULT, ODD), "run-2": (LATER,)}
    for name, results in runs.items():
        header = replace(HEADER, run=name)
        lines = [encode(header), *map(encode, results), encode(replace(FOOTER, run=name))]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_every_result_is_seen_with_the_run_it_is_of(folder: Path) -> None:
    seen = [(header.run, glimpse.cell, read_result(line)) for header, glimpse, line in glances(folder)]
    assert seen == [
        ("run-1", RESULT.cell, RESULT),
        ("run-1", ODD.cell, ODD),
        ("run-2", LATER.cell, LATER),
    ]


def test_a_glimpse_has_what_the_line_begins_with(folder: Path) -> None:
    first, odd, later = [glimpse for _, glimpse, _ in glances(folder)]
    assert json.loads(odd.pins) == ODD.pins
    assert odd.started.decode() == ODD.started
    assert first.circumstances == later.circumstances != odd.circumstances


def test_what_was_glimpsed_can_be_looked_up(folder: Path) -> None:
    assert [look_up(glimpse) for _, glimpse, _ in glances(folder)] == [*map(outlined, (RESULT, ODD, LATER))]


def test_the_newest_is_the_one_that_everybody_takes(folder: Path) -> None:
    newest = newest_glimpses(glimpse for _, glimpse, _ in glances(folder))
    assert {cell: look_up(glimpse) for cell, glimpse in newest.items()} == newest_results(
        read_runs(folder, outline=True)
    )


def by_hand(result: CellResult) -> str:
    body = json.loads(encode(result))
    return json.dumps({key: body[key] for key in reversed(body)})


def test_a_line_that_was_written_otherwise_is_seen_as_well(folder: Path) -> None:
    (folder / "run-1.jsonl").write_text(f"{encode(HEADER)}\n{by_hand(ODD)}\n")
    (folder / "run-2.jsonl").unlink()
    [(_, glimpse, line)] = glances(folder)
    assert json.loads(glimpse.pins) == ODD.pins
    assert read_result(line) == ODD
    assert look_up(glimpse) == outlined(ODD)


def test_a_torn_line_is_no_result(folder: Path) -> None:
    path = folder / "run-2.jsonl"
    torn = encode(LATER)[:-200]
    path.write_text(f"{encode(replace(HEADER, run='run-2'))}\n{torn}")
    *_, (_, glimpse, line) = glances(folder)
    assert glimpse.cell == LATER.cell
    assert read_result(line) is None
    assert look_up(glimpse) is None


def test_a_file_without_a_header_has_no_results(folder: Path) -> None:
    (folder / "run-1.jsonl").write_text(encode(RESULT) + "\n")
    assert [header.run for header, _, _ in glances(folder)] == ["run-2"]
