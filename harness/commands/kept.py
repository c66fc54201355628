"""What follows from all records, kept until one of them changes: an answer shall not take as long."""

import contextlib
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

import harness
from harness.commands.field import load_field
from harness.commands.files import write
from harness.commands.places import Places
from harness.matrix.config import Matrix
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import know
from harness.records.store import newest_results, read_runs
from harness.report.background import Background
from harness.report.culprits import CulpritView, make_culprit_view
from harness.report.explain_versions import KnownPairs, make_known_pairs

T = TypeVar("T")

_CULPRITS = TypeAdapter(CulpritView)
_PAIRS = TypeAdapter(KnownPairs)


def background(matrix: Matrix, places: Places) -> Background:
    """What every answer is held against."""
    return Background(
        expectations=matrix.expectations,
        today=datetime.now(UTC).date(),
        culprits=_kept(
            "culprits",
            places,
            _CULPRITS,
            lambda: make_culprit_view(read_runs(places.records, outline=True)),
        ),
    )


def known_pairs(matrix: Matrix, places: Places) -> KnownPairs:
    """How every pair of the field stands."""

    def work_out() -> KnownPairs:
        field = load_field(matrix, places)
        newest = newest_results(read_runs(places.records, outline=True))
        return make_known_pairs(know(field, trials_of(newest.values(), field)))

    return _kept("pairs", places, _PAIRS, work_out)


def _kept(name: str, places: Places, values: TypeAdapter[T], work_out: Callable[[], T]) -> T:
    """What was worked out before from the same records, or else now."""
    where = hashlib.sha256(str(places.records).encode()).hexdigest()[:16]
    path = places.cache / "answers" / f"{name}-{where}.json"
    state = _state(places)
    with contextlib.suppress(OSError, ValidationError):
        of, _, body = path.read_bytes().partition(b"\n")
        if of.decode(errors="replace") == state:
            return values.validate_json(body)
    value = work_out()
    # Who may not write here is answered all the same, the next time as late as now.
    with contextlib.suppress(OSError):
        write(path, f"{state}\n{values.dump_json(value).decode()}")
    return value


def _state(places: Places) -> str:
    """Changes when a record, matrix.toml, releases.json or the code of the harness does."""
    code = Path(harness.__file__).parent.rglob("*.py")
    files = (*sorted(places.records.glob("*.jsonl")), places.matrix, places.releases, *sorted(code))
    stats = [(str(path), path.stat()) for path in files if path.exists()]
    told = json.dumps([(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats])
    return hashlib.sha256(told.encode()).hexdigest()
