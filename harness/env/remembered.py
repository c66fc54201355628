"""What was chosen once, on disk: by everything that it depends on."""

import hashlib
import json
import os
import threading
from pathlib import Path

# Where uv looks, as far as the environment says: another index may have other releases.
_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")


def index() -> list[str]:
    """What the environment says of the package index."""
    return [os.environ.get(name, "") for name in _INDEX]


def digest(*parts: object) -> str:
    """A name for what depends on these, in 16 hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]


def remember(path: Path, value: object) -> None:
    """Write `value` as JSON, at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    scratch.write_text(json.dumps(value))
    scratch.replace(path)
