"""The hashes of a lock's files, as the package index has them."""

import re
from collections.abc import Iterable

from harness.env.uv import Uv
from harness.errors import IndexFailed

_LINE = re.compile(r"^([A-Za-z0-9._-]+==\S+)((?: \\\n +--hash=\S+)*)", re.MULTILINE)


def hashes_of(lock: Iterable[str], python: str, uv: Uv) -> dict[str, tuple[str, ...]]:
    """By line of a lock, the hashes of all its files (`sha256:…`). `python` is a series.

    Raises:
        IndexFailed: the index does not tell, or has not got one of them any more.
        DeadlineExceeded: it took too long.
    """
    lines = list(lock)
    source = uv.log.parent / "lock.txt"
    source.write_text("\n".join(lines) + "\n")
    options = ["--quiet", "--no-header", "--no-annotate", "--no-deps", "--generate-hashes"]
    finished = uv("pip", "compile", *options, "--python-version", python, source)
    found = {line: tuple(re.findall(r"--hash=(\S+)", rest)) for line, rest in _LINE.findall(finished.output)}
    lacking = [line for line in lines if not found.get(line)]
    if finished.exit_code != 0 or lacking:
        told = finished.output.strip() or f"no hashes of {', '.join(lacking)}"
        raise IndexFailed(f"the hashes cannot be had: {told}", hint="leave out --hashes")
    return found
