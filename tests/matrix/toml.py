"""Matrices to be damaged, and a writer of TOML, which the standard library lacks."""

import copy
import json
import tomllib
from datetime import date
from typing import Any

from hypothesis import strategies as st

_VALUES = st.sampled_from([None, True, 3, -1, 4.2, "", "odl", "4.2", [], [3], ["*"], {}, {"old": "3"}])


def damaged(text: str) -> st.SearchStrategy[dict[str, Any]]:
    """The tables of a TOML text with up to four values replaced, or gone."""
    raw = tomllib.loads(text)
    changes = st.tuples(st.sampled_from(_paths(raw)), _VALUES)
    return st.lists(changes, min_size=1, max_size=4).map(lambda chosen: _changed(raw, chosen))


def dump(value: Any) -> str:  # noqa: ANN401 - any TOML value
    """A table as TOML text."""
    return "".join(f"{json.dumps(key)} = {_inline(item)}\n" for key, item in value.items())


def _inline(value: Any) -> str:  # noqa: ANN401 - any TOML value
    match value:
        case dict():
            items = (f"{json.dumps(key)} = {_inline(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    below = [found for key in keys for found in _paths(value[key], (*path, key))]
    return [path, *below] if path else below


def _changed(raw: dict[str, Any], changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    """`raw` with each change made, the deepest first, so that the others' paths still lead somewhere."""
    result = copy.deepcopy(raw)
    for path, value in sorted(dict(changes).items(), key=lambda change: len(change[0]), reverse=True):
        parent: Any = result
        for part in path[:-1]:
            parent = parent[part]
        if value is None and isinstance(parent, dict):
            del parent[path[-1]]
        elif value is not None:
            parent[path[-1]] = copy.deepcopy(value)
    return result
