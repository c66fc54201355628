"""What a verb of the command line is."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console

from harness.commands.places import Places
from harness.errors import ExitCode


@dataclass(frozen=True, kw_only=True)
class Verb:
    """How a verb is told of, what adds its options to a parser, and what carries it out."""

    summary: str
    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, Places, Console], ExitCode]
    description: str = ""
    epilogue: str = ""
