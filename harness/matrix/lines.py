"""Requirement lines as parts of a cell's name, and back. Pure.

A cell that is changed by lines is called after the cell that it is a change of: `+packaging` for any version,
`+kombu-below-5.6` for `kombu<5.6`, `+kombu-at-5.5.4` for `kombu==5.5.4`. All of it is safe in shells and
file names. More than two lines, or one of another form, are `+changes-` and eight digits of their digest:
such a name says whether two cells are the same, and the record of the cell which lines they are.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence

MARK = "+"
_MOST = 2  # lines that a name spells out
_WORDS = {"": "", "<": "-below-", "==": "-at-"}
_NAME = r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*?[A-Za-z0-9])?)"
_VERSION = r"(?P<version>[0-9][A-Za-z0-9.]*)"
_LINE = re.compile(rf"{_NAME}(?:(?P<how><|==){_VERSION})?")
_PART = re.compile(rf"{_NAME}(?:-(?P<how>below|at)-{_VERSION})?")
_DIGEST = re.compile(r"changes-[0-9a-f]{8}")


def with_lines(name: str, lines: Sequence[str]) -> str:
    """A name, and behind it what tells the lines."""
    parts = [_part(line) for line in lines]
    if len(parts) > _MOST or None in parts:
        digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:8]
        parts = [f"changes-{digest}"]
    return MARK.join([name, *filter(None, parts)])


def lines_of(parts: Iterable[str]) -> tuple[str, ...] | None:
    """The lines that the parts of a name tell; None when one of them does not tell."""
    lines = tuple(_line(part) for part in parts)
    return None if None in lines else tuple(filter(None, lines))


def is_changed(cell: str) -> bool:
    """Whether a cell's name is that of a change of another cell: no stack of matrix.toml has the mark."""
    return MARK in cell.partition("@")[0]


def _part(line: str) -> str | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    part = f"{found['name']}{_WORDS[found['how'] or '']}{found['version'] or ''}"
    # A distribution may be called `meet-at-5`.
    return part if _line(part) == line else None


def _line(part: str) -> str | None:
    found = _PART.fullmatch(part)
    if found is None or _DIGEST.fullmatch(part):
        return None
    how = {None: "", "below": "<", "at": "=="}[found["how"]]
    return f"{found['name']}{how}{found['version'] or ''}"
