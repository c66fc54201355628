"""`matrix`: run a plan and report."""

import argparse
import os

from rich.console import Console

from harness.commands.feed import Budget
from harness.commands.matrix import MatrixOptions, run_matrix
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.fleet.address import parse_address
from harness.matrix.shard import Shard, parse_shard
from harness.model import ClockKind
from harness.verbs.arguments import add_only, named, positive, seconds
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Run the cells of a plan: install each stack, run a live worker and a live beat on the sample
project, check what they do, record it, report.
"""
_EPILOGUE = """
examples:
  nox -s matrix                                  every cell of the default plan
  nox -s matrix -- --list                        what would run, and why
  nox -s matrix -- --select 'izone*' --jobs 4    some cells, four at a time
  nox -s matrix -- --failed --keep               what failed last, with its files left in .harness/runs
  nox -s "cell(izone)"                           one stack
  nox -s matrix -- --shard 2/5                   the second of five machines' part; then nox -s merge
  nox -s matrix -- --fleet redis://host:6379/0   on the machines that run nox -s fleet-worker

exit codes:
  0  every cell is as matrix.toml expects          1  some cell is not
  2  the command line or matrix.toml is wrong      3  the machine kept a cell from being determined
  129, 130, 143  interrupted; the same command goes on where it stopped
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", default="default", metavar="NAME", help="a plan of matrix.toml")
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="GLOB",
        help="only cells whose id, stack@profile, matches; may be given again",
    )
    add_only(parser)
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--failed", action="store_true", help="only what failed in the last run")
    part.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="only this one of N parts that take equally long, by the records; into reports/shards",
    )
    parser.add_argument(
        "--fleet",
        metavar="URL",
        help="have the machines run the cells that serve at this Redis (nox -s fleet-worker)",
    )
    parser.add_argument("--list", action="store_true", help="show the plan and run nothing")
    parser.add_argument("--jobs", type=positive, metavar="N", help="cells at a time")
    parser.add_argument(
        "--clock",
        choices=[str(kind) for kind in ClockKind],
        help="fake: jump through time (the default where libfaketime works); real: wait for it",
    )
    parser.add_argument(
        "--budget",
        type=seconds,
        metavar="TIME",
        help="of a plan that settles pairs: begin no cell after so long, such as 90s, 30m or 2h",
    )
    parser.add_argument(
        "--cells", type=positive, metavar="N", help="of a plan that settles pairs: so many at most"
    )
    parser.add_argument("--keep", action="store_true", help="leave every cell's files in .harness/runs")
    parser.add_argument(
        "--strict", action="store_true", help="a missing interpreter is an error, exit code 3"
    )
    resume = parser.add_mutually_exclusive_group()
    resume.add_argument(
        "--resume", action="store_true", default=True, help="go on with an interrupted run (the default)"
    )
    resume.add_argument("--no-resume", dest="resume", action="store_false", help="begin a run of its own")


def _shard(text: str) -> Shard:
    try:
        return parse_shard(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_matrix(
        MatrixOptions(
            plan=options.plan,
            select=named(options),
            jobs=options.jobs,
            keep=options.keep,
            clock=ClockKind(options.clock) if options.clock else None,
            failed=options.failed,
            resume=options.resume,
            list_only=options.list,
            strict=options.strict,
            budget=Budget(seconds=options.budget, cells=options.cells),
            shard=options.shard,
            fleet=parse_address(options.fleet, os.environ) if options.fleet else None,
        ),
        places,
        console,
    )


VERB = Verb(
    summary="run a plan's cells and report",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
