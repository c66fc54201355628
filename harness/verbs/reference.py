"""`reference`: write the generated pages."""

import argparse

from rich.console import Console

from harness.commands.places import Places
from harness.commands.reference import run_reference
from harness.errors import ExitCode
from harness.verbs.parsers import help_texts
from harness.verbs.verb import Verb


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing; say which are out of date")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_reference(check=options.check, help_texts=help_texts(), places=places, console=console)


VERB = Verb(
    summary="write the generated reference pages",
    add=_add,
    run=_run,
)
