"""`ci`: write what runs a plan in CI."""

import argparse

from rich.console import Console

from harness.ci.render import Forge
from harness.commands.ci import run_ci
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Write the files that run a plan in CI, as the [ci] table of matrix.toml has it: shards on machines of their
own with wheels and environments cached, a merge of their records, and where there is a releases.json a
scheduled `nox -s update` that opens its difference.
"""
_EPILOGUE = """
examples:
  nox -s ci -- github             .github/workflows/matrix.yml, and the action that it uses
  nox -s ci -- gitlab             .gitlab/matrix.yml, for .gitlab-ci.yml to include
  nox -s ci -- github --check     in a lint: are they what matrix.toml says?

exit codes:
  0  they are up to date, or written now         1  with --check: one is not
  2  matrix.toml is wrong, or a file is there that this did not write
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("forge", nargs="+", choices=list(map(str, Forge)), help="github or gitlab")
    parser.add_argument("--check", action="store_true", help="write nothing; say which are out of date")


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    forges = [Forge(forge) for forge in options.forge]
    return run_ci(forges, check=options.check, places=places, console=console)


VERB = Verb(
    summary="write what runs a plan in CI",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
