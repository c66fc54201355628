"""Time: the invariants of the contract, on spans of time that beat and worker have lived through."""

from collections.abc import Callable, Mapping

import pytest

from harness.checks.live import LiveCell
from harness.checks.spans import live_through
from harness.contract.invariant import Invariant, Standing, find
from harness.contract.invariants import INVARIANTS
from harness.contract.span import PREFIX, Span, read_spans

pytestmark = pytest.mark.stage("time")


@pytest.fixture(scope="session")
def spans(cell: LiveCell, observe: Callable[..., None]) -> Mapping[str, Span]:
    """What was lived through, by name; each span is in the record as soon as it is over."""
    lived = {}
    for name, observation in live_through(cell):
        lived[PREFIX + name] = observation
        observe(PREFIX + name, observation)
    return read_spans(lived)


@pytest.mark.parametrize(
    "invariant",
    [
        pytest.param(each, id=each.id, marks=pytest.mark.caveat(f"not so: {each.sentence}"))
        for each in INVARIANTS
    ],
)
def check_invariant(invariant: Invariant, spans: Mapping[str, Span]) -> None:
    """An invariant of the contract."""
    finding = find(invariant, spans)
    if finding.standing is Standing.NOT_OBSERVED:
        pytest.skip(finding.seen)
    assert finding.standing is Standing.HELD, finding.seen
