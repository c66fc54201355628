"""Entries of a baseline, made up by hypothesis, and a plain one to change."""

from datetime import date

from hypothesis import strategies as st

from harness.gate.entry import Entry
from harness.model import Lock, Verdict
from tests.values import LOCK

WORKS = Entry(
    cell="old@plain",
    verdict=Verdict.WORKS,
    passed=frozenset({"task:eta", "time:clocked", "time:interval"}),
    lock=LOCK,
    project="0123456789ab",
)

_CHECKS = [f"{stage}:{check}" for stage in ("task", "time") for check in ("eta", "clocked", "row", "late")]
_RUNGS = ["resolve", "build", "import", "worker", "beat"]
_SIGNATURES = ["", ":raised:Broken", ":exited"]


@st.composite
def entries(draw: st.DrawFn, cell: str = "old@plain") -> Entry:
    """Any entry that `entry_of` may make of a determined cell."""
    lock = draw(
        st.sampled_from(
            [
                None,
                LOCK,
                Lock(distributions=("celery==5.6.3",), python="3.9.18", index_date=date(2023, 7, 16)),
            ]
        )
    )
    if draw(st.booleans()):
        rung = draw(st.sampled_from(_RUNGS))
        signature = rung + draw(st.sampled_from(_SIGNATURES[1:]))
        return Entry(cell=cell, verdict=Verdict.BROKEN, stopped=signature, lock=lock, project="aa")
    ways = draw(
        st.fixed_dictionaries(
            {
                check: st.sampled_from(["passed", "failed", "unseen", "raised", "flaky", "not there"])
                for check in _CHECKS
            }
        )
    )
    flaky = {check for check, way in ways.items() if way == "flaky"}
    flaky |= draw(st.sets(st.sampled_from(_RUNGS), max_size=1))
    failed = {check: check.replace(":", ":check:") for check, way in ways.items() if way == "failed"}
    failed |= {check: f"{check.partition(':')[0]}:raised:X" for check, way in ways.items() if way == "raised"}
    return Entry(
        cell=cell,
        verdict=Verdict.FLAKY if flaky else Verdict.BROKEN if failed else Verdict.WORKS,
        passed=frozenset(check for check, way in ways.items() if way == "passed"),
        failed=failed,
        unseen=frozenset(check for check, way in ways.items() if way == "unseen"),
        flaky=frozenset(flaky),
        lock=lock,
        project="aa",
    )
