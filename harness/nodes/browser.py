"""A browser for one cell: its driver is a child of ours, and the browser the driver's.

Selenium starts drivers by itself; what it starts would bear no mark, and outlive a harness that is killed. It
is only asked to talk to the driver that we have started. Importing selenium takes a while: this module is
imported by who wants a browser, when they want one.
"""

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ChromeOptions, Remote
from selenium.webdriver.common.proxy import Proxy, ProxyType
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.webdriver import WebDriver
from urllib3.exceptions import HTTPError

from harness.nodes.web import WebEnded, WebServer
from harness.proc.children import Child, Command
from harness.proc.marker import Marker
from harness.proc.wait import DeadlineExceeded
from harness.services.browser import Browser
from harness.services.private import make_folder, remove_folder

WINDOW = (1100, 900)  # what a picture shows, in pixels


class BrowserFailed(Exception):
    """The browser of this machine does not come up, or ends, which says nothing of versions."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the browser fails: {why}")


@contextlib.contextmanager
def started_browser(browser: Browser, *, log: Path, marker: Marker, timeout: float) -> Iterator[WebDriver]:
    """A browser without a screen, which waits `timeout` seconds for each page; its driver writes the log.

    It lives in real time, whatever time the cell lives in. In the end all of it is killed: it is nobody's
    browser, and has nothing that it would have to put away.

    Raises:
        BrowserFailed: it does not come up, or its driver ends.
    """
    # A place of its own, since it makes sockets there, whose paths have a hundred bytes at most. What drops
    # the mark, as a browser's own children do, is known by it.
    folder = make_folder(marker)
    try:
        child = _start_driver(browser, folder=folder, log=log, marker=marker)
        try:
            server = WebServer(child, what="the browser's driver")
            try:
                driver = _connect(server.url(timeout=timeout), browser, folder=folder, timeout=timeout)
            except (WebEnded, DeadlineExceeded, WebDriverException, HTTPError) as error:
                raise BrowserFailed(in_words(error)) from None
            try:
                yield driver
            except HTTPError:  # of talking to the driver: nobody else uses this client here
                raise BrowserFailed("its driver does not answer") from None
        finally:
            child.kill()  # the browser is in its driver's process group
    finally:
        remove_folder(folder)


def _start_driver(browser: Browser, *, folder: Path, log: Path, marker: Marker) -> Child:
    """The driver, which chooses a free port; the browser inherits its environment, and with it the mark."""
    return Child(
        Command(
            argv=[str(browser.driver), "--port=0", "--log-level=WARNING"],
            env={"PATH": os.defpath, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8"},
            cwd=folder,
            log=log,
            marker=marker,
        )
    )


def _connect(address: str, browser: Browser, *, folder: Path, timeout: float) -> WebDriver:
    options = ChromeOptions()
    options.binary_location = str(browser.program)
    for argument in _arguments(folder):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # No proxy stands between us and a driver of our own.
    direct = Proxy({"proxyType": ProxyType.DIRECT})
    # A page that is late is told by the driver, which is to be heard out.
    config = ClientConfig(address, timeout=math.ceil(2 * timeout), proxy=direct)
    driver = Remote(address, options=options, client_config=config)
    driver.set_page_load_timeout(timeout)
    return driver


def _arguments(folder: Path) -> Iterator[str]:
    width, height = WINDOW
    yield "--headless"
    yield f"--window-size={width},{height}"
    yield f"--user-data-dir={folder / 'profile'}"
    yield "--no-proxy-server"
    yield "--disable-gpu"
    yield "--disable-dev-shm-usage"  # that of a container is too small
    if os.geteuid() == 0:
        yield "--no-sandbox"  # its sandbox refuses to be root's


def in_words(error: Exception) -> str:
    """What an error says, in one line."""
    text = error.msg if isinstance(error, WebDriverException) else str(error)
    return (text or type(error).__name__).partition("\n")[0].strip()
