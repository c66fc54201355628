"""The ladder inside a cell's child: service, import, migrate, worker, beat, then the checks.

It decides nothing about versions: it climbs until a rung does not hold and tells what it saw.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from harness.cell.climb import Climb
from harness.cell.crews import crew_maker
from harness.cell.project import Project, make_additions
from harness.checks.events import StageEnded, StageStarted
from harness.checks.live import LiveCell
from harness.checks.plugin import run_checks
from harness.errors import StageFailed
from harness.model import ClockKind, Stage, Status
from harness.nodes.agent import Agent, AgentError, AgentGone
from harness.nodes.beat import BeatContainer
from harness.nodes.broker import ProcessRedisContainer, start_redis_container
from harness.nodes.clock import CeleryTestClock, FakeClock, RealClock
from harness.nodes.journal import Journal
from harness.nodes.process import ProcessContainer
from harness.nodes.worker import ProcessWorkerContainer
from harness.proc.children import Child, Command, run
from harness.proc.fork import Emit
from harness.proc.logs import LogFlooded, read_log, tail
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until
from harness.services.redis import RedisServer

# Where a faked clock begins: no day, month, year or change of clocks is near in any zone.
CLOCK_START = datetime(2025, 3, 4, 2, 30, 5, tzinfo=UTC).timestamp()

# Celery's lazy module hides the error that kept it from loading; importing what it needs shows it.
_SHOW_HIDDEN_IMPORT = "import kombu.serialization, celery.app.base"
_HIDDEN_IMPORT = "cannot import name 'Celery' from 'celery'"
_CHECKS_RAN = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def climb(plan: Climb, emit: Emit) -> None:
    """Climb as far as the rungs hold. The entry point of the cell's child."""
    with contextlib.ExitStack() as stack, contextlib.suppress(RungBroken):
        cell = boot(plan, emit, stack)
        code = run_checks(cell, emit, stages=plan.checks, scratch=plan.work / "pytest")
        if code not in _CHECKS_RAN:
            raise RuntimeError(f"pytest ended with code {code}: the checks did not run")


def boot(
    plan: Climb, emit: Emit, stack: contextlib.ExitStack, *, made: Callable[[Project], None] | None = None
) -> LiveCell:
    """Climb to a cell that lives; `stack` ends it. `made` is told of the project as soon as it can be called.

    Raises:
        RungBroken: a rung did not hold, and that has been told.
    """
    clock = _make_clock(plan)
    with _rung(Stage.SERVICE, emit):
        server = RedisServer(
            plan.redis,
            log=plan.work / "redis.log",
            marker=plan.marker,
            timeout=plan.timeouts["service"],
        )
        broker = start_redis_container("redis", server)
        stack.callback(broker.remove, force=True)
        migrated = plan.database.create()
    project = Project(
        source=plan.source,
        environment=plan.environment,
        work=plan.work,
        settings=plan.settings,
        broker_url=server.url,
        database=plan.database.address,
        additions=make_additions(plan.work),
        clock_environment=clock.environment,
        beat_sleep=plan.beat_sleep,
    )
    if made is not None:
        made(project)
    with _rung(Stage.IMPORT, emit):
        agent = _start_agent(plan, project)
        stack.callback(agent.close)
    with _rung(Stage.MIGRATE, emit):
        _migrate(plan, project, agent)
        if not migrated:
            plan.database.keep()
    with _rung(Stage.WORKER, emit):
        worker = ProcessContainer("worker", lambda: _start(plan, project, "worker", project.worker))
        stack.callback(worker.child.kill)
        _wait_for_line(worker, " ready.", plan.timeouts["worker"])
    with _rung(Stage.BEAT, emit):
        beat = ProcessContainer("beat", lambda: _start(plan, project, "beat", project.beat))
        stack.callback(beat.child.kill)
        _wait_for_line(beat, "beat: Waking up", plan.timeouts["beat"])
    return LiveCell(
        id=plan.cell,
        settings=plan.settings,
        database=plan.database.address.kind,
        work=plan.work,
        additions=project.additions,
        broker=broker,
        worker=worker,
        beat=beat,
        broker_container=ProcessRedisContainer(broker),
        worker_container=ProcessWorkerContainer(worker),
        beat_container=BeatContainer(beat),
        agent=agent,
        clock=clock,
        journal=Journal(beat_log=plan.work / "beat.log", worker_log=plan.work / "worker.log"),
        start_web=partial(_start_web, plan, project),
        make_crew=crew_maker(plan, project),
        database_name=plan.database.address.name,
        marker=plan.marker,
        check_timeout=plan.timeouts["check"],
        shutdown_timeout=plan.timeouts["shutdown"],
    )


class RungBroken(Exception):
    """A rung did not hold, and that has been told."""


@contextlib.contextmanager
def _rung(stage: Stage, emit: Emit) -> Iterator[None]:
    began = time.monotonic()
    emit(StageStarted(stage=stage))
    status, evidence, log = Status.PASSED, "", ""
    try:
        yield
    except StageFailed as error:
        status, evidence, log = Status.FAILED, error.evidence, error.log
    except LogFlooded as error:
        status, evidence, log = Status.FAILED, str(error), error.path.name
    seconds = time.monotonic() - began
    emit(StageEnded(stage=stage, status=status, seconds=seconds, evidence=evidence, log=log))
    if status is not Status.PASSED:
        raise RungBroken


def _make_clock(plan: Climb) -> CeleryTestClock:
    if plan.clock is ClockKind.REAL or plan.clock_library is None:
        return RealClock()
    return FakeClock(plan.work / "clock", library=plan.clock_library, start=CLOCK_START)


def _start(plan: Climb, project: Project, name: str, argv: list[str], *, talks: bool = False) -> Child:
    return Child(
        Command(
            argv=argv,
            env=project.variables,
            cwd=plan.work,
            log=plan.work / f"{name}.log",
            marker=plan.marker,
            talks=talks,
        )
    )


def _start_web(plan: Climb, project: Project, name: str, *, threads: bool = False) -> Child:
    return Child(
        Command(
            argv=project.threaded_web if threads else project.web,
            env=project.web_variables,
            cwd=plan.work,
            log=plan.work / f"{name}.log",
            marker=plan.marker,
        )
    )


def _start_agent(plan: Climb, project: Project) -> Agent:
    agent = Agent(_start(plan, project, "agent", project.agent, talks=True))
    try:
        agent.ask("hello", timeout=plan.timeouts["import"])
        agent.ask("check", timeout=plan.timeouts["import"])
    except (AgentError, AgentGone, DeadlineExceeded) as error:
        agent.close()
        raise _agent_failed(plan, project, error) from None
    return agent


def _agent_failed(plan: Climb, project: Project, error: Exception) -> StageFailed:
    log = plan.work / "agent.log"
    evidence = f"{tail(log)}\n{getattr(error, 'trace', '')}\n{error}"
    if _HIDDEN_IMPORT in evidence:
        run(
            Command(
                argv=project.python(_SHOW_HIDDEN_IMPORT),
                env=project.variables,
                cwd=plan.work,
                log=log,
                marker=plan.marker,
            ),
            timeout=plan.timeouts["import"],
        )
        evidence = tail(log)
    return StageFailed(evidence, log=log.name)


def _migrate(plan: Climb, project: Project, agent: Agent) -> None:
    try:
        agent.ask("migrate", timeout=plan.timeouts["migrate"])
    except (AgentError, AgentGone, DeadlineExceeded) as error:
        raise _agent_failed(plan, project, error) from None


def _wait_for_line(container: ProcessContainer, line: str, timeout: float) -> None:
    log = container.child.command.log

    def seen() -> bool:
        if line in read_log(log):
            return True
        code = container.child.exit_code
        if code is not None:
            raise StageFailed(f"{tail(log)}\n{container.name} ended with code {code}", log=log.name)
        return False

    try:
        wait_until(seen, deadline=Deadline(timeout), what=f"{container.name} to log {line.strip()!r}")
    except DeadlineExceeded as error:
        raise StageFailed(f"{tail(log)}\n{error}", log=log.name) from None
