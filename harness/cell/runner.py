"""One cell in a straight line: resolve, build, climb, judge the attempt, climb again if it failed.

The only place that catches `StageFailed` outside the child, and that knows how many attempts count.
"""

import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from harness.cell.attempt import AttemptLog
from harness.cell.climb import CLIMB, STAND, Climb
from harness.cell.leftovers import remove_logs
from harness.cell.migrated import migrated_alike
from harness.cell.placeholders import Placeholders
from harness.checks.events import StageStarted, Standing
from harness.env.build import Environment, build
from harness.env.bytecode import keep_bytecode
from harness.env.interpreters import Interpreter
from harness.env.pip import bundled_pip, resolve_by_pip
from harness.env.resolve import resolve
from harness.env.supervisor import build_supervisor
from harness.env.unused import in_use, remove_unused
from harness.env.uv import Uv
from harness.errors import StageFailed
from harness.model import (
    Attempt,
    Cell,
    CellResult,
    ClockKind,
    Failure,
    Installer,
    Lock,
    Question,
    Reason,
    ServerKind,
    Settled,
    Stage,
    Status,
)
from harness.proc.fork import ChildDied, IsolatedChild
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.proc.wait import Deadline, DeadlineExceeded
from harness.services.browser import NoBrowser, find_browser
from harness.services.databases import NAMES, Database, Missing, Server
from harness.services.private import new_token
from harness.services.programs import RedisProgram
from harness.services.sqlite import SqliteFiles

ATTEMPTS_THAT_COUNT = 2
MOST_ATTEMPTS = 3
CHOOSES_THE_SAME = "pip chooses what uv chooses"
_NO_SPACE = 2**20  # bytes; with less than this a log or a database cannot have been written

_LONGEST_STAND = 86_400  # seconds; whoever looks into a cell for longer has forgotten it

Progress = Callable[[str, Stage], None]
# Told how a cell can be looked into, and how it went until then.
Stands = Callable[[Standing, Attempt], None]


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """What all cells of a run share."""

    run: str
    marker: Marker
    cache: Path
    work: Path
    source: Path
    source_digest: str
    interpreters: Mapping[str, Interpreter]
    missing_interpreters: Mapping[str, str]
    path_prefix: tuple[str, ...]
    redis: RedisProgram
    servers: Mapping[ServerKind, Server]
    missing_servers: Mapping[ServerKind, Missing]
    clock: ClockKind
    clock_library: Path | None
    timeouts: Mapping[str, float]
    checks: tuple[Stage, ...]
    attempts: int
    expected: Callable[[str, Sequence[Failure]], bool]
    known: Callable[[Sequence[Failure]], bool]
    keep: bool


def run_cell(cell: Cell, question: Question, workshop: Workshop, progress: Progress) -> CellResult:
    """Everything there is to learn about `cell`. Never raises for what its versions do."""
    began = time.monotonic()
    result = untried(cell, question, run=workshop.run, clock=workshop.clock, checks=workshop.checks)
    skipped = why_skipped(cell, workshop)
    if skipped:
        return replace(result, skipped=skipped)
    shutil.rmtree(workshop.work / cell.id, ignore_errors=True)
    attempts: list[Attempt] = []
    settled = None
    while settled is None:
        attempt = _Attempt(len(attempts) + 1, cell, question, workshop, progress)
        attempts.append(attempt.run())
        result = replace(
            result, lock=attempt.lock or result.lock, seed=attempt.seed, pip=attempt.pip or result.pip
        )
        if attempt.same:
            shutil.rmtree(workshop.work / cell.id, ignore_errors=True)
            seconds = round(time.monotonic() - began, 3)
            return replace(result, settled=Settled.SAME, skipped=CHOOSES_THE_SAME, seconds=seconds)
        settled = settle(
            attempts,
            lambda failures: workshop.expected(cell.id, failures),
            workshop.known,
            at_least=workshop.attempts,
        )
    if settled in (Settled.CLEAN, Settled.EXPECTED, Settled.KNOWN) and not workshop.keep:
        remove_logs(workshop.work / cell.id)
    return replace(
        result, attempts=tuple(attempts), settled=settled, seconds=round(time.monotonic() - began, 3)
    )


def untried(
    cell: Cell, question: Question, *, run: str, clock: ClockKind, checks: tuple[Stage, ...]
) -> CellResult:
    """What a result says of a cell before anything of it has been tried: it begins now."""
    return CellResult(
        run=run,
        cell=cell.id,
        pins=cell.stack.pins,
        extras=cell.stack.extras,
        requirements=question.requirements,
        resolution=cell.stack.resolution,
        settings=cell.profile.settings,
        database=cell.profile.database,
        broker=cell.profile.broker,
        clock=clock,
        started=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        seconds=0.0,
        lock=None,
        checks=checks,
        installer=cell.stack.installer,
    )


def why_skipped(cell: Cell, workshop: Workshop) -> str:
    """What this machine lacks that the cell needs; "" if nothing."""
    why_missing = workshop.missing_interpreters.get(cell.stack.python)
    if why_missing is not None:
        why = Placeholders({str(Path.home()): "{home}"}, host=socket.gethostname())(why_missing)
        return f"no Python {cell.stack.python} on this machine: {why}"
    database = cell.profile.database
    if database != "sqlite" and database in workshop.missing_servers:
        missing = workshop.missing_servers[database]
        return f"no {NAMES[database]} on this machine: {missing.why}; {missing.remedy}"
    if workshop.checks == (Stage.BROWSER,):
        # With other checks it is theirs to be made; without a browser none of this is.
        try:
            find_browser(os.environ)
        except NoBrowser as missing_browser:
            return f"no browser on this machine: {missing_browser}"
    return ""


def stand_cell(
    cell: Cell, question: Question, workshop: Workshop, progress: Progress, stands: Stands
) -> Attempt:
    """One attempt that is left standing when its checks are over, until this is interrupted.

    It returns by itself when there is nothing to look into: the versions could not be installed, or the
    machine failed.
    """
    shutil.rmtree(workshop.work / cell.id, ignore_errors=True)
    return _Attempt(1, cell, question, workshop, progress, stands).run()


def settle(
    attempts: Sequence[Attempt],
    expected: Callable[[Sequence[Failure]], bool],
    known: Callable[[Sequence[Failure]], bool],
    *,
    at_least: int = 1,
) -> Settled | None:
    """Why the attempts say enough, or None when another one is needed.

    A failure is repeated before it counts, unless it is expected of this cell, or known from others; what
    the machine did does not count. `at_least` so many must count, whatever comes of them.
    """
    counting = [attempt for attempt in attempts if attempt.status is not Status.ERRORED]
    if len(counting) >= at_least:
        if not any(attempt.failures for attempt in counting):
            return Settled.CLEAN
        if all(attempt.failures and expected(attempt.failures) for attempt in counting):
            return Settled.EXPECTED
        if all(attempt.failures and known(attempt.failures) for attempt in counting):
            return Settled.KNOWN
        if len(counting) >= ATTEMPTS_THAT_COUNT:
            return Settled.REPEATED
    return Settled.MACHINE if len(attempts) >= max(MOST_ATTEMPTS, at_least + 1) else None


class _Attempt:
    """One climb. `lock` and `seed` are what it resolved and built, as far as it came.

    `pip` is the version of pip that was asked; `same` that it chose what uv does, so that nothing was built.
    """

    def __init__(
        self,
        number: int,
        cell: Cell,
        question: Question,
        workshop: Workshop,
        progress: Progress,
        stands: Stands | None = None,
    ) -> None:
        self.lock: Lock | None = None
        self.seed: str | None = None
        self.pip: str | None = None
        self.same = False
        self._cell = cell
        self._question = question
        self._workshop = workshop
        self._progress = progress
        self._stands = stands
        self._interpreter = workshop.interpreters[cell.stack.python]
        self._marker = workshop.marker.below(cell.id, str(number))
        self._work = workshop.work / cell.id / f"attempt-{number}"
        self._log = AttemptLog(number)
        self._database: Database | None = None
        self._supervisor: Environment | None = None

    def run(self) -> Attempt:
        """The attempt, whatever became of it, with nothing left running."""
        self._work.mkdir(parents=True)
        with contextlib.ExitStack() as held:
            try:
                environment = self._install(held)
                if environment is not None and self.lock is not None:
                    self._climb(environment, self.lock)
            finally:
                sweep(self._marker)
                if self._database is not None:
                    self._database.drop()
            if shutil.disk_usage(self._work).free < _NO_SPACE:
                self._log.lacked_space()
            attempt = self._log.finish()
            if environment is not None and attempt.status is Status.PASSED:
                self._keep_bytecode(environment)
        return self._placeholders().within(attempt)

    def _install(self, held: contextlib.ExitStack) -> Environment | None:
        """Resolve and build, and keep hold of what was built; None when one of them failed."""
        try:
            with self._log.stage(Stage.RESOLVE, self._tell):
                match self._cell.stack.lock, self._cell.stack.installer:
                    case Lock() as given, _:
                        self.lock = replace(given, python=self._interpreter.version)
                    case None, Installer.UV:
                        self.lock = self._resolve()
                    case None, Installer.PIP:
                        self.lock = self._resolve_by_pip()
            if self.same:
                return None
            with self._log.stage(Stage.BUILD, self._tell):
                environment = held.enter_context(in_use(self._build(self.lock)))
                if Stage.SUPERVISED in self._workshop.checks:
                    self._supervisor = held.enter_context(in_use(self._build_supervisor()))
        except StageFailed:
            return None
        self.seed = environment.seed
        return environment

    def _resolve(self) -> Lock:
        return resolve(
            self._question,
            interpreter=self._interpreter,
            uv=self._uv("resolve"),
            cache=self._workshop.cache / "locks",
        )

    def _resolve_by_pip(self) -> Lock:
        """As pip does; then uv is asked the same, whose own cell tells what comes of an answer they share."""
        # An older pip resolves by installing.
        uv = replace(self._uv("resolve"), timeout=self._workshop.timeouts["build"])
        pip = bundled_pip(self._interpreter, uv=uv, cache=self._workshop.cache / "pip")
        self.pip = pip.version
        lock = resolve_by_pip(
            self._question,
            pip=pip,
            interpreter=self._interpreter,
            uv=uv,
            cache=self._workshop.cache / "locks",
        )
        with contextlib.suppress(StageFailed):
            self.same = self._resolve().distributions == lock.distributions
        return lock

    def _build(self, lock: Lock) -> Environment:
        cache = self._workshop.cache
        environment = build(
            lock,
            interpreter=self._interpreter,
            uv=self._uv("build"),
            cache=cache,
        )
        remove_unused(cache, log=self._work / "build.log", marker=self._marker)
        return environment

    def _build_supervisor(self) -> Environment:
        folder = self._work / "supervisor"  # beside the cell's own lock and log
        folder.mkdir()
        uv = replace(self._uv("build"), log=folder / "build.log")
        return build_supervisor(uv=uv, cache=self._workshop.cache)

    def _keep_bytecode(self, environment: Environment) -> None:
        # It only saves time: a full disk, say, is not this cell's fault.
        with contextlib.suppress(OSError):
            keep_bytecode(environment.path, interpreter=self._interpreter, cache=self._workshop.cache)

    def _climb(self, environment: Environment, lock: Lock) -> None:
        self._database = self._make_database(lock)
        plan = Climb(
            cell=self._cell.id,
            settings=self._cell.profile.settings,
            environment=environment.path,
            source=self._workshop.source,
            work=self._work,
            database=self._database,
            redis=self._workshop.redis,
            clock=self._workshop.clock,
            clock_library=self._workshop.clock_library,
            timeouts=self._workshop.timeouts,
            checks=self._workshop.checks,
            marker=self._marker,
            supervisor=self._supervisor.path if self._supervisor else None,
        )
        self._log.note(StageStarted(stage=Stage.SERVICE))
        target = CLIMB if self._stands is None else STAND
        child = IsolatedChild(target, plan, marker=self._marker, log=self._work / "checks.log")
        try:
            for event in child.events(Deadline(self._workshop.timeouts["cell"])):
                if isinstance(event, Standing):
                    self._stand(child, event)
                    return
                if isinstance(event, StageStarted):
                    self._tell(event.stage)
                self._log.note(event)
        except ChildDied as error:
            self._log.broken_off(Reason.CHILD_DIED, str(error))
        except DeadlineExceeded as error:
            self._log.broken_off(Reason.CELL_TIMEOUT, str(error))
        finally:
            child.kill()

    def _stand(self, child: IsolatedChild, standing: Standing) -> None:
        """Until the child ends, which it does not by itself, or this is interrupted."""
        if self._stands is not None:
            self._stands(standing, self._placeholders().within(self._log.finish()))
            for _ in child.events(Deadline(_LONGEST_STAND)):
                pass

    def _make_database(self, lock: Lock) -> Database:
        """A database of its own, begun where another cell's was migrated alike."""
        template = migrated_alike(lock, interpreter=self._interpreter, source=self._workshop.source_digest)
        kind = self._cell.profile.database
        if kind == "sqlite":
            files = SqliteFiles(cache=self._workshop.cache / "databases")
            return files.database(work=self._work, template=template)
        return self._workshop.servers[kind].database(tag=new_token(), template=template)

    def _uv(self, stage: str) -> Uv:
        return Uv(
            log=self._work / f"{stage}.log",
            marker=self._marker,
            timeout=self._workshop.timeouts[stage],
            path_prefix=self._workshop.path_prefix,
        )

    def _tell(self, stage: Stage) -> None:
        self._progress(self._cell.id, stage)

    def _placeholders(self) -> Placeholders:
        places = {
            self._work: "{work}",
            self._workshop.source: "{project}",
            self._workshop.cache: "{cache}",
            self._workshop.work: "{runs}",
            self._interpreter.path.parent.parent: "{interpreter}",
            Path.home(): "{home}",
        }
        names: dict[str, str] = {}
        if self._database is not None and self._cell.profile.database != "sqlite":
            at = self._database.address
            names = {at.name: "{database}", at.password: "{password}"}
            if at.host.startswith("/"):
                places[Path(at.host)] = "{socket}"
            else:
                names[at.host] = "{database-host}"
        # A program knows a place behind a link by either name.
        both = {**places, **{place.resolve(): name for place, name in places.items()}}
        return Placeholders(
            {str(place): name for place, name in both.items()}, host=socket.gethostname(), names=names
        )
