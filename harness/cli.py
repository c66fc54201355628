"""The command line behind the nox sessions: flags in, exit code out.

The one place that catches `HarnessError`.
"""

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from harness.commands.called import NamedConsole, NamedParser
from harness.commands.places import Places
from harness.errors import ExitCode, HarnessError, MachineError
from harness.matrix.config import find_matrix
from harness.verbs.parsers import load_verb, make_parser

_WIDTH_OF_A_FILE = 200  # columns, where no terminal says how many there are


def run() -> NoReturn:
    """The program `django-celery-matrix`, for a project that has no noxfile of ours."""
    sys.exit(main(sys.argv[1:], by_name=True))


def main(arguments: Sequence[str], *, by_name: bool = False) -> int:
    """Run one verb, called by nox or `by_name`; returns the exit code."""
    parser = make_parser(arguments, NamedParser if by_name else argparse.ArgumentParser)
    options = parser.parse_args(arguments)
    speaking = _NamedConsole if by_name else _Console
    console = speaking(highlight=False)
    if not console.is_terminal:
        console = speaking(highlight=False, width=_WIDTH_OF_A_FILE)
    places = Places(
        matrix=(options.matrix or find_matrix(Path())).resolve(),
        state=options.state.resolve(),
        reports=options.reports.resolve(),
    )
    try:
        return int(load_verb(options.verb).run(options, places, console))
    except HarnessError as error:
        _tell(error, speaking)
        return int(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _tell(
            MachineError(str(error), hint="make some space and run the same command again: it goes on"),
            speaking,
        )
        return int(ExitCode.UNDETERMINED)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let `main` decide what it means."""
        raise BrokenPipeError


class _NamedConsole(_Console, NamedConsole):
    """The same for the program's own name."""


def _tell(error: HarnessError, speaking: type[Console]) -> None:
    console = speaking(stderr=True, highlight=False)
    console.print(f"error: {error}", style="bold red", markup=False, soft_wrap=True)
    if error.hint:
        console.print(f"hint: {error.hint}", markup=False, soft_wrap=True)
