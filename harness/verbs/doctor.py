"""`doctor`: what this machine has and lacks."""

import argparse

from rich.console import Console

from harness.commands.doctor import run_doctor
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.verbs.verb import Verb


def _add(_parser: argparse.ArgumentParser) -> None:
    """Nothing but the places."""


def _run(_options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_doctor(places, console)


VERB = Verb(
    summary="say what this machine has and lacks",
    add=_add,
    run=_run,
)
