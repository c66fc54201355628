"""Frozen values that tests change with `replace`, and a small matrix.toml."""

from datetime import date

from harness.model import (
    Attempt,
    Cell,
    CellResult,
    CheckResult,
    ClockKind,
    Expectation,
    Failure,
    Lock,
    MachineFacts,
    Profile,
    Reason,
    Resolution,
    RunFooter,
    RunHeader,
    Settled,
    Stack,
    Stage,
    Status,
)

MATRIX = """\
[axes.python]
values = ["3.9", "3.13"]

[axes.django]
values = ["2.2.28", "4.2"]
requirements = { "2.2.28" = ["pytz"] }

[axes.celery]
values = ["4.4.2", "5.7"]

[profiles.plain]
reason = "the defaults"
settings = { USE_TZ = true }

[profiles.izone]
reason = "the article's settings"
settings = { USE_TZ = false, TIME_ZONE = "Asia/Shanghai" }

[stacks.old]
reason = "as it was written"
python = "3.9"
django = "2.2.28"
celery = "4.4.2"
resolution = "era"
as-of = 2023-07-16

[stacks.old-today]
reason = "the same, today"
like = "old"
resolution = "today"

[stacks.new]
reason = "the newest of everything"
python = "3.13"
django = "4.2"
celery = "*"
extras = { celery = ["redis"] }
requirements = ["redis>=5"]

[[constraints]]
when = { python = ["3.13"], database = ["sqlite"] }
reason = "nobody runs it"
source = "https://example.org/why"

[[expectations]]
cells = ["old@*"]
signature = "worker:exited*"
reason = "it never did"
link = "https://example.org/1"
expires = 2027-05-31

[plans.default]
reason = "everything"
stacks = ["*"]
profiles = ["*"]

[plans.small]
reason = "what is quick"
stacks = ["old*"]
profiles = ["plain"]
"""

TODAY = date(2026, 8, 1)

STACK = Stack(
    name="old",
    reason="as it was written",
    pins={"python": "3.9", "django": "2.2.28", "celery": "4.4.2"},
)
PROFILE = Profile(name="plain", reason="the defaults", settings={"USE_TZ": True})
CELL = Cell(stack=STACK, profile=PROFILE)

LOCK = Lock(distributions=("celery==4.4.2", "django==2.2.28", "vine==1.3.0"), python="3.9.18")

FAILURE = Failure(
    stage=Stage.WORKER,
    reason=Reason.EXITED,
    detail="worker/1",
    excerpt="worker ended with code 1",
    log="worker.log",
)
NO_SERVER = Failure(
    stage=Stage.SERVICE, reason=Reason.SERVER, detail="", excerpt="no answer", log="redis.log"
)

PASSED = Attempt(number=1, status=Status.PASSED, seconds=7.5)
FAILED = Attempt(number=1, status=Status.FAILED, seconds=3.0, failure=FAILURE)
ERRORED = Attempt(number=1, status=Status.ERRORED, seconds=1.0, failure=NO_SERVER)

FAILED_CHECK = CheckResult(
    id="crontab",
    stage=Stage.SCHEDULE,
    status=Status.FAILED,
    seconds=1.0,
    failure=Failure(
        stage=Stage.SCHEDULE,
        reason=Reason.CHECK,
        detail="crontab",
        excerpt="due at 10:31, sent at 18:31",
        log="checks.log",
    ),
)

RESULT = CellResult(
    run="run-1",
    cell=CELL.id,
    pins=STACK.pins,
    extras={},
    requirements=("django==2.2.28", "celery==4.4.2"),
    resolution=Resolution.TODAY,
    settings=PROFILE.settings,
    database="sqlite",
    broker="redis",
    clock=ClockKind.FAKE,
    started="2026-08-01T10:00:00Z",
    seconds=7.5,
    lock=LOCK,
    attempts=(PASSED,),
    settled=Settled.CLEAN,
)

EXPECTATION = Expectation(
    cells=("old@*",),
    signature="worker:exited*",
    reason="it never did",
    link="https://example.org/1",
    expires=date(2027, 5, 31),
)

HEADER = RunHeader(
    run="run-1",
    plan="default",
    cells=(CELL.id,),
    clock=ClockKind.FAKE,
    matrix="0123456789abcdef",
    project="fedcba9876543210",
    started="2026-08-01T09:59:00Z",
    machine=MachineFacts(
        cores=2,
        memory_gib=7.8,
        system="Linux x86_64, glibc 2.39",
        interpreters={"3.9": "CPython 3.9.18"},
        tools={"uv": "0.9.0", "broker": "8.1.0"},
    ),
)
FOOTER = RunFooter(run="run-1", ended="2026-08-01T10:01:00Z", seconds=60.0)
