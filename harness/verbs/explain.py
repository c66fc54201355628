"""`explain`: tell all that is known of something."""

import argparse

from rich.console import Console

from harness.commands.explain import ExplainOptions, run_explain
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.model import ClockKind
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Tell everything known about a cell, a signature, or versions of packages, in one page: from the records,
at once, and without running anything.
"""
_EPILOGUE = """
what may be asked:
  a cell         stack@profile: its verdict, decisive log lines, what mends it, the nearest cell that passes,
                 stages, lock, history, and the commands that show it again
  a signature    stage:reason:detail: the cells that show it, since when, what is to blame, what mends it
  versions       requirements, as pip has them: how each pair of them stands, and what shows it

examples:
  nox -s explain -- django-5.2-today@izone
  nox -s explain -- worker:missing-module:packaging
  nox -s explain -- "celery==5.4" "redis==3.5"
  nox -s explain -- "django==4.2" "python>=3.11" --json
  nox -s explain -- izone@izone --rerun --keep     live, to look into; Ctrl-C takes it down

exit codes:
  0  it was told, or stood until Ctrl-C            1  with --keep: it did not come to stand
  2  there is no such thing, or a mistake          3  the machine cannot run it
  129, 130, 143  interrupted before it stood
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="+", metavar="CELL | SIGNATURE | REQUIREMENT", help="what to tell of; see below"
    )
    parser.add_argument(
        "--json", action="store_true", help="for programs, as docs/reference/explain.schema.json has it"
    )
    parser.add_argument(
        "--rerun", action="store_true", help="of a cell: run it now, and tell what came of it"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="with --rerun: leave it standing until Ctrl-C, with the commands to get into it; no record",
    )
    parser.add_argument(
        "--clock", choices=[str(kind) for kind in ClockKind], help="with --rerun: as for `nox -s matrix`"
    )


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_explain(
        ExplainOptions(
            words=tuple(options.words),
            json=options.json,
            rerun=options.rerun,
            keep=options.keep,
            clock=ClockKind(options.clock) if options.clock else None,
        ),
        places,
        console,
    )


VERB = Verb(
    summary="tell all that is known of it",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
