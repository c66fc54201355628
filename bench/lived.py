"""One cell of the time plan, measured from within its child: what each span costs, and whom."""

import contextlib
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from harness.cell.climb import Climb
from harness.cell.ladder import boot
from harness.checks.live import LiveCell
from harness.checks.spans import live_through
from harness.contract.invariant import find
from harness.contract.invariants import INVARIANTS
from harness.contract.span import PREFIX, read_spans
from harness.proc.fork import Emit

BOOT, JUDGE, NIGHT = "boot", "judge", "night"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a cell's life: real seconds, CPU seconds by process, looks taken, ticks of beat."""

    name: str
    seconds: float
    cpu: Mapping[str, float]
    looks: int
    ticks: int

    @property
    def night(self) -> bool:
        """Whether it is a night in which clocks are changed."""
        return self.name.startswith(NIGHT)


def live_once(plan: Climb, emit: Emit) -> None:
    """Boot, live through every span and judge them; emit each step as it is over."""
    with contextlib.ExitStack() as stack:
        meter = _Meter()
        cell = boot(plan, lambda _event: None, stack)
        emit(meter.step(BOOT, cell))
        lived = {}
        for name, observation in live_through(cell):
            lived[PREFIX + name] = observation
            emit(meter.step(name, cell, looks=len(observation.get("looks", ()))))
        spans = read_spans(lived)
        for invariant in INVARIANTS:
            find(invariant, spans)
        emit(meter.step(JUDGE, cell))


class _Meter:
    """What has been used since the last step."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._cpu: Mapping[str, float] = {"harness child": _own()}
        self._ticks = 0

    def step(self, name: str, cell: LiveCell, *, looks: int = 0) -> Step:
        now, cpu, ticks = time.monotonic(), _cpu(cell), len(cell.journal.wakes)
        step = Step(
            name=name,
            seconds=now - self._began,
            cpu={process: used - self._cpu.get(process, 0.0) for process, used in cpu.items()},
            looks=looks,
            ticks=ticks - self._ticks,
        )
        self._began, self._cpu, self._ticks = now, cpu, ticks
        return step


def _cpu(cell: LiveCell) -> dict[str, float]:
    """CPU seconds by process, from the cell's beginning. Of the cell only beats end before it does."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "worker": _used(cell.worker.child.pid),
        "beat": _used(cell.beat.child.pid) + ended.ru_utime + ended.ru_stime,
        "agent": _used(cell.agent.child.pid),
        "broker": _used(cell.broker.child.pid),
        "harness child": _own(),
    }


def _used(pid: int) -> float:
    """Of a process and its pool, those of the pool included that it has replaced."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
        own = sum(each.user + each.system for each in times)
        return float(own + sum(each.children_user + each.children_system for each in times))
    return 0.0


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
