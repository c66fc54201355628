"""`check`: say whether a project works."""

import argparse
from pathlib import Path

from rich.console import Console

from harness.commands.check import CheckOptions, run_check
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.verbs.verb import Verb

_DESCRIPTION = """\
Say whether what a project asks for works, from the records, in seconds: the proof if it does, the cause and
the line that mends it if it does not, and what would have to be run if nobody knows. With --settings
say as well how those settings treat time with these versions.
"""
_EPILOGUE = """
what is read:
  requirements.txt (with all that -r and -c name), pyproject.toml, uv.lock, poetry.lock, Pipfile.lock,
  and a virtual environment's folder, whose Python need not run
examples:
  nox -s check -- requirements.txt --python 3.11
  nox -s check -- uv.lock --settings mysite/settings.py          read, not run
  nox -s check -- .venv --settings mysite.settings CELERY_ENABLE_UTC=True
  nox -s check -- requirements.txt --python 3.9 --settings USE_TZ=False TIME_ZONE=Asia/Shanghai
  nox -s check -- requirements.txt --python 3.11 --verify        run it, if it has never been run
settings that can be words:
  USE_TZ, CELERY_ENABLE_UTC, DJANGO_CELERY_BEAT_TZ_AWARE (True or False), TIME_ZONE, CELERY_TIMEZONE,
  database (sqlite, postgresql, mariadb); what nobody sets has the default of Django, Celery and beat

exit codes:
  0  it works, with caveats or without             1  it is broken, or no installer accepts it
  2  the command line or a file is wrong           3  nobody knows; the output says what would have to be run
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE", help="what the project asks for, or where it is installed")
    parser.add_argument(
        "--python", default="", metavar="SERIES", help="such as 3.11; else what the file says, else each"
    )
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="WORD",
        help="a settings module (its file, or a.dotted.name), and NAME=value words, which come before it",
    )
    parser.add_argument("--verify", action="store_true", help="run what the records do not know, then answer")
    parser.add_argument(
        "--json", action="store_true", help="the answer for programs; see docs/how-to/check.md"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="what relative names are of; nox gives the folder that it is called in",
    )


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_check(
        CheckOptions(
            target=options.target,
            folder=options.folder,
            python=options.python,
            settings=tuple(options.settings),
            as_json=options.json,
            verify=options.verify,
        ),
        places,
        console,
    )


VERB = Verb(
    summary="say whether a project works",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
