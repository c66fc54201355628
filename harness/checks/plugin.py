"""The pytest plugin that hands a live cell to the checks and their outcome to the harness."""

import json
import os
import time
from collections.abc import Callable, Collection, Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from pytest_celery import CeleryTestBroker, CeleryTestWorker, RedisTestBroker

from harness.checks import CHECKS
from harness.checks.events import CheckEnded, Observed, StageEnded, StageStarted
from harness.checks.live import LiveCell
from harness.model import EXPERIMENTS, Stage, Status
from harness.nodes.beat import CeleryTestBeat
from harness.nodes.clock import CeleryTestClock
from harness.nodes.worker import ProcessWorker
from harness.proc.fork import Emit

_STATUSES = {"passed": Status.PASSED, "failed": Status.FAILED, "skipped": Status.SKIPPED}


def run_checks(cell: LiveCell, emit: Emit, *, stages: Collection[Stage], scratch: Path) -> int:
    """Run the checks of booting and of `stages` against `cell`; returns pytest's exit code.

    Each outcome is emitted as it comes.
    """
    arguments = [
        *("-p", "celery", "-p", "no:cacheprovider", "-p", "no:terminal", "--strict-markers"),
        # Plain asserts: every check says in words what it saw, and modules the fork server has imported stay.
        *(
            "--assert",
            "plain",
            "-c",
            str(CHECKS / "pytest.ini"),
            "--rootdir",
            str(CHECKS),
            "--basetemp",
            str(scratch),
        ),
        str(CHECKS),
    ]
    # Whatever other plugins are installed beside the harness have no part in what is measured.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return int(pytest.main(arguments, plugins=[_Registrar(CheckPlugin(cell, emit, stages))]))


class _Registrar:
    """Registers the plugin after pytest-celery, so that its fixtures are the ones that count."""

    def __init__(self, plugin: "CheckPlugin") -> None:
        self._plugin = plugin

    def pytest_configure(self, config: pytest.Config) -> None:
        """All plugins are loaded by now."""
        # What a check saw is in its message; formatting the source around it would cost more than the check.
        config.option.tbstyle = "native"
        config.pluginmanager.register(self._plugin)


class CheckPlugin:
    """Fixtures around one live cell. Setting them up starts nothing, tearing them down stops nothing."""

    def __init__(self, cell: LiveCell, emit: Emit, stages: Collection[Stage]) -> None:
        self._cell = cell
        self._left_out = frozenset(EXPERIMENTS) - frozenset(stages)
        self._emit = emit
        self._stage: Stage | None = None
        self._status = Status.PASSED
        self._began = 0.0

    @pytest.fixture(scope="session")
    def cell(self) -> LiveCell:
        """The live cell."""
        return self._cell

    @pytest.fixture(scope="session")
    def observe(self) -> Callable[[str, Mapping[str, Any]], None]:
        """`observe(name, data)` puts what an experiment saw into the record; data must be JSON."""

        def observe(name: str, data: Mapping[str, Any]) -> None:
            self._emit(Observed(name=name, data=json.loads(json.dumps(data))))

        return observe

    @pytest.fixture
    def celery_clock(self) -> CeleryTestClock:
        """The time the cell lives in."""
        return self._cell.clock

    @pytest.fixture
    def celery_beat(self, celery_setup_app: Celery) -> CeleryTestBeat:
        """The cell's beat."""
        return CeleryTestBeat(self._cell.beat_container, celery_setup_app)

    @pytest.fixture
    def celery_broker(self) -> CeleryTestBroker:
        """The cell's Redis."""
        return RedisTestBroker(self._cell.broker_container)

    @pytest.fixture
    def celery_backend_cluster(self) -> None:
        """None: results go to the project's own database."""

    @pytest.fixture
    def celery_worker(self, celery_setup_app: Celery) -> CeleryTestWorker:
        """The cell's worker."""
        return ProcessWorker(self._cell.worker_container, celery_setup_app)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Run what was asked for in the order of the ladder: after a shutdown nothing else can be seen."""
        order = list(Stage)
        items[:] = [item for item in items if _stage(item) not in self._left_out]
        items.sort(key=lambda item: order.index(_stage(item)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Tell when an experiment's stage begins, and when it is over."""
        stage = _stage(item)
        if stage is not self._stage:
            self._end_stage()
            self._begin_stage(stage)
        return (yield)

    def pytest_sessionfinish(self) -> None:
        """Tell that the last stage is over."""
        self._end_stage()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Emit a check's outcome: of its call, or of a setup that failed."""
        report = yield
        if report.when == "call" or report.failed:
            self._emit(_check_ended(item, call, report))
            if report.failed and item.get_closest_marker("caveat") is None:
                self._status = Status.FAILED
        return report

    def _begin_stage(self, stage: Stage) -> None:
        self._stage = stage
        self._status = Status.PASSED
        self._began = time.monotonic()
        if stage in EXPERIMENTS:
            self._emit(StageStarted(stage=stage))

    def _end_stage(self) -> None:
        if self._stage in EXPERIMENTS:
            seconds = time.monotonic() - self._began
            self._emit(StageEnded(stage=self._stage, status=self._status, seconds=seconds))


def _check_ended(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> CheckEnded:
    error = call.excinfo.value if call.excinfo else None
    caveat = item.get_closest_marker("caveat")
    evidence = getattr(error, "trace", "")
    if report.failed and report.when != "call":
        # The experiment broke off: its error is the evidence, and the check itself was never made.
        evidence, caveat = evidence or str(error), None
    return CheckEnded(
        id=_id(item),
        stage=_stage(item),
        status=_STATUSES[report.outcome],
        seconds=report.duration,
        caveat=caveat.args[0] if caveat else "",
        message=_message(error) if error else "",
        evidence=evidence,
    )


def _message(error: BaseException) -> str:
    """An error in one line; what a skipped check says is all there is to say."""
    text = str(error).partition("\n")[0]
    return text if isinstance(error, pytest.skip.Exception) else f"{type(error).__name__}: {text}"


def _id(item: pytest.Item) -> str:
    """`check_instant[eta]` is `instant-eta`: an id has nothing in it that a glob would read otherwise.

    `check_invariant[clocked]` is the invariant `clocked` itself, and a promise likewise.
    """
    name = item.name.removeprefix("check_invariant[").removeprefix("check_promise[").removeprefix("check_")
    return name.replace("[", "-").removesuffix("]")


def _stage(item: pytest.Item) -> Stage:
    marker = item.get_closest_marker("stage")
    if marker is None:
        raise pytest.UsageError(f"{item.nodeid} has no mark `stage`")
    return Stage(marker.args[0])
