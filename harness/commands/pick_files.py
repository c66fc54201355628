"""A picked stack into a file of the user's."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.commands.files import write
from harness.commands.interrupt import stopping_on_signals
from harness.commands.pick_asked import Asked
from harness.env.hashes import hashes_of
from harness.env.interpreters import pyenv_folders
from harness.env.uv import Uv
from harness.errors import IndexFailed, UsageError
from harness.proc.marker import Marker
from harness.proc.wait import DeadlineExceeded
from harness.report.pick.files import MARK, FileKind, kind_of, render_pins, render_pyproject
from harness.report.pick.view import ChoiceView

_HINT = "--write requirements.txt --hashes"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A file to write: what it is to be, where, and what the user calls it."""

    kind: FileKind
    path: Path
    name: str


def target_of(named: str, folder: Path, *, hashes: bool) -> Target | None:
    """What is to be written, None for nothing. A pyproject.toml is edited; nothing else is overwritten.

    Raises:
        UsageError: there is such a file already, nobody can tell what it is to be, or it can have no hashes.
    """
    if not named:
        if hashes:
            raise UsageError("--hashes is for a file", hint=_HINT)
        return None
    kind, name = kind_of(named)
    path = folder / name
    if kind is FileKind.PYPROJECT:
        if hashes:
            raise UsageError("a pyproject.toml has no hashes", hint=_HINT)
    elif path.exists() and not path.read_text(encoding="utf-8").startswith(MARK):
        raise UsageError(f"{name} is there, and was not picked", hint="name another file, or move it away")
    return Target(kind=kind, path=path, name=name)


def write_pick(chosen: ChoiceView, target: Target, asked: Asked, *, hashes: bool) -> None:
    """Write it, at once or not at all.

    Raises:
        IndexFailed: the index does not tell the hashes.
        UsageError: the pyproject.toml that is there is no TOML.
    """
    if target.kind is FileKind.PYPROJECT:
        before = target.path.read_text(encoding="utf-8") if target.path.exists() else ""
        write(target.path, render_pyproject(chosen, before))
        return
    found = _hashes(chosen, asked) if hashes else {}
    write(target.path, render_pins(chosen, target.kind, found))


def _hashes(chosen: ChoiceView, asked: Asked) -> Mapping[str, Sequence[str]]:
    marker = Marker.of_this_harness("hashes")
    asked.places.state.mkdir(parents=True, exist_ok=True)
    uv = Uv(
        log=asked.places.state / "hashes.log",
        marker=marker,
        timeout=asked.matrix.timeouts["resolve"],
        path_prefix=pyenv_folders(os.environ),
    )
    with stopping_on_signals(marker):
        try:
            return hashes_of(chosen.lock, chosen.python, uv)
        except DeadlineExceeded as error:
            raise IndexFailed(str(error), hint="leave out --hashes") from None
