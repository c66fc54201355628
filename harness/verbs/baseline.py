"""`baseline`: accept what is recorded for the gate."""

import argparse
from pathlib import Path

from rich.console import Console

from harness.commands.baseline import BaselineOptions, run_baseline
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.verbs.arguments import add_accepted, named
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Accept what the records say of a plan: its newest results become the baseline of the gate. Nothing is
run. A cell that could not be determined keeps what is known of it.
"""
_EPILOGUE = """
examples:
  nox -s matrix -- --plan gate && nox -s baseline      the first one
  nox -s baseline -- --select 'django-6.0*'            what the last gate saw, of some cells

exit codes:
  0  every cell that was asked for is accepted     2  the command line, matrix.toml or the baseline is wrong
  3  some cell has no result to accept
"""


def _add(parser: argparse.ArgumentParser) -> None:
    add_accepted(parser)
    parser.add_argument("--recorded", type=Path, metavar="DIR", help="the folder of records (reports/runs)")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_baseline(
        BaselineOptions(
            plan=options.plan, file=options.baseline, select=named(options), recorded=options.recorded
        ),
        places,
        console,
    )


VERB = Verb(
    summary="accept what is recorded for the gate",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
