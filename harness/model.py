"""The words of the project as frozen values. Imports nothing of ours; everything else imports this.

Instants are ISO 8601 strings in UTC where they are recorded and float seconds since the epoch where
they are computed with; durations are seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, get_args

SCHEMA_VERSION = 1


class Resolution(StrEnum):
    """Which index a stack is resolved against."""

    TODAY = "today"  # the index as it is
    ERA = "era"  # the index as of the stack's own time
    OVERRIDE = "override"  # the index as it is, with the caps that others declare on our pins ignored


class Installer(StrEnum):
    """Who chooses the versions that a stack leaves open."""

    UV = "uv"
    PIP = "pip"  # the one that `python -m venv` puts into an environment of the stack's Python


class Stage(StrEnum):
    """The rungs of a cell's ladder, in order; a rung is climbed only when all before it held."""

    RESOLVE = "resolve"
    BUILD = "build"
    SERVICE = "service"
    IMPORT = "import"
    MIGRATE = "migrate"
    WORKER = "worker"
    BEAT = "beat"
    TASK = "task"
    SCHEDULE = "schedule"
    TIME = "time"
    SCREEN = "screen"
    ADMIN = "admin"
    BROWSER = "browser"
    RESILIENCE = "resilience"
    SUPERVISED = "supervised"
    SHUTDOWN = "shutdown"


# Where a profile keeps its data.
DatabaseKind = Literal["sqlite", "postgresql", "mariadb"]
# Those that are servers.
ServerKind = Literal["postgresql", "mariadb"]
# The stages that are checks on a cell that lives; a plan says which of them it runs.
Experiment = Literal[
    Stage.TASK,
    Stage.SCHEDULE,
    Stage.TIME,
    Stage.SCREEN,
    Stage.ADMIN,
    Stage.BROWSER,
    Stage.RESILIENCE,
    Stage.SUPERVISED,
    Stage.SHUTDOWN,
]
EXPERIMENTS: tuple[Experiment, ...] = get_args(Experiment)
# What a plan runs that does not say.
USUAL_CHECKS: tuple[Experiment, ...] = (Stage.TASK, Stage.SCHEDULE, Stage.SHUTDOWN)


class Status(StrEnum):
    """JUnit's four: `failed` is about the versions, `errored` about the machine."""

    PASSED = "passed"
    FAILED = "failed"
    ERRORED = "errored"
    SKIPPED = "skipped"


class Verdict(StrEnum):
    """What a cell's record says about its versions."""

    WORKS = "works"
    CAVEATS = "works with caveats"
    BROKEN = "broken"
    UNRESOLVABLE = "unresolvable"
    FLAKY = "flaky"
    UNTESTED = "untested"


class ClockKind(StrEnum):
    """Whose time a cell's Django processes live in."""

    FAKE = "fake"  # libfaketime, jumped by the harness
    REAL = "real"


class Reason(StrEnum):
    """Why a stage failed. Each has one rule in `harness.cell.classify` and one real log in the tests."""

    # resolve and build
    NO_SUCH_PACKAGE = "no-such-package"
    NO_SUCH_VERSION = "no-such-version"
    PYTHON_UNSUPPORTED = "python-unsupported"
    CONFLICT = "conflict"
    SOURCE_BUILD = "source-build"
    # a Python program of the cell
    MISSING_MODULE = "missing-module"
    IMPORT_NAME = "import-name"
    MISSING_ATTRIBUTE = "missing-attribute"
    WRONG_CALL = "wrong-call"
    SYNTAX = "syntax"
    SETTINGS = "settings"
    SYSTEM_CHECK = "system-check"
    DATABASE = "database"
    RAISED = "raised"
    # a process of the cell
    EXITED = "exited"
    NOT_READY = "not-ready"
    LOG_FLOOD = "log-flood"
    STORM = "storm"
    # a check
    CHECK = "check"
    # the machine
    NO_SPACE = "no-space"
    INDEX_UNREACHABLE = "index-unreachable"
    SERVER = "server"
    INSTALL_TIMEOUT = "install-timeout"
    BUILD_TOOLS = "build-tools"
    CHILD_DIED = "child-died"
    CELL_TIMEOUT = "cell-timeout"
    # nothing matched
    UNKNOWN = "unknown"

    @property
    def status(self) -> Status:
        """Whose fault it is: `errored` for the machine, `failed` for the versions."""
        return Status.ERRORED if self in MACHINE_REASONS else Status.FAILED


MACHINE_REASONS = frozenset(
    {
        Reason.NO_SPACE,
        Reason.INDEX_UNREACHABLE,
        Reason.NO_SUCH_PACKAGE,
        Reason.SERVER,
        Reason.INSTALL_TIMEOUT,
        Reason.BUILD_TOOLS,
        Reason.CHILD_DIED,
        Reason.CELL_TIMEOUT,
    }
)

# The plans that the records of runs are of which answer a question; matrix.toml may have none called so.
ANSWERING = ("check", "pick")


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One set of pinned versions.

    `pins` maps axis to value: "3.9", "2.2.28", "5.4" (a series), "*" (any), or "-" (not asked for by itself).
    With a `lock` nothing is resolved: it is installed.
    """

    name: str
    reason: str
    pins: Mapping[str, str]
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    resolution: Resolution = Resolution.TODAY
    as_of: date | None = None
    installer: Installer = Installer.UV
    lock: "Lock | None" = None

    @property
    def python(self) -> str:
        """The wanted Python, such as "3.9"."""
        return self.pins["python"]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The settings a stack runs under. `settings` maps Django's own names to values."""

    name: str
    reason: str
    settings: Mapping[str, bool | str]
    database: DatabaseKind = "sqlite"
    broker: str = "redis"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A stack under a profile. Its id is the join key of logs, records and reports."""

    stack: Stack
    profile: Profile

    @property
    def id(self) -> str:
        """`stack@profile`, safe in file names and shells."""
        return f"{self.stack.name}@{self.profile.name}"


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A known failure. It must be seen in every cell that one of `cells` (globs) names, until it expires."""

    cells: tuple[str, ...]
    signature: str
    reason: str
    link: str
    expires: date


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the resolver is asked: all `requirements`, and among them the `pinned` ones."""

    requirements: tuple[str, ...]
    pinned: tuple[str, ...]
    resolution: Resolution
    as_of: date | None
    grace_days: int


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release of a package, and what it declares of Python and of the packages of the axes.

    `uploaded` is the day of its first file, None where the index does not say. `requires` are requirements
    (PEP 508) with their markers, without those of extras; None where they are not known. `yanked` is why it
    was withdrawn, None where it was not.
    """

    version: str
    uploaded: date | None
    requires_python: str
    requires: tuple[str, ...] | None
    yanked: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lock:
    """What the resolver chose: every distribution as `name==version`, for one interpreter."""

    distributions: tuple[str, ...]
    python: str
    index_date: date | None = None

    def version(self, name: str) -> str | None:
        """The locked version of a distribution, or None."""
        begins = f"{name}=="
        for distribution in self.distributions:
            if distribution.startswith(begins):
                return distribution.removeprefix(begins)
        return None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a stage failed. `signature` groups equal failures; `excerpt` is the decisive log line."""

    stage: Stage
    reason: Reason
    detail: str
    excerpt: str
    log: str

    @cached_property
    def signature(self) -> str:
        """`stage:reason` or `stage:reason:detail`; the text an expectation matches."""
        return ":".join(filter(None, (self.stage, self.reason, self.detail)))


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """How one rung went."""

    stage: Stage
    status: Status
    seconds: float


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """How one check went. A failed check with a `caveat` does not break the cell: it is told in words."""

    id: str
    stage: Stage
    status: Status
    seconds: float
    caveat: str = ""
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What an experiment saw: JSON data under the experiment's name, instants in UTC."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One climb of the ladder, from service to shutdown or to the rung that failed."""

    number: int
    status: Status
    seconds: float
    stages: tuple[StageResult, ...] = ()
    failure: Failure | None = None
    checks: tuple[CheckResult, ...] = ()
    observations: tuple[Observation, ...] = ()

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The stage that stopped it, or every check that failed, the ones that break the cell first."""
        if self.failure is not None:
            return (self.failure,)
        failed = [(check.caveat, check.failure) for check in self.checks if check.failure is not None]
        return tuple([failure for _, failure in sorted(failed, key=lambda each: bool(each[0]))])

    @property
    def signatures(self) -> frozenset[str]:
        """What two attempts must share to agree."""
        return frozenset(failure.signature for failure in self.failures)


class Settled(StrEnum):
    """Why no further attempt was made."""

    CLEAN = "clean"  # nothing failed
    EXPECTED = "expected"  # what failed, and nothing else, is known by matrix.toml's expectations
    KNOWN = "known"  # what failed was repeated, and confirmed, in several other cells
    REPEATED = "repeated"  # a failure was repeated, and either confirmed or not
    MACHINE = "machine"  # the machine kept it from being determined
    SAME = "same"  # its installer chose what uv chooses; the cell that asks uv tells of it
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True)
class CellResult:
    """Everything a run learned about one cell; the line of the records.

    `pip` is the version of pip that chose, None where uv did.
    """

    run: str
    cell: str
    pins: Mapping[str, str]
    extras: Mapping[str, tuple[str, ...]]
    requirements: tuple[str, ...]
    resolution: Resolution
    settings: Mapping[str, bool | str]
    database: str
    broker: str
    clock: ClockKind
    started: str
    seconds: float
    lock: Lock | None
    seed: str | None = None
    attempts: tuple[Attempt, ...] = ()
    settled: Settled = Settled.SKIPPED
    skipped: str = ""
    checks: tuple[Stage, ...] = USUAL_CHECKS
    installer: Installer = Installer.UV
    pip: str | None = None


@dataclass(frozen=True, kw_only=True)
class MachineFacts:
    """What a reader needs to know of the machine, and nothing that identifies it."""

    cores: int
    memory_gib: float
    system: str
    interpreters: Mapping[str, str]
    tools: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RunHeader:
    """The first line of a run's records."""

    run: str
    plan: str
    cells: tuple[str, ...]
    clock: ClockKind
    matrix: str
    project: str
    started: str
    machine: MachineFacts


@dataclass(frozen=True, kw_only=True)
class RunFooter:
    """The last line of a run that was not interrupted."""

    run: str
    ended: str
    seconds: float
