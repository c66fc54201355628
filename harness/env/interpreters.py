"""The Pythons of this machine: found by uv on PATH, in pyenv's folder and among its own."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from harness.env.uv import Uv
from harness.errors import MachineError
from harness.proc.wait import DeadlineExceeded


@dataclass(frozen=True, kw_only=True)
class Interpreter:
    """One CPython: its full version, such as "3.9.18", and its program."""

    version: str
    path: Path

    @property
    def series(self) -> str:
        """The first two numbers: 3.9 of 3.9.18."""
        return ".".join(self.version.split(".")[:2])


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """Interpreters by series, oldest first, and why each missing one is missing."""

    found: Mapping[str, Interpreter]
    missing: Mapping[str, str]


def take_inventory(wanted: Iterable[str], uv: Uv) -> Inventory:
    """Find every wanted series; one that is not there is asked of uv, where downloads are allowed."""
    found = find_interpreters(uv)
    missing = {series: _install(series, uv) for series in dict.fromkeys(wanted) if series not in found}
    if missing:
        found = find_interpreters(uv)
    return Inventory(
        found=found, missing={series: why for series, why in missing.items() if series not in found}
    )


def find_interpreters(uv: Uv) -> dict[str, Interpreter]:
    """Every CPython 3 that answers when it is called, the newest of each series.

    Raises:
        MachineError: uv cannot say.
    """
    try:
        finished = uv("python", "list", "--only-installed", "--output-format", "json")
    except DeadlineExceeded as error:
        raise MachineError(str(error)) from None
    output = finished.output
    if finished.exit_code != 0:
        raise MachineError(f"uv cannot list the interpreters:\n{output.strip()}")
    # uv warns of pyenv's shims before the list.
    text = output[output.rindex("\n[") + 1 :] if "\n[" in output else output
    listed: list[dict[str, Any]] = json.JSONDecoder().raw_decode(text)[0]
    found: dict[str, Interpreter] = {}
    for entry in listed:
        interpreter = Interpreter(version=entry["version"], path=Path(entry["path"]))
        if entry["implementation"] != "cpython" or "freethreaded" in entry["key"]:
            continue
        if interpreter.path.parent.name == "shims":
            continue
        best = found.get(interpreter.series)
        if best is None or Version(interpreter.version) > Version(best.version):
            found[interpreter.series] = interpreter
    return dict(sorted(found.items(), key=lambda item: Version(item[0])))


def pyenv_folders(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The `bin` folders of pyenv's versions: its shims exist for versions that are not active, and fail."""
    entries = map(Path, environ.get("PATH", "").split(os.pathsep))
    roots = [entry.parent for entry in entries if entry.name == "shims"]
    if environ.get("PYENV_ROOT"):
        roots.insert(0, Path(environ["PYENV_ROOT"]))
    roots.append(Path(environ.get("HOME", "/nonexistent"), ".pyenv"))
    folders = (str(folder) for root in dict.fromkeys(roots) for folder in root.glob("versions/*/bin"))
    return tuple(sorted(folders))


def _install(series: str, uv: Uv) -> str:
    """Let uv install a Python; returns why it is missing, should it still be."""
    try:
        output = uv("python", "install", series).output
    except DeadlineExceeded as error:
        return str(error)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    lines = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")] or lines
    return lines[0] if lines else "uv could not install it"
