"""What follows from all records, kept until one of them changes: an answer shall not take as long."""

import contextlib
import hashlib
import json
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
    culprits = _kept("culprits", places, _CULPRITS)
    return Background(
        expectations=matrix.expectations,
        today=datetime.now(UTC).date(),
        culprits=culprits if culprits is not None else work_out(matrix, places)[0],
    )


def known_pairs(matrix: Matrix, places: Places) -> KnownPairs:
    """How every pair of the field stands."""
    pairs = _kept("pairs", places, _PAIRS)
    return pairs if pairs is not None else work_out(matrix, places)[1]


def work_out(matrix: Matrix, places: Places) -> tuple[CulpritView, KnownPairs]:
    """Culprits and pairs, from all records as they are now, and keep both."""
    state, runs = _state(places), read_runs(places.records, outline=True)
    if not places.releases.exists():
        return make_culprit_view(runs, None), KnownPairs(stands=(), mends={})
    field = load_field(matrix, places)
    known = know(field, trials_of(newest_results(runs).values(), field))
    culprits, pairs = make_culprit_view(runs, known.today), make_known_pairs(known)
    # Who may not write here is answered all the same, the next time as late as now.
    with contextlib.suppress(OSError):
        write(_path("culprits", places), f"{state}\n{_CULPRITS.dump_json(culprits).decode()}")
        write(_path("pairs", places), f"{state}\n{_PAIRS.dump_json(pairs).decode()}")
    return culprits, pairs


def _kept(name: str, places: Places, values: TypeAdapter[T]) -> T | None:
    """What was worked out before from the same records; None where they have changed."""
    with contextlib.suppress(OSError, ValidationError):
        of, _, body = _path(name, places).read_bytes().partition(b"\n")
        if of.decode(errors="replace") == _state(places):
            return values.validate_json(body)
    return None


def _path(name: str, places: Places) -> Path:
    where = hashlib.sha256(str(places.records).encode()).hexdigest()[:16]
    return places.cache / "answers" / f"{name}-{where}.json"


def _state(places: Places) -> str:
    """Changes when a record, matrix.toml, releases.json or the code of the harness does."""
    code = Path(harness.__file__).parent.rglob("*.py")
    files = (*sorted(places.records.glob("*.jsonl")), places.matrix, places.releases, *sorted(code))
    stats = [(str(path), path.stat()) for path in files if path.exists()]
    told = json.dumps([(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats])
    return hashlib.sha256(told.encode()).hexdigest()
