"""One tiny project per outcome: the whole harness runs on it for real, and its report is compared.

A folder here is a mini: `overlay` is laid over a copy of the sample project and breaks one thing,
`mini.toml` says what and with which options the harness is called, `expected.json` is what must come
out of it. The idea is crater's minicrater.
"""

import json
import os
import shlex
import socket
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.model import CellResult, Stage
from harness.nodes.clock import find_clock_library
from tests.mini.sites import (
    CELL,
    HERE,
    REPOSITORY,
    Harness,
    Site,
    faked_times_of_the_dead,
    lay_out,
    left_behind,
)

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

MINIS = sorted(path.parent.name for path in HERE.glob("*/mini.toml"))
AT_A_TIME = 6 * (os.cpu_count() or 1)  # a cell waits most of its life
LONGEST = 300.0  # seconds; a mini is over within a minute, on a machine with nothing else to do


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What must be as expected, and what the harness has printed on the way."""

    seen: Mapping[str, Any]
    left_behind: tuple[str, ...]
    output: str


class MiniRuns:
    """Runs minis several at a time; whoever asks for one waits for its end."""

    def __init__(self, names: Collection[str], folder: Path, cache: Path) -> None:
        self._folder = folder
        self._cache = cache
        self._started: list[Harness] = []
        self._pool = ThreadPoolExecutor(AT_A_TIME)
        # Those that go far take long: they begin first.
        in_order = sorted(names, key=_rungs, reverse=True)
        self._outcomes = {name: self._pool.submit(self._run, name) for name in in_order}

    def outcome(self, name: str) -> Outcome:
        """What came out of a mini."""
        return self._outcomes[name].result()

    def close(self) -> None:
        """Stop what still runs."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for harness in self._started:
            harness.stop()
        self._pool.shutdown()

    def _run(self, name: str) -> Outcome:
        mini = _loaded_toml(name)
        folder = self._folder / name
        folder.mkdir()
        site = lay_out(folder, HERE / name / "overlay", mini.get("matrix", {}), cache=self._cache)
        segments = faked_times_of_the_dead()
        harness = Harness(site, "--clock", "fake", *mini.get("arguments", ()))
        self._started.append(harness)
        code = harness.exit_code(within=LONGEST)
        left = left_behind(harness, segments)
        assert_names_no_machine(site)
        seen = {"exit_code": code, "cells": _cells(site)}
        return Outcome(seen=seen, left_behind=left, output=harness.output)


@pytest.fixture(scope="session")
def minis(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cache: Path
) -> Iterator[MiniRuns]:
    """The runs of all minis that are going to be asked for."""
    calls = (getattr(item, "callspec", None) for item in request.session.items)
    wanted = {call.params["mini"] for call in calls if call is not None and "mini" in call.params}
    runs = MiniRuns(wanted, tmp_path_factory.mktemp("minis"), cache)
    yield runs
    runs.close()


@pytest.mark.parametrize("mini", MINIS)
def test_outcome(mini: str, minis: MiniRuns) -> None:
    outcome = minis.outcome(mini)
    sys.stdout.write(outcome.output)
    expected = HERE / mini / "expected.json"
    actual = HERE / mini / "expected.actual.json"
    actual.unlink(missing_ok=True)
    if outcome.seen != _loaded(expected):
        actual.write_text(json.dumps(outcome.seen, indent=1) + "\n", encoding="utf-8")
    accept = shlex.join(["cp", *(str(path.relative_to(REPOSITORY)) for path in (actual, expected))])
    assert outcome.seen == _loaded(expected), f"it is accepted by: {accept}"
    assert not outcome.left_behind


@pytest.mark.parametrize(
    ("mini", "text"),
    [
        ("task-fails", "11"),
        ("result-missing", "None"),
        ("expected-failure-stale", "expected, but not seen: import:syntax"),
        ("expected-failure-expired", "its expectation expired on 2020-01-01"),
        ("interpreter-missing", "no Python 3.4 on this machine"),
        ("child-killed", "task:child-died: exit code -9"),
    ],
)
def test_told(mini: str, text: str, minis: MiniRuns) -> None:
    _, _, told = minis.outcome(mini).output.partition(f"\n{CELL}  ")
    assert text in told


@pytest.mark.parametrize(
    ("mini", "text"),
    [
        ("child-killed", "Every cell is as expected"),
        ("cell-timeout", "Every cell is as expected"),
    ],
)
def test_not_told(mini: str, text: str, minis: MiniRuns) -> None:
    assert text not in minis.outcome(mini).output


def assert_names_no_machine(site: Site) -> None:
    """Records and reports are to be committed: they say nothing of the machine that made them."""
    names = [str(site.folder), str(REPOSITORY), str(Path.home()), f"@{socket.gethostname()}"]
    for path in (path for path in site.reports.rglob("*") if path.is_file()):
        text = path.read_text(encoding="utf-8")
        named = [name for name in names if name in text]
        assert not named, f"{path.name} names {named}"


def _cells(site: Site) -> dict[str, Any]:
    """The report, reduced to what a person would be told first, with how often each cell was tried."""
    results = [
        record for records in site.records().values() for record in records if isinstance(record, CellResult)
    ]
    attempts = {result.cell: len(result.attempts) for result in results}
    assert len(attempts) == len(results), "a cell has been run twice"
    return {
        row["cell"]: {
            "verdict": row["verdict"],
            "status": row["status"],
            "as_expected": row["as_expected"],
            "note": row["note"].partition(": ")[0],
            "attempts": attempts[row["cell"]],
            "signatures": [problem["signature"] for problem in row["problems"]],
            "caveats": [problem["caveat"] for problem in row["problems"] if problem["caveat"]],
            "stale": row["stale"],
        }
        for row in site.report()["rows"]
    }


def _loaded(expected: Path) -> Any:  # noqa: ANN401 - JSON
    return json.loads(expected.read_text(encoding="utf-8")) if expected.exists() else None


def _loaded_toml(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name / "mini.toml").read_text(encoding="utf-8"))


def _rungs(name: str) -> int:
    """How far a mini climbs, as far as is known."""
    cells = (_loaded(HERE / name / "expected.json") or {}).get("cells", {})
    signatures = [signature for cell in cells.values() for signature in cell["signatures"]]
    stages = list(Stage)
    reached = [stages.index(Stage(signature.partition(":")[0])) for signature in signatures]
    return min(reached, default=len(stages))
