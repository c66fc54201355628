"""What all minis share."""

import io
from pathlib import Path

import pytest
from rich.console import Console


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one environment of all minis is."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def console() -> Console:
    """A console that nobody reads."""
    return Console(file=io.StringIO(), width=200)
