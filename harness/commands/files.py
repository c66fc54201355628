"""Writing what others read."""

import os
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write a report at once, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f"{path.suffix}.{os.getpid()}")
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
