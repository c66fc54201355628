"""`gate`: hold a plan against its baseline."""

import argparse
from pathlib import Path

from rich.console import Console

from harness.commands.feed import Budget
from harness.commands.gate import GateOptions, run_gate
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.model import ClockKind
from harness.verbs.arguments import add_accepted, named, positive, seconds
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Run a plan and hold it against its baseline, cell by cell, check by check, invariant by invariant. What
passed and fails is tried with the baseline's own lock: if that fails today, too, it is drift. Else it
regressed; the releases that differ are searched for the culprit.
"""
_EPILOGUE = """
examples:
  nox -s gate                                      everything of the plan gate
  nox -s gate -- --null                            with the baseline's own locks: what differs is noise
  nox -s gate -- --only @reports/gate/failed.txt   what failed the last gate
  nox -s gate -- --recorded shards                 what other machines have run; tries what is worse

writes reports/gate: summary.md, gate.json, junit.xml, code-quality.json (GitLab), failed.txt. Within a
GitHub workflow it also writes the job's summary and annotations.

exit codes:
  0  nothing is worse
  1  something is: a cell or a check regressed, is flaky or is missing; an expectation is stale or expired
  2  the command line, matrix.toml or the baseline is wrong
  3  the machine kept a cell of the baseline from being determined
  4  drift: what is worse is so with the baseline's own locks, too
  129, 130, 143  interrupted
"""


def _add(parser: argparse.ArgumentParser) -> None:
    add_accepted(parser)
    present = parser.add_mutually_exclusive_group()
    present.add_argument(
        "--null", action="store_true", help="install the baseline's own locks: what differs is noise"
    )
    present.add_argument(
        "--recorded",
        type=Path,
        metavar="DIR",
        help="take the records in and below this folder for the present",
    )
    parser.add_argument(
        "--budget",
        type=seconds,
        default=600.0,
        metavar="TIME",
        help="look for culprits so long at most, such as 90s, 30m or 2h (10m)",
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="cells at a time")
    parser.add_argument("--clock", choices=[str(kind) for kind in ClockKind], help="as for nox -s matrix")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_gate(
        GateOptions(
            plan=options.plan,
            baseline=options.baseline,
            select=named(options),
            jobs=options.jobs,
            clock=ClockKind(options.clock) if options.clock else None,
            recorded=options.recorded,
            null=options.null,
            budget=Budget(seconds=options.budget),
        ),
        places,
        console,
    )


VERB = Verb(
    summary="hold a plan against its baseline",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
