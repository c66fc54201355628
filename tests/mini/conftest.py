"""What all minis share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one environment of all minis is."""
    return tmp_path_factory.mktemp("cache")
