"""A person at a real browser: what is not to be seen cannot be clicked, what no script does is not done.

What a page says is read by `harness.checks.visitor`, from what the browser has made of it.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import html
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from harness.checks.visitor import Amiss, Page
from harness.nodes.browser import BrowserFailed, in_words
from harness.proc.wait import Deadline, DeadlineExceeded, wait_until

_STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
_READY = "return document.readyState == 'complete'"
# How much longer than its window a page is, in pixels.
_BEYOND = "return Math.max(0, document.documentElement.scrollHeight - window.innerHeight)"
_HIGHEST = 2400  # pixels of a picture
# What the driver says of a browser that has ended, or of a page that has.
_ENDED = ("invalid session id", "not connected to DevTools", "disconnected", "not reachable", "crashed")
# What has to be unfolded before a field can be seen, and what unfolds it: up to Django 5.0 by a script.
_FOLDED = "ancestor::*[self::details or contains(@class, 'collapse')][1]"
_UNFOLDS = "summary, .collapse-toggle"


class Person:
    """Somebody at `address`, whom each page keeps waiting for `timeout` seconds at most.

    All of it raises `Amiss` when a person could not do so: there is no such thing, it is not to be seen,
    something else covers it, nothing happens. Pictures are put into `folder`; places on a page are CSS.
    """

    def __init__(self, driver: WebDriver, address: str, *, folder: Path, timeout: float) -> None:
        self.pictures: dict[str, Mapping[str, str]] = {}
        self._driver = driver
        self._address = address
        self._folder = folder
        self._timeout = timeout

    @property
    def browser(self) -> str:
        """What it calls itself, such as "chrome 156.0.8078.79"."""
        said = self._driver.capabilities
        return f"{said['browserName']} {said['browserVersion']}"

    def open(self, path: str) -> None:
        """Type an address."""
        with _told():
            self._driver.get(f"{self._address}{path}")

    def page(self) -> Page:
        """The page as it is now."""
        with _told():
            return Page(
                url=self._driver.current_url,
                status=int(self._driver.execute_script(_STATUS)),
                document=html.document_fromstring(self._driver.page_source),
            )

    def write(self, place: str, text: str) -> None:
        """Write a text into a field, in place of what is there."""
        with _told(place):
            field = self._shown(place)
            field.clear()
            field.send_keys(text)

    def choose(self, place: str, value: str) -> None:
        """Choose what a list offers."""
        with _told(place):
            Select(self._shown(place)).select_by_value(value)

    def chosen(self, place: str) -> str:
        """The value that is chosen of a list, empty when none is."""
        with _told(place):
            return Select(self._find(place)).first_selected_option.get_attribute("value") or ""

    def click(self, place: str) -> None:
        """Click, and see."""
        with _told(place):
            self._find(place).click()

    def press(self, place: str) -> None:
        """Click, and see another page."""
        with _told(place):
            shown = self._find("html")
            self._find(place).click()
        self._wait(lambda: _gone(shown) and self._driver.execute_script(_READY), f"{place}: no page follows")

    def in_popup(self, place: str, do: Callable[[], None]) -> None:
        """Click what opens a window, do something there, and see it close itself."""
        with _told(place):
            here = self._driver.current_window_handle
            self._find(place).click()
            self._wait(lambda: len(self._driver.window_handles) > 1, f"{place}: no window opens")
            self._driver.switch_to.window(next(each for each in self._driver.window_handles if each != here))
        do()
        self._wait(lambda: self._driver.window_handles == [here], f"{place}: the window does not close")
        self._driver.switch_to.window(here)

    def take_picture(self, name: str) -> None:
        """A picture of the whole page, for whoever wants to see it."""
        with _told():
            size = self._driver.get_window_size()
            height = min(_HIGHEST, size["height"] + int(self._driver.execute_script(_BEYOND)))
            self._driver.set_window_size(size["width"], height)
            picture = self._driver.get_screenshot_as_png()
            self._driver.set_window_size(size["width"], size["height"])
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{name}.png"
        path.write_bytes(picture)
        self.pictures[name] = {
            "file": f"{self._folder.name}/{path.name}",
            "sha256": hashlib.sha256(picture).hexdigest(),
        }

    def errors(self) -> tuple[str, ...]:
        """What scripts have failed at, and what pages lacked, as the browser's console has it."""
        with _told():
            log = self._driver.execute(Command.GET_LOG, {"type": "browser"})
        entries: Sequence[Mapping[str, Any]] = log["value"]
        return complaints_of(entries, self._address)

    def _find(self, place: str) -> WebElement:
        return self._driver.find_element(By.CSS_SELECTOR, place)

    def _shown(self, place: str) -> WebElement:
        """The field, unfolded if that is what it takes to see it."""
        field = self._find(place)
        for folded in [] if field.is_displayed() else field.find_elements(By.XPATH, _FOLDED):
            folded.find_element(By.CSS_SELECTOR, _UNFOLDS).click()
        return field

    def _wait(self, condition: Callable[[], object], amiss: str) -> None:
        try:
            with _told():
                wait_until(condition, deadline=Deadline(self._timeout), what=amiss)
        except DeadlineExceeded:
            raise Amiss(amiss) from None


def complaints_of(entries: Sequence[Mapping[str, Any]], address: str) -> tuple[str, ...]:
    """The errors among the entries of a console, each once; the project has no icon, and needs none."""
    errors = [each["message"] for each in entries if each["level"] == "SEVERE"]
    own = [each.replace(address, "") for each in errors if "/favicon.ico" not in each]
    return tuple(dict.fromkeys(own))


@contextmanager
def _told(place: str = "") -> Iterator[None]:
    """What a browser cannot do, as something amiss at a place, unless it has ended.

    Raises:
        Amiss: it cannot.
        BrowserFailed: it can do nothing any more.
    """
    try:
        yield
    except WebDriverException as error:
        if any(end in in_words(error) for end in _ENDED):
            raise BrowserFailed(in_words(error)) from None
        raise Amiss(f"{place}: {in_words(error)}" if place else in_words(error)) from None


def _gone(element: WebElement) -> bool:
    """Whether the page that an element was on is no longer shown."""
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False
