"""`fleet-worker`: run cells for a fleet."""

import argparse
import os

from rich.console import Console

from harness.commands.fleet_worker import WorkerOptions, run_fleet_worker
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.fleet.address import LEASE_VARIABLE, parse_address
from harness.verbs.arguments import positive
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Run cells on this machine for whoever runs `nox -s matrix -- --fleet URL`, until interrupted. The machine says
which Pythons, databases and clocks it has, and is given the cells that it can run. It needs a checkout
of the same commit; projects, stacks and profiles come with the cells.
"""
_EPILOGUE = f"""
examples:
  nox -s fleet-worker -- redis://host:6379/0             as many cells at a time as the machine bears
  nox -s fleet-worker -- redis://host:6379/0 --jobs 4    four

Interrupted, it gives back what it has in hand. A machine that says nothing for 60 seconds, or for as many as
{LEASE_VARIABLE} says on all machines, is taken for gone, and others run its cells. Whoever can write to
that Redis has code run on the machines: it belongs into a network of one's own.

exit codes:
  2  the command line is wrong
  3  the Redis does not answer, the clocks are apart, or its runs are of another version of the harness
  129, 130, 143  interrupted
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", metavar="URL", help="the fleet's Redis")
    parser.add_argument("--jobs", type=positive, metavar="N", help="cells at a time")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    address = parse_address(options.url, os.environ)
    return run_fleet_worker(WorkerOptions(address=address, jobs=options.jobs), places, console)


VERB = Verb(
    summary="run cells for a fleet on this machine",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
