"""`merge`: join the records of shards."""

import argparse
from pathlib import Path

from rich.console import Console

from harness.commands.merge import run_merge
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Join the records of a plan's shards into one run, and report it as if one machine had run it. All that
is wrong is told at once: cells of the plan that no shard has, two different answers for one cell, and
records of another plan, matrix.toml, project or clock.
"""
_EPILOGUE = """
examples:
  nox -s merge -- reports/shards                all that was run here, or copied here
  nox -s merge -- one/reports two/reports       of two machines

exit codes:
  0  every cell is as matrix.toml expects        1  some cell is not
  2  the records do not belong together, or say two things of one cell: nothing is merged
  3  a planned cell is missing, or a machine kept one from being determined; the others are merged,
     and `nox -s matrix` runs what is missing
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="+", type=Path, metavar="DIR", help="where records of shards are")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_merge(options.folder, places, console)


VERB = Verb(
    summary="join the records of shards",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
