"""A gate that has everything a gate can tell."""

from dataclasses import replace

from harness.contract.resilience import PROMISES
from harness.diagnosis.change import Change
from harness.diagnosis.finding import Finding, Kind, Part
from harness.gate.compare import compare
from harness.gate.entry import Entry
from harness.gate.outcome import Trouble, Unmet
from harness.gate.trial import tried
from harness.model import Attempt, CellResult, Lock, Status
from harness.report.gate import Diagnosed, Gated, GateView, make_gate_view
from tests.gate.entries import WORKS
from tests.gate.test_compare import FAILS, FAILS_OTHERWISE, GONE, NOW_SO_NOW_SO, STOPPED, UNKNOWN
from tests.values import EXPECTATION, FAILED, FAILED_CHECK, FAILURE, RESULT

BY_ID = {each.id: each for each in PROMISES}
NEWER = Lock(distributions=("celery==4.4.7", "django==2.2.28", "pytz==2026.1"), python="3.9.18")
EXCERPT = "\x1b[31mRuntimeError\x1b[0m: not | with <this> & ``` vine %"


def newer(entry: Entry) -> Entry:
    return replace(entry, lock=NEWER)


# By cell: before, now, and the baseline's own lock run now.
CELLS: dict[str, tuple[Entry | None, Entry | None, Entry | None]] = {
    "old@same": (WORKS, WORKS, None),
    "old@newer": (WORKS, newer(WORKS), None),
    "old@boot": (WORKS, newer(replace(STOPPED, stopped="worker:exited:worker/1")), WORKS),
    "old@invariant": (WORKS, newer(FAILS), WORKS),
    "old@flaky": (WORKS, newer(NOW_SO_NOW_SO), WORKS),
    "old@drift": (WORKS, newer(FAILS), FAILS),
    "old@project": (WORKS, replace(FAILS, project="other"), replace(FAILS, project="other")),
    "old@missing": (WORKS, None, None),
    "old@machine": (WORKS, UNKNOWN, None),
    "old@changed": (FAILS, FAILS_OTHERWISE, None),
    "old@fixed": (FAILS, WORKS, None),
    "old@removed": (FAILS, GONE, None),
    "old@new": (None, FAILS, None),
}
FOUND = Finding(
    cell="old@boot",
    signature="worker:exited:worker/1",
    kind=Kind.RELEASE,
    parts=(Part(name="celery", good="4.4.6", bad="4.4.7"),),
    change=Change(lines=("celery<4.4.7",)),
    failing="old@boot",
    passing="old+celery-below-4.4.7@boot",
    constrains=True,
)


def result_of(cell: str) -> CellResult:
    failing: Attempt = replace(FAILED, failure=replace(FAILURE, excerpt=EXCERPT))
    if cell != "old@boot":
        late = replace(FAILED_CHECK.failure, stage="time", detail="clocked", excerpt="never fired")  # type: ignore[type-var]
        check = replace(FAILED_CHECK, id="clocked", failure=late)
        failing = replace(failing, failure=None, status=Status.PASSED, checks=(check,))
    return replace(RESULT, cell=cell, attempts=(failing, replace(failing, number=2)))


def gate_view(cells: dict[str, tuple[Entry | None, Entry | None, Entry | None]] = CELLS) -> GateView:
    comparisons = [
        tried(comparison, reference) if reference is not None else comparison
        for cell, (before, now, reference) in cells.items()
        for comparison in [compare(cell, before, now)]
    ]
    return make_gate_view(
        Gated(
            plan="gate",
            baseline="reports/baseline.jsonl",
            run="run-1",
            comparisons=tuple(comparisons),
            results={cell: result_of(cell) for cell, (_, now, _) in cells.items() if now is not None},
            unmet=(
                Unmet(trouble=Trouble.STALE, expectation=EXPECTATION, cells=("old@same",)),
                Unmet(trouble=Trouble.EXPIRED, expectation=EXPECTATION, cells=("old@same", "old@new")),
            ),
            diagnosed={
                "old@boot": Diagnosed(finding=FOUND),
                "old@invariant": Diagnosed(why_not="20 cells were not enough"),
            },
            turned={
                "old@newer": ((BY_ID["lost-killed"],), (BY_ID["reconnect-restart"],)),
                "old@boot": ((), (BY_ID["reconnect-restart"],)),
            },
            left=("gone@plain",),
        )
    )


def quiet_view() -> GateView:
    return make_gate_view(
        Gated(
            plan="gate",
            baseline="reports/baseline.jsonl",
            run="run-1",
            comparisons=(compare("old@same", WORKS, WORKS),),
            results={"old@same": RESULT},
        )
    )
