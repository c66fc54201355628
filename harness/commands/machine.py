"""What this machine has, for records and for the doctor."""

import os
import platform
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from harness.env.interpreters import Inventory, pyenv_folders, take_inventory
from harness.env.uv import Uv
from harness.errors import ToolMissing
from harness.model import ClockKind, MachineFacts, ServerKind
from harness.nodes.clock import find_clock_library
from harness.proc.marker import Marker
from harness.services.choose import find_database
from harness.services.databases import URL_VARIABLES, Missing, Source
from harness.services.programs import RedisProgram, find_redis


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Everything a run needs of its machine."""

    inventory: Inventory
    path_prefix: tuple[str, ...]
    redis: RedisProgram | None
    databases: Mapping[ServerKind, Source | Missing]
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
        for kind, found in self.databases.items():
            if not isinstance(found, Missing):
                tools[kind] = found.version
        return MachineFacts(
            cores=os.cpu_count() or 1,
            memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
            system=f"{platform.system()} {platform.machine()}, {' '.join(platform.libc_ver())}",
            interpreters={
                series: f"CPython {found.version}" for series, found in self.inventory.found.items()
            },
            tools={**tools, "broker": self.redis.version if self.redis else "none"},
        )


def survey(wanted: Iterable[str], databases: Collection[str] = (), *, log: Path, marker: Marker) -> Machine:
    """Look for everything, and let uv install the wanted Pythons that are missing.

    Raises:
        MachineError: what is given cannot be used.
    """
    path_prefix = pyenv_folders(os.environ)
    uv = Uv(log=log, marker=marker, timeout=600, path_prefix=path_prefix)
    return Machine(
        inventory=take_inventory(wanted, uv),
        path_prefix=path_prefix,
        redis=find_redis(os.environ, log=log, marker=marker),
        databases={
            kind: find_database(kind, os.environ, log=log, marker=marker)
            for kind in URL_VARIABLES
            if kind in databases
        },
        clock_library=find_clock_library(),
    )
