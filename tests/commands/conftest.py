import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from rich.console import Console


@dataclass(frozen=True)
class Printed:
    """A console, and the lines it was given."""

    console: Console
    lines: Callable[[], list[str]]


@pytest.fixture
def printed() -> Printed:
    text = io.StringIO()
    return Printed(
        Console(file=text, width=200), lambda: [line.rstrip() for line in text.getvalue().splitlines()]
    )
