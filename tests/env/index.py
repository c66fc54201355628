"""A package index on loopback, and the distributions in it, made by the tests themselves.

It serves the simple index as JSON (PEP 691) with upload times (PEP 700), and no more than uv and
`harness.env.index` ask for.
"""

import gzip
import hashlib
import io
import json
import re
import tarfile
import threading
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_JSON = "application/vnd.pypi.simple.v1+json"
# A build backend inside the source distribution: a build needs nothing from any index.
_BACKEND = """\
import pathlib, zipfile

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    {before}
    built = pathlib.Path(wheel_directory, "{filename}")
    with zipfile.ZipFile(built, "w") as archive:
        for name, text in {files!r}.items():
            archive.writestr(name, text)
    return built.name
"""
_PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "{name}"
version = "{version}"
dynamic = ["dependencies", "requires-python"]
"""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release of a package: a wheel, or a source distribution that runs `source` when it is built."""

    name: str
    version: str
    requires: Sequence[str] = ()
    requires_python: str = ""
    extras: dict[str, Sequence[str]] = field(default_factory=dict)
    uploaded: date | None = date(2020, 1, 1)
    source: str | None = None
    tag: str = "py3-none-any"
    yanked: str | None = None
    beside: bool = True  # its METADATA is beside the wheel, too

    @property
    def filename(self) -> str:
        """The name of its one file."""
        return self._wheel if self.source is None else f"{self._stem}.tar.gz"

    @property
    def content(self) -> bytes:
        """That file."""
        return self._as_wheel() if self.source is None else self._as_source()

    @property
    def listing(self) -> dict[str, Any]:
        """What the index says of the file."""
        return {
            "filename": self.filename,
            "url": f"/files/{self.filename}",
            "hashes": {"sha256": hashlib.sha256(self.content).hexdigest()},
            "size": len(self.content),
            **({"upload-time": f"{self.uploaded}T12:00:00.000000Z"} if self.uploaded else {}),
            **({"core-metadata": True} if self.source is None and self.beside else {}),
            **({} if self.yanked is None else {"yanked": self.yanked or True}),
            **({"requires-python": self.requires_python} if self.requires_python else {}),
        }

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}"

    @property
    def _wheel(self) -> str:
        return f"{self._stem}-{self.tag}.whl"

    @property
    def metadata(self) -> str:
        """What it needs, in the words of its METADATA."""
        metadata = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        metadata += [f"Requires-Dist: {requirement}" for requirement in self.requires]
        metadata += [f"Requires-Python: {self.requires_python}"] if self.requires_python else []
        for extra, requirements in self.extras.items():
            metadata.append(f"Provides-Extra: {extra}")
            metadata += [f"Requires-Dist: {each}; extra == '{extra}'" for each in requirements]
        return "\n".join(metadata) + "\n"

    def _files(self) -> dict[str, str]:
        information = f"{self._stem}.dist-info"
        files = {
            f"{self.name.replace('-', '_')}.py": f"__version__ = '{self.version}'\n",
            f"{information}/METADATA": self.metadata,
            f"{information}/WHEEL": (
                f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {self.tag}\n"
            ),
        }
        record = f"{information}/RECORD"
        return {**files, record: "".join(f"{name},,\n" for name in (*files, record))}

    def _as_wheel(self) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, text in self._files().items():
                archive.writestr(zipfile.ZipInfo(name), text)
        return content.getvalue()

    def _as_source(self) -> bytes:
        texts = {
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {self.name}\nVersion: {self.version}\n",
            "pyproject.toml": _PYPROJECT.format(name=self.name, version=self.version),
            "backend.py": _BACKEND.format(
                before=self.source or "pass", filename=self._wheel, files=self._files()
            ),
        }
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as archive:
            for name, text in texts.items():
                member = tarfile.TarInfo(f"{self._stem}/{name}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
        return gzip.compress(content.getvalue(), mtime=0)


class LocalIndex:
    """Serves releases while it is entered. `asked` are the paths it was asked for."""

    def __init__(self, releases: Sequence[Release] = ()) -> None:
        self.releases = list(releases)
        self.asked: list[str] = []
        self.before_file: Callable[[str], object] = str
        self.before_page: Callable[[str], object] = str
        self.instead: tuple[HTTPStatus, bytes] | None = None  # of what is asked for
        self.in_parts = True  # whether a part of a file can be had
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """For UV_DEFAULT_INDEX."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/simple"

    def add(self, *releases: Release) -> None:
        """Upload something."""
        self.releases.extend(releases)

    def stop(self) -> None:
        """Answer no more: whoever asks is refused."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """The content type and the content at a path."""
        self.asked.append(path)
        match path.strip("/").split("/"):
            case ["simple", name] if listed := [each.listing for each in self.releases if each.name == name]:
                self.before_page(name)
                versions = [each.version for each in self.releases if each.name == name]
                page = {"meta": {"api-version": "1.1"}, "name": name, "versions": versions, "files": listed}
                return _JSON, json.dumps(page).encode()
            case ["files", filename]:
                self.before_file(filename)
                files = {each.filename: each.content for each in self.releases}
                files |= {
                    f"{each.filename}.metadata": each.metadata.encode()
                    for each in self.releases
                    if each.beside
                }
                return ("application/octet-stream", files[filename]) if filename in files else None
            case _:
                return None


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """Somebody who was killed does not hear the answer."""


def _handler_of(index: LocalIndex) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = index.answer(self.path)
            if answer is None:
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            kind, content = answer
            status, part = HTTPStatus.OK, range(len(content))
            wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers["Range"] or "")
            if index.instead is not None:
                status, content = index.instead
            elif wanted is not None and index.in_parts:
                status, part = HTTPStatus.PARTIAL_CONTENT, _part(len(content), wanted[1], wanted[2])
                content = content[part.start : part.stop]
            self.send_response(status)
            if status is HTTPStatus.PARTIAL_CONTENT:
                self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/*")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as inherited
            pass

    return Handler


def _part(size: int, first: str, last: str) -> range:
    """What of a file `bytes=FIRST-LAST` asks for; without FIRST it is the last so many bytes."""
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(int(last or size) + 1, size))


# What most environments are built from: one package, and the one that a lock may name to be seedless.
VINE = Release(name="vine", version="1.3.0", requires=["not-in-the-lock"])
SETUPTOOLS = Release(name="setuptools", version="59.1.1")
