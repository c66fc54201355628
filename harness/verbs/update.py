"""`update`: look for new releases."""

import argparse

from rich.console import Console

from harness.commands.places import Places
from harness.commands.update import run_explain, run_update
from harness.errors import ExitCode
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Ask the package index for releases of the axes' packages, say what is new, and write it: the releases
and what they declare into releases.json, new series and the newest pre-release into the axes of
matrix.toml. What a release declares is asked once.
"""
_EPILOGUE = """
exit codes:
  0  nothing is new, or it is written now      1  with --check: something is new
  2  matrix.toml or releases.json is wrong     3  the package index does not answer
"""


def _add(parser: argparse.ArgumentParser) -> None:
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="write nothing; say what is new")
    instead.add_argument(
        "--explain",
        action="store_true",
        help="ask nothing; count the whole product, and what the declarations noted forbid of it",
    )


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    if options.explain:
        return run_explain(places, console)
    return run_update(check=options.check, places=places, console=console)


VERB = Verb(
    summary="look for new releases",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
