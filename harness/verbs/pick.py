"""`pick`: versions that work together."""

import argparse
import re
from datetime import date
from pathlib import Path
from typing import get_args

from rich.console import Console

from harness.answers.pick import Prefer
from harness.commands.pick import run_pick
from harness.commands.pick_asked import PickOptions
from harness.commands.places import Places
from harness.errors import ExitCode
from harness.model import DatabaseKind
from harness.verbs.verb import Verb

_DEMAND = re.compile(r"[A-Za-z0-9._-]+\s*(==|>|<|~=|!=)")
_DESCRIPTION = """\
Pick versions that are known to work together, from the records, in seconds: exact pins with the whole lock
behind them, what shows that they work, and how they treat time under your settings. Where the records know
nothing and little has to be run to know, it is run.
"""
_EPILOGUE = """
examples:
  nox -s pick -- "django==4.2.*" "python==3.11"
  nox -s pick -- "django>=5" --database mariadb --use-tz true --time-zone Europe/Berlin
  nox -s pick -- "django==5.2.*" --settings mysite/settings.py      as your settings say
  nox -s pick -- "django==5.2.*" --require reconnect                 of what comes back when Redis does
  nox -s pick -- "celery==5.5.*" --write requirements.txt --hashes
  nox -s pick -- --from requirements.txt --to "django==5.2.*"       step by step, each known to work

exit codes:
  0  here is one                                   1  nothing that is known to work meets what was asked for
  2  the command line or a file is wrong           3  the machine cannot do what was asked
  129, 130, 143  interrupted
"""


def _add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "demand", nargs="*", metavar="DEMAND", help='what you cannot change: "django==4.2.*", "python>=3.10"'
    )
    yours = parser.add_argument_group("what you run under")
    yours.add_argument("--database", choices=get_args(DatabaseKind), help="sqlite if not given")
    yours.add_argument("--use-tz", metavar="BOOL", help="USE_TZ, true if not given")
    yours.add_argument("--time-zone", metavar="ZONE", help="TIME_ZONE, UTC if not given")
    yours.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="SETTING",
        help="a settings module (mysite/settings.py, mysite.settings), and NAME=value words: these, "
        "CELERY_ENABLE_UTC, CELERY_TIMEZONE, DJANGO_CELERY_BEAT_TZ_AWARE; else what a new project has",
    )
    parser.add_argument(
        "--prefer",
        choices=[str(each) for each in Prefer],
        default=str(Prefer.NEWEST),
        help="%(default)s; nearest to what --from says",
    )
    parser.add_argument(
        "--as-of", type=_day, metavar="DATE", help="only what there was on a day, such as 2024-04-03"
    )
    parser.add_argument(
        "--require",
        action="append",
        default=[],
        metavar="PROMISE",
        help="only what was seen to keep it when something broke: reconnect (after Redis was away), lost, "
        "twice, or one promise such as reconnect-killed; again for more",
    )
    parser.add_argument(
        "--from", dest="origin", default="", metavar="FILE", help="what you have: a requirements file, a lock"
    )
    parser.add_argument(
        "--to", action="append", default=[], metavar="DEMAND", help="what you want instead; again for more"
    )
    parser.add_argument(
        "--write", default="", metavar="FILE", help="requirements.txt, constraints.txt or pyproject: write it"
    )
    parser.add_argument("--hashes", action="store_true", help="write it with the hashes of its files")
    verify = parser.add_mutually_exclusive_group()
    verify.add_argument(
        "--verify",
        action="store_true",
        default=None,
        help="run what is not known, and what was not seen under your settings, then answer",
    )
    verify.add_argument("--no-verify", dest="verify", action="store_false", help="run nothing")
    parser.add_argument(
        "--json", action="store_true", help="the answer for programs: docs/reference/pick.schema.json"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="what relative names are of; nox gives the folder that it is called in",
    )


def _options(options: argparse.Namespace) -> PickOptions:
    # What follows --settings may be a demand: a setting has one equals sign.
    demands = [each for each in options.settings if _DEMAND.match(each)]
    settings = [each for each in options.settings if each not in demands]
    settings += [f"USE_TZ={options.use_tz}"] if options.use_tz else []
    settings += [f"TIME_ZONE={options.time_zone}"] if options.time_zone else []
    return PickOptions(
        words=(*options.demand, *demands),
        folder=options.folder,
        database=options.database,
        settings=tuple(settings),
        prefer=Prefer(options.prefer),
        as_of=options.as_of,
        required=tuple(options.require),
        write=options.write,
        hashes=options.hashes,
        verify=options.verify,
        origin=options.origin,
        to=tuple(options.to),
        as_json=options.json,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write 2024-04-03") from None


def _run(options: argparse.Namespace, places: Places, console: Console) -> ExitCode:
    return run_pick(_options(options), places, console)


VERB = Verb(
    summary="pick versions that work together",
    description=_DESCRIPTION,
    epilogue=_EPILOGUE,
    add=_add,
    run=_run,
)
