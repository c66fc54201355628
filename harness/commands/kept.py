"""What follows from all records, kept until one of them changes: an answer shall not take as long.

Who runs cells or makes a report works it out anew. Where records came in another way, and there are many, an
answer takes what was worked out before the newest of them came, and says how many those are. None of it is
wrong for that: a record never changes, and each pair and each culprit names the cells that show it.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

import harness
from harness.commands.field import load_field
from harness.commands.files import write
from harness.commands.places import Places
from harness.matrix.config import Matrix
from harness.pairs.entries import AXES, trials_of_entries
from harness.pairs.trials import trials_of
from harness.pairs.verdicts import FieldKnowledge, know
from harness.records.sheets import newest_entries
from harness.records.shelf import open_shelf
from harness.records.store import newest_results, read_runs
from harness.report.background import Background
from harness.report.culprits import CulpritView, make_culprit_view
from harness.report.known_pairs import KnownPairs, make_known_pairs

# Of fewer results what is to blame is worked out anew in a second or two.
MANY = 10_000

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class _Of:
    """What something was worked out from: so many results, and files of so many bytes.

    `state` changes when any of it does, `code` when something does that is no record.
    """

    state: str
    code: str
    files: Mapping[str, int]
    results: int


@dataclass(frozen=True, kw_only=True)
class _Kept(Generic[T]):
    of: _Of
    value: T


_OF = TypeAdapter(_Of)
_CULPRITS = TypeAdapter(CulpritView)
_PAIRS = TypeAdapter(KnownPairs)


def background(matrix: Matrix, places: Places) -> Background:
    """What every answer is held against."""
    kept, now, behind = _read("culprits", places, _CULPRITS), _now(places), 0
    if kept is not None and kept.of.state != now.state:
        if _has_grown(kept.of, now, places):
            behind = _results(places) - kept.of.results
        else:
            kept = None
    return Background(
        expectations=matrix.expectations,
        today=datetime.now(UTC).date(),
        culprits=kept.value if kept is not None else work_out(matrix, places),
        behind=behind,
    )


def known_pairs(matrix: Matrix, places: Places) -> KnownPairs:
    """How every pair of the field stands."""
    kept, now = _read("pairs", places, _PAIRS), _now(places)
    if kept is not None and (kept.of.state == now.state or _has_grown(kept.of, now, places)):
        return kept.value
    if not places.releases.exists():
        return KnownPairs(stands=(), mends={})
    field, shelf = load_field(matrix, places), open_shelf(places.records, places.cache)
    newest = newest_entries(shelf.entries(AXES)).values()
    return _keep_pairs(know(field, trials_of_entries(newest, field)), places)


def work_out(matrix: Matrix, places: Places) -> CulpritView:
    """Culprits and pairs, from all records as they are now, and keep both."""
    of, runs = _now(places), read_runs(places.records, outline=True)
    if not places.releases.exists():
        return make_culprit_view(runs, None)
    field = load_field(matrix, places)
    known = know(field, trials_of(newest_results(runs).values(), field))
    culprits = make_culprit_view(runs, known.today)
    _keep("culprits", of, _CULPRITS.dump_json(culprits), places)
    _keep_pairs(known, places)
    return culprits


def _keep_pairs(known: FieldKnowledge, places: Places) -> KnownPairs:
    of, pairs = _now(places), make_known_pairs(known)
    _keep("pairs", of, _PAIRS.dump_json(pairs), places)
    return pairs


def _has_grown(then: _Of, now: _Of, places: Places) -> bool:
    """Whether there are many records, and all that is new since `then` is more of them."""
    same = then.code == now.code and all(now.files.get(name, -1) >= size for name, size in then.files.items())
    return same and _results(places) > MANY


def _results(places: Places) -> int:
    return sum(len(each.cells) for each in open_shelf(places.records, places.cache).sheets)


def _keep(name: str, of: _Of, body: bytes, places: Places) -> None:
    told = replace(of, results=_results(places))
    # Who may not write here is answered all the same, the next time as late as now.
    with contextlib.suppress(OSError):
        write(_path(name, places), f"{_OF.dump_json(told).decode()}\n{body.decode()}")


def _read(name: str, places: Places, values: TypeAdapter[T]) -> _Kept[T] | None:
    """What was worked out before, from whatever records; None where there is nothing."""
    with contextlib.suppress(OSError, ValidationError):
        of, _, body = _path(name, places).read_bytes().partition(b"\n")
        return _Kept(of=_OF.validate_json(of), value=values.validate_json(body))
    return None


def _path(name: str, places: Places) -> Path:
    where = hashlib.sha256(str(places.records).encode()).hexdigest()[:16]
    return places.cache / "answers" / f"{name}-{where}.json"


def _now(places: Places) -> _Of:
    """Records, matrix.toml, releases.json and the code of the harness as they are; results not counted."""
    code = _digest((places.matrix, places.releases, *sorted(Path(harness.__file__).parent.rglob("*.py"))))
    records = sorted(places.records.glob("*.jsonl"))
    return _Of(
        state=f"{code} {_digest(records)}",
        code=code,
        files={path.name: path.stat().st_size for path in records},
        results=0,
    )


def _digest(files: Iterable[Path]) -> str:
    stats = [(str(path), path.stat()) for path in files if path.exists()]
    told = json.dumps([(path, stat.st_size, stat.st_mtime_ns) for path, stat in stats])
    return hashlib.sha256(told.encode()).hexdigest()
