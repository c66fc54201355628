"""A server is known by the port on which its own process listens."""

from urllib.request import urlopen

import pytest

from harness.nodes.web import WebEnded, WebServer, started_web
from harness.proc.wait import DeadlineExceeded
from tests.proc.processes import PATIENCE, SLEEPER, MakeCommand, Start

SERVER = """
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"it is me")

    HTTPServer(("127.0.0.1", 0), Handler).serve_forever()
"""


def test_its_address_is_where_it_answers(python: MakeCommand, start: Start) -> None:
    with started_web(lambda: start(python(SERVER))) as server:
        with urlopen(server.url(timeout=PATIENCE), timeout=PATIENCE) as answer:  # noqa: S310 - our own
            assert answer.read() == b"it is me"
        assert server.child.exit_code is None
    assert server.child.exit_code == -9


def test_one_that_ends_says_why(python: MakeCommand, start: Start) -> None:
    server = WebServer(start(python("raise SystemExit('no such table')")))
    with pytest.raises(WebEnded, match="the server ended with code 1") as caught:
        server.url(timeout=PATIENCE)
    assert caught.value.trace == "no such table\n"


def test_one_that_does_not_listen_is_waited_for_in_vain(python: MakeCommand, start: Start) -> None:
    child = start(python(SLEEPER))
    with pytest.raises(DeadlineExceeded, match="the project's server to listen: not within"):
        WebServer(child).url(timeout=0.2)
