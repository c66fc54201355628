"""Files that travel: a project to the machines, and the logs of a cell back from them."""

import base64
import json
import zlib
from collections.abc import Mapping
from pathlib import Path

from harness.proc.logs import tail

_LONGEST_LOG = 100_000  # bytes of a log that travel: its end


def pack_project(folder: Path) -> bytes:
    """All files of a folder, as compressed JSON."""
    files = {
        path.relative_to(folder).as_posix(): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    return zlib.compress(json.dumps(files).encode())


def unpack_project(packed: bytes, folder: Path) -> None:
    """Write the files into a new folder.

    Raises:
        ValueError: one of them would lie outside of it, or these are no files.
    """
    files: Mapping[str, str] = json.loads(zlib.decompress(packed))
    for name, content in files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{name} would lie outside of the project")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(content))


def collect_logs(folder: Path) -> dict[str, str]:
    """The logs below a folder by their paths in it; of a long one its end."""
    return {
        path.relative_to(folder).as_posix(): tail(path, _LONGEST_LOG)
        for path in sorted(folder.rglob("*.log"))
        if path.is_file()
    }


def write_logs(logs: Mapping[str, str], folder: Path) -> None:
    """Write logs that have come back into a folder.

    Raises:
        ValueError: one of them would lie outside of it.
    """
    for name, text in logs.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise ValueError(f"{name} would lie outside of {folder}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
