"""Where a fleet meets, and what all of it must agree on."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError

LEASE_VARIABLE = "HARNESS_FLEET_LEASE"
_LEASE = 60.0
_SHORTEST = 3.0


@dataclass(frozen=True, kw_only=True)
class Address:
    """The URL of the fleet's Redis. A machine that says nothing for `lease` seconds is taken for gone."""

    url: str
    lease: float

    @property
    def version(self) -> str:
        """What machines must have in common to be given each other's cells: the harness, and the lease."""
        return f"{_code_digest()}-{self.lease:g}"


def parse_address(url: str, environ: Mapping[str, str]) -> Address:
    """The address of a URL; the lease is that of the environment, if it says one.

    Raises:
        UsageError: the lease is no number of seconds that can be kept.
    """
    text = environ.get(LEASE_VARIABLE, "")
    try:
        lease = float(text) if text else _LEASE
    except ValueError:
        lease = 0.0
    if not _SHORTEST <= lease < float("inf"):
        raise UsageError(
            f"{LEASE_VARIABLE} is {text!r}", hint=f"seconds, at least {_SHORTEST:g}; the same on all machines"
        )
    return Address(url=url, lease=lease)


def _code_digest() -> str:
    """Changes when a line of the harness does."""
    code = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(code.rglob("*.py")):
        relative = path.relative_to(code)
        if relative.parts[0] != "sample_project":
            digest.update(f"{relative}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
