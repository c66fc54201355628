"""`report`: render the records again."""

import argparse

from rich.console import Console

from harness.commands.places import Places
from harness.commands.report import run_report
from harness.errors import ExitCode
from harness.verbs.verb import Verb


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", default="default", metavar="NAME", help="a plan of matrix.toml")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_report(options.plan, places, console)


VERB = Verb(
    summary="render the records again",
    add=_add,
    run=_run,
)
