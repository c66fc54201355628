"""`diagnose`: find what mends what fails."""

import argparse

from rich.console import Console

from harness.commands.diagnose import DiagnoseOptions, run_diagnose
from harness.commands.feed import Budget
from harness.commands.places import Places
from harness.diagnosis.search import CELLS
from harness.errors import ExitCode
from harness.model import ClockKind
from harness.verbs.arguments import positive, seconds
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Find the smallest change of versions that makes a failing cell pass: a requirement that is missing, the
first bad release of one distribution, or other values of axes. Each step is a cell in the records.
"""
_EPILOGUE = """
examples:
  nox -s diagnose                                  all that failed of the default plan
  nox -s diagnose -- --plan field --budget 30m     of the field, for half an hour; goes on next time
  nox -s diagnose -- 'django-4.2-today@*'          some cells

exit codes:
  0  every failure asked for is explained          1  some failure is not
  2  the command line or matrix.toml is wrong      3  the machine cannot do what was asked
  129, 130, 143  interrupted; the same command goes on where it stopped
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "cell", nargs="*", metavar="GLOB", help="only failures whose id, stack@profile, matches"
    )
    parser.add_argument("--plan", default="default", metavar="NAME", help="a plan that has been run")
    parser.add_argument(
        "--budget", type=seconds, metavar="TIME", help="begin no cell after so long, such as 90s, 30m or 2h"
    )
    parser.add_argument("--cells", type=positive, metavar="N", help="run so many cells at most")
    parser.add_argument(
        "--each",
        type=positive,
        default=CELLS,
        metavar="N",
        help="look at so many changes of one failing cell at most (%(default)s)",
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="cells at a time")
    parser.add_argument(
        "--clock", choices=[str(kind) for kind in ClockKind], help="as for the plan's other cells"
    )


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_diagnose(
        DiagnoseOptions(
            plan=options.plan,
            cells=tuple(options.cell),
            jobs=options.jobs,
            clock=ClockKind(options.clock) if options.clock else None,
            each=options.each,
            budget=Budget(seconds=options.budget, cells=options.cells),
        ),
        places,
        console,
    )


VERB = Verb(
    summary="find what mends what fails",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
