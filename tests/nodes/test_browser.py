"""A browser comes up, and nothing is left of it, however it ends."""

import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.nodes.browser import BrowserFailed, started_browser
from harness.proc.logs import read_log
from harness.proc.marker import Marker
from harness.proc.sweep import sweep
from harness.proc.wait import Deadline, wait_until
from harness.services.browser import Browser, find_browser
from tests.browsers import NEEDS_BROWSER
from tests.proc.processes import PATIENCE

pytestmark = [pytest.mark.live, NEEDS_BROWSER]


@pytest.fixture
def browser() -> Browser:
    return find_browser(os.environ)


def places(marker: Marker) -> list[Path]:
    """Where browsers of ours are at home."""
    return list(Path("/tmp").glob(f"harness-*-{marker.owner}-*"))  # noqa: S108 - as in services/private.py


def inhabitants(marker: Marker) -> list[psutil.Process]:
    """Processes that live in such a place, with the mark or without."""
    homes, found = places(marker), []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) in homes:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def test_it_comes_up_and_goes(browser: Browser, tmp_path: Path, marker: Marker) -> None:
    with started_browser(browser, log=tmp_path / "browser.log", marker=marker, timeout=PATIENCE) as driver:
        driver.get("data:text/html,<title>it is me</title>")
        assert driver.title == "it is me"
        assert len(inhabitants(marker)) > 2
    wait_until(lambda: not inhabitants(marker), deadline=Deadline(PATIENCE), what="all of it to be gone")
    assert places(marker) == []
    assert "started successfully on port" in read_log(tmp_path / "browser.log")


def test_a_sweep_finds_all_of_it(browser: Browser, tmp_path: Path, marker: Marker) -> None:
    """As after a harness that was killed: a browser's own children drop the mark, and end with it."""

    def live_on() -> None:
        with started_browser(
            browser, log=tmp_path / "browser.log", marker=marker, timeout=PATIENCE
        ) as driver:
            sweep(marker)
            wait_until(lambda: not inhabitants(marker), deadline=Deadline(PATIENCE), what="all to be gone")
            driver.get("data:text/html,nobody")

    with pytest.raises(BrowserFailed, match="its driver does not answer"):
        live_on()
    assert places(marker) == []


def test_one_that_does_not_come_up_says_so(browser: Browser, tmp_path: Path, marker: Marker) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    started = started_browser(
        replace(browser, program=broken), log=tmp_path / "browser.log", marker=marker, timeout=PATIENCE
    )
    with pytest.raises(BrowserFailed, match="the browser fails: session not created"), started:
        pass
    assert places(marker) == []


def test_a_driver_that_ends_is_told(browser: Browser, tmp_path: Path, marker: Marker) -> None:
    driverless = replace(browser, driver=Path("/bin/false"))
    started = started_browser(driverless, log=tmp_path / "browser.log", marker=marker, timeout=PATIENCE)
    with pytest.raises(BrowserFailed, match="the server ended with code 1"), started:
        pass
    assert places(marker) == []
