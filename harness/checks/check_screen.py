"""Screen: the invariants of the contract, on what `is_due` says in a year, in many zones."""

from collections.abc import Callable

import pytest

from harness.checks.live import LiveCell
from harness.checks.screens import rehearse, walk_a_year
from harness.contract import lenses
from harness.contract.invariant import Standing
from harness.contract.screen import NAME, Screen, read_screen
from harness.contract.screened import SCREENED, Screened, find_screened

pytestmark = pytest.mark.stage("screen")


@pytest.fixture(scope="session")
def screen(cell: LiveCell, observe: Callable[..., None]) -> Screen:
    """What was walked; a rehearsal of what the live lens lives through goes into the record with it."""
    seen = walk_a_year(cell)
    observe(NAME, seen)
    observe(lenses.NAME, rehearse(cell))
    return read_screen(seen)


@pytest.mark.parametrize(
    "invariant",
    [
        pytest.param(
            each, id=each.id, marks=pytest.mark.caveat(f"not so, if asked at any time: {each.sentence}")
        )
        for each in SCREENED
    ],
)
def check_invariant(invariant: Screened, screen: Screen) -> None:
    """An invariant that the screen judges."""
    finding = find_screened(invariant, screen)
    if finding.standing is Standing.NOT_OBSERVED:
        pytest.skip(finding.seen)
    assert finding.standing is Standing.HELD, finding.seen
