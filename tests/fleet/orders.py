"""Orders and offers that tests change with `replace`."""

from datetime import date

from harness.fleet.offer import Offer
from harness.fleet.order import Order
from harness.model import (
    USUAL_CHECKS,
    Cell,
    ClockKind,
    Expectation,
    Lock,
    MachineFacts,
    Profile,
    Question,
    Resolution,
    Stack,
)

ORDER = Order(
    version="0123456789ab-60",
    run="20261123T000000Z-0000",
    project="89abcdef",
    cell=Cell(
        stack=Stack(
            name="old",
            reason="as it was written",
            pins={"python": "3.9", "django": "2.2.28"},
            extras={"celery": ("redis",)},
            requirements=("pytz",),
            resolution=Resolution.ERA,
            as_of=date(2023, 7, 16),
            lock=Lock(distributions=("django==2.2.28",), python="3.9.18", index_date=date(2023, 7, 16)),
        ),
        profile=Profile(
            name="izone",
            reason="",
            settings={"USE_TZ": False, "TIME_ZONE": "Asia/Shanghai"},
            database="mariadb",
        ),
    ),
    question=Question(
        requirements=("django==2.2.28", "pytz"),
        pinned=("django",),
        resolution=Resolution.ERA,
        as_of=date(2023, 7, 16),
        grace_days=30,
    ),
    clock=ClockKind.FAKE,
    timeouts={"cell": 900.0},
    checks=USUAL_CHECKS,
    attempts=1,
    expectations=(
        Expectation(
            cells=("old@*",),
            signature="worker:exited*",
            reason="it never did",
            link="https://example.org/1",
            expires=date(2027, 5, 31),
        ),
    ),
    keep=False,
    limit=2700.0,
)

OFFER = Offer(
    name="one",
    version=ORDER.version,
    slots=4,
    pythons=("3.9", "3.13"),
    databases=("sqlite", "mariadb"),
    clocks=(ClockKind.FAKE, ClockKind.REAL),
    facts=MachineFacts(cores=2, memory_gib=4.0, system="Linux", interpreters={}, tools={}),
)
