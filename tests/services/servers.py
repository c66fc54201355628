"""Real database servers for tests. A machine may lack one; a machine of CI may not."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.model import ServerKind
from harness.proc.marker import Marker
from harness.services.choose import find_database
from harness.services.databases import NAMES, Missing, Program


def program_or_skip(kind: ServerKind, folder: Path) -> Program:
    """The server program of this machine."""
    environ = {"PATH": os.environ.get("PATH", os.defpath)}
    log, marker = folder / "version.log", Marker.of_this_harness("tests")
    found = find_database(kind, environ, log=log, marker=marker)
    if isinstance(found, Missing):
        why = f"no {NAMES[kind]} here: {found.why}; {found.remedy}"
        assert "CI" not in os.environ, why
        pytest.skip(why)
    assert isinstance(found, Program)
    return found


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """What is to be stopped after the test."""
    with ExitStack() as stack:
        yield stack
