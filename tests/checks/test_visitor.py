"""Pages are read, forms are filled in, cookies are kept: against a server that answers what it is told to."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.checks.visitor import Amiss, Page, Refusal, Visitor, path_of

# As Django kept its messages up to 3.1.
COOKIE = r'"5f$[[\"__json_message\"\0540\05425\054\"saved\"]]"'
LIST = """
<ul class="messagelist"><li class="success">It is  done.</li></ul>
<div id="content"><a href="/admin/one/">One</a><a href="/admin/one/">again</a></div>
<table id="result_list"><tbody>
<tr><td class="action-checkbox"><input type="checkbox" name="_selected_action" value="7"></td>
<th class="field-name"><a href="/admin/one/7/change/">as in\nthe article</a></th>
<td class="field-enabled"><img src="no.svg" alt="False"></td></tr>
</tbody></table>
"""
FORM = """
<form id="entry_form" method="post" action="/sent">
<input type="hidden" name="token" value="abc">
<input type="text" name="name" value="">
<select name="interval"><option value="">-</option><option value="3" selected>every day</option></select>
<textarea name="args">\n[]</textarea>
<input type="checkbox" name="enabled" checked><input type="checkbox" name="one_off">
<input type="submit" name="_save" value="Save"><input type="submit" name="_continue" value="Go on">
</form>
<div class="form-row field-date_done"><div class="readonly">2025年3月4日\n10:30</div></div>
"""
REFUSED = '<p class="errornote">Mend this.</p><ul class="errorlist"><li>No  JSON.</li></ul>'
FAILED = '<h1>RuntimeError\n at /x/</h1><pre class="exception_value">as it\nshould</pre>'
PAGES = {"/list": LIST, "/form": FORM, "/refused": REFUSED, "/nothing": "<p>nothing</p>"}


class _Handler(BaseHTTPRequestHandler):
    """Answers pages; what is posted to it, and what it is told by cookies, is sent back as text."""

    def do_GET(self) -> None:
        failed = self.path not in {*PAGES, "/cookie"}
        self.send_response(500 if failed else 200)
        if self.path == "/cookie":
            self.send_header("Set-Cookie", f"messages={COOKIE}; Path=/; HttpOnly")
        self.end_headers()
        said = f"<p>{self.headers.get('Cookie', '')}</p>"
        self.wfile.write((FAILED if failed else PAGES.get(self.path, said)).encode())

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"<p>{sent}</p>".encode())

    def log_message(self, *_args: Any) -> None:  # noqa: ANN401 - the signature of the base class
        """Say nothing."""


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """Somebody at a server that answers."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Visitor(f"http://127.0.0.1:{server.server_port}", timeout=10)
        server.shutdown()
        thread.join()


def text_of(page: Page) -> str:
    return str(page.document.text_content())


def test_a_list_is_read_by_its_fields(visitor: Visitor) -> None:
    page = visitor.open("/list").must_say_done()
    (row,) = page.rows()
    assert row == {
        "name": "as in the article",
        "enabled": "False",
        "href": f"{visitor.address}/admin/one/7/change/",
        "key": "7",
    }
    assert page.messages == {"success": "It is done."}
    assert [path_of(link) for link in page.links("//*[@id = 'content']//a")] == ["/admin/one/"]


def test_a_form_is_sent_as_it_is_but_for_what_is_filled_in(visitor: Visitor) -> None:
    page = visitor.open("/form")
    sent = visitor.send(page, page.form("entry_form"), "_save", name="tea", interval="")
    assert path_of(sent.url) == "/sent"
    assert text_of(sent) == "token=abc&name=tea&interval=&args=%5B%5D&enabled=on&_save=Save"
    assert page.read_only("date_done") == "2025年3月4日 10:30"
    assert page.read_only("date_created") is None


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"interval": "4"}, "interval: There is no option with the value of '4'"),
        ({"crontab": "1"}, "crontab: No input element with the name 'crontab'"),
    ],
)
def test_what_a_form_does_not_offer_cannot_be_chosen(
    values: dict[str, str], told: str, visitor: Visitor
) -> None:
    page = visitor.open("/form")
    with pytest.raises(Amiss) as caught:
        visitor.send(page, page.form("entry_form"), "_save", **values)
    assert caught.value.told == told


def test_a_page_that_failed_says_why(visitor: Visitor) -> None:
    page = visitor.open("/x/")
    assert page.problem == "status 500: RuntimeError: as it should"
    for look in (page.must_be_there, page.must_say_done, lambda: page.form("entry_form")):
        with pytest.raises(Amiss, match=r"^status 500: RuntimeError: as it should$"):
            look()


def test_a_page_that_complains_refuses(visitor: Visitor) -> None:
    with pytest.raises(Refusal) as caught:
        visitor.open("/refused").must_say_done()
    assert caught.value.told == "refused: Mend this. No JSON."


def test_a_page_that_says_nothing_has_done_nothing(visitor: Visitor) -> None:
    with pytest.raises(Amiss, match="it says nothing"):
        visitor.open("/nothing").must_say_done()
    with pytest.raises(Amiss, match="there is no form entry_form"):
        visitor.open("/nothing").form("entry_form")


def test_cookies_are_given_back_as_they_were_also_elsewhere(visitor: Visitor) -> None:
    assert text_of(visitor.open("/cookie")) == ""
    assert text_of(visitor.open("/cookie")) == f"messages={COOKIE}"
    assert text_of(visitor.elsewhere(visitor.address).open("/cookie")) == f"messages={COOKIE}"
