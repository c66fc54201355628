"""What this machine has, for records and for the doctor."""

import os
import platform
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from harness.env.interpreters import Inventory, pyenv_folders, take_inventory
from harness.env.uv import Uv
from harness.errors import ToolMissing
from harness.model import ClockKind, MachineFacts
from harness.nodes.clock import find_clock_library
from harness.proc.marker import Marker
from harness.services.programs import RedisProgram, find_redis


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Everything a run needs of its machine."""

    inventory: Inventory
    path_prefix: tuple[str, ...]
    redis: RedisProgram | None
    clock_library: Path | None

    def clock(self, wanted: ClockKind | None) -> ClockKind:
        """The clock to run under: the wanted one, else a fake one where there can be one.

        Raises:
            ToolMissing: a fake clock is wanted, and there is no library for it.
        """
        if wanted is ClockKind.FAKE and self.clock_library is None:
            raise ToolMissing(
                "there is no libfaketime for this machine",
                hint="run with --clock real: slower, the same checks",
            )
        return wanted or (ClockKind.FAKE if self.clock_library else ClockKind.REAL)

    def facts(self) -> MachineFacts:
        """What a record says of it: nothing that identifies it."""
        tools = {name: version(name) for name in ("uv", "pytest-celery")}
        if self.clock_library is not None:
            tools["libfaketime"] = version("libfaketime")
        return MachineFacts(
            cores=os.cpu_count() or 1,
            memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
            system=f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
            interpreters={
                series: f"CPython {found.version}" for series, found in self.inventory.found.items()
            },
            tools={**tools, "broker": self.redis.version if self.redis else "none"},
        )


def survey(wanted: Iterable[str], *, log: Path, marker: Marker) -> Machine:
    """Look for everything, and let uv install the wanted Pythons that are missing."""
    path_prefix = pyenv_folders(os.environ)
    uv = Uv(log=log, marker=marker, timeout=600, path_prefix=path_prefix)
    return Machine(
        inventory=take_inventory(wanted, uv),
        path_prefix=path_prefix,
        redis=find_redis(os.environ, log=log, marker=marker),
        clock_library=find_clock_library(),
    )


def find_server(*names: str) -> str | None:
    """The first of `names` on PATH, or in the folders where Debian keeps servers off it."""
    folders = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"]
    folders += sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    return next(filter(None, (shutil.which(name, path=os.pathsep.join(folders)) for name in names)), None)
