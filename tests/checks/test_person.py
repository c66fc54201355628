"""A person sees what a browser shows: hidden, folded and covered things, windows, scripts that do nothing."""

import os
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.checks.person import Person, complaints_of
from harness.checks.visitor import Amiss
from harness.nodes.browser import BrowserFailed, started_browser
from harness.proc.marker import Marker
from harness.proc.sweep import marked
from harness.services.browser import find_browser
from tests.browsers import NEEDS_BROWSER
from tests.proc.processes import PATIENCE

FORM = """
<form action="/done"><input id="name"><select id="of"><option value="">-<option value="3">three</select>
<fieldset class="collapse"><details><summary>more</summary>
<textarea id="folded">[]</textarea></details></fieldset>
<fieldset class="collapse collapsed"><a class="collapse-toggle" href="#"
  onclick="document.getElementById('old').style.display = 'block'">Show</a>
<textarea id="old" style="display: none">{}</textarea></fieldset>
<button id="save">save</button><button id="hidden" style="display: none">save</button>
<button id="dead" type="button">save</button></form>
<a id="add" href="/window" onclick="window.open(this.href); return false">+</a>
<a id="nowhere" href="#">+</a>
"""
WINDOW = """
<button id="close" onclick="opener.document.getElementById('of').value = '3'; window.close()">done</button>
<button id="stay">stay</button>
"""
PAGES = {"/form": FORM, "/window": WINDOW, "/tall": '<p style="height: 5000px">tall</p>'}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(500 if self.path == "/broken" else 200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<!doctype html>{PAGES.get(self.path, '<p>it is done')}".encode())

    def log_message(self, *_args: Any) -> None:  # noqa: ANN401 - the signature of the base class
        """Say nothing."""


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """One at a server of ours, who waits a second at most for something to happen."""
    folder = tmp_path_factory.mktemp("person")
    marker = Marker.of_this_harness("tests").below("person")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        with started_browser(
            find_browser(os.environ), log=folder / "browser.log", marker=marker, timeout=PATIENCE
        ) as driver:
            address = f"http://127.0.0.1:{server.server_address[1]}"
            yield Person(driver, address, folder=folder / "pictures", timeout=1)
        server.shutdown()


@pytest.fixture
def at_form(person: Person) -> Person:
    person.open("/form")
    return person


@pytest.mark.live
@NEEDS_BROWSER
class TestAtABrowser:
    def test_a_form_is_filled_in_and_sent(self, at_form: Person) -> None:
        at_form.write("#name", "as in the article")
        at_form.choose("#of", "3")
        assert at_form.chosen("#of") == "3"
        at_form.press("#save")
        assert at_form.page().url.endswith("/done?")
        assert at_form.page().must_be_there().document.text_content() == "it is done"

    @pytest.mark.parametrize("place", ["#folded", "#old"])
    def test_what_is_folded_is_unfolded(self, at_form: Person, place: str) -> None:
        at_form.write(place, "[1, 9]")

    @pytest.mark.parametrize(
        ("place", "told"),
        [
            ("#hidden", "#hidden: element not interactable"),
            ("#none", "#none: no such element"),
            ("#dead", "#dead: no page follows"),
        ],
    )
    def test_what_cannot_be_done_is_told(self, at_form: Person, place: str, told: str) -> None:
        with pytest.raises(Amiss, match=told):
            at_form.press(place)

    def test_something_is_done_in_a_window(self, at_form: Person) -> None:
        at_form.in_popup("#add", lambda: at_form.click("#close"))
        assert at_form.chosen("#of") == "3"

    def test_a_window_that_does_not_open_is_told(self, at_form: Person) -> None:
        with pytest.raises(Amiss, match="#nowhere: no window opens"):
            at_form.in_popup("#nowhere", lambda: None)

    def test_a_page_that_fails_has_its_status(self, person: Person) -> None:
        person.open("/broken")
        assert person.page().problem == "status 500"

    def test_a_picture_is_of_the_whole_page_within_reason(self, person: Person) -> None:
        person.open("/tall")
        person.take_picture("tall")
        picture = person.pictures["tall"]
        path = person._folder / Path(picture["file"]).name
        width, height = (int.from_bytes(path.read_bytes()[at : at + 4], "big") for at in (16, 20))
        assert width == 1100
        assert 2000 < height <= 2400

    # The last: its window stays open.
    def test_a_window_that_does_not_close_is_told(self, at_form: Person) -> None:
        with pytest.raises(Amiss, match="#add: the window does not close"):
            at_form.in_popup("#add", lambda: at_form.click("#stay"))


@pytest.mark.live
@NEEDS_BROWSER
def test_a_browser_that_ends_is_no_fault_of_the_page(tmp_path: Path, marker: Marker) -> None:
    log = tmp_path / "browser.log"
    with started_browser(find_browser(os.environ), log=log, marker=marker, timeout=PATIENCE) as driver:
        person = Person(driver, "", folder=tmp_path, timeout=1)
        (browser,) = (each for each in marked(marker.covers) if each.name() == "chromium")
        browser.kill()
        with pytest.raises(BrowserFailed, match="the browser fails: "):
            person.open("data:text/html,nobody")


def entry(level: str, message: str) -> Mapping[str, str]:
    return {"level": level, "message": message}


def test_errors_of_the_console_are_told_once_without_the_address() -> None:
    entries = [
        entry("SEVERE", "http://127.0.0.1:1/admin/ 9:1 Uncaught ReferenceError: x is not defined"),
        entry("SEVERE", "http://127.0.0.1:1/admin/ 9:1 Uncaught ReferenceError: x is not defined"),
        entry("SEVERE", "http://127.0.0.1:1/favicon.ico - Failed to load resource"),
        entry("WARNING", "http://127.0.0.1:1/admin/ something is old"),
    ]
    told = complaints_of(entries, "http://127.0.0.1:1")
    assert told == ("/admin/ 9:1 Uncaught ReferenceError: x is not defined",)
