"""Browser: the article's flow in the admin by a real browser, which heeds scripts and styles."""

import os
from collections.abc import Callable

import pytest

from harness.checks.browser_seen import STEPS, BrowserExperiment
from harness.checks.live import LiveCell
from harness.services.browser import NoBrowser, find_browser

pytestmark = pytest.mark.stage("browser")


@pytest.fixture(scope="session")
def seen(cell: LiveCell, observe: Callable[..., None]) -> BrowserExperiment:
    """The browser experiment, run once; where there is no browser, the record says why."""
    try:
        browser = find_browser(os.environ)
        # Nobody else is to wait until selenium is imported.
        from harness.checks.browser import run_browser_experiment  # noqa: PLC0415

        experiment = run_browser_experiment(cell, browser)
    except NoBrowser as missing:
        observe("browser", {"skipped": str(missing)})
        pytest.skip(str(missing))
    except Exception:
        observe("browser", cell.so_far())
        raise
    observe("browser", experiment.data())
    return experiment


@pytest.mark.parametrize("step", STEPS)
def check_done(seen: BrowserExperiment, step: str) -> None:
    """What the article does can be done by who sees and clicks."""
    if step not in seen.steps:
        pytest.skip("nobody came to it")
    assert not seen.steps[step], seen.steps[step]


@pytest.mark.parametrize("asked", ["list", "dict"])
def check_taken_up(seen: BrowserExperiment, asked: str) -> None:
    """A running beat takes up what was entered or edited, and sends it within its interval."""
    if asked not in seen.ran:
        pytest.skip("it was not entered")
    assert seen.ran[asked].noticed, "beat did not notice"
    assert seen.ran[asked].sent, "beat noticed, and sent nothing within an interval"


@pytest.mark.parametrize("asked", ["list", "dict"])
def check_seen_result(seen: BrowserExperiment, asked: str) -> None:
    """The worker runs it, and its result is seen on its page."""
    if seen.steps.get(f"look_up-{asked}") != "":
        pytest.skip("nobody came to it")
    ran = seen.ran[asked]
    assert (ran.status, ran.result) == ("SUCCESS", "10"), f"shown are {ran.status!r} and {ran.result!r}"


@pytest.mark.caveat("a page of the admin has an error that only the browser's console tells")
def check_console(seen: BrowserExperiment) -> None:
    """No script fails, and no page lacks anything."""
    assert not seen.errors, "; ".join(seen.errors)
