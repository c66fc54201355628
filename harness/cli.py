"""The command line behind the nox sessions: flags in, exit code out.

The one place that catches `HarnessError`.
"""

import argparse
import errno
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import get_args

from rich.console import Console

from harness.answers.pick import Prefer
from harness.commands.check import CheckOptions, run_check
from harness.commands.diagnose import DiagnoseOptions, run_diagnose
from harness.commands.doctor import run_doctor
from harness.commands.explain import ExplainOptions, run_explain
from harness.commands.feed import Budget
from harness.commands.matrix import MatrixOptions, run_matrix
from harness.commands.pick import PickOptions, run_pick
from harness.commands.places import Places
from harness.commands.reference import run_reference
from harness.commands.report import run_report
from harness.commands.update import run_explain as run_explain_product
from harness.commands.update import run_update
from harness.diagnosis.search import CELLS
from harness.errors import ExitCode, HarnessError, MachineError
from harness.model import ClockKind, DatabaseKind

_WIDTH_OF_A_FILE = 200  # columns, where no terminal says how many there are
_MATRIX = """\
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

exit codes:
  0  every cell is as matrix.toml expects          1  some cell is not
  2  the command line or matrix.toml is wrong      3  the machine kept a cell from being determined
  129, 130, 143  interrupted; the same command goes on where it stopped
"""
_UPDATE = """\
Ask the package index for releases of the axes' packages, say what is new, and write it: the releases
and what they declare into releases.json, new series and the newest pre-release into the axes of
matrix.toml. What a release declares is asked once.
"""
_UPDATE_EPILOGUE = """
exit codes:
  0  nothing is new, or it is written now      1  with --check: something is new
  2  matrix.toml or releases.json is wrong     3  the package index does not answer
"""


_DIAGNOSE = """\
Find the smallest change of versions that makes a failing cell pass: a requirement that is missing, the
first bad release of one distribution, or other values of axes. Each step is a cell in the records.
"""
_DIAGNOSE_EPILOGUE = """
examples:
  nox -s diagnose                                  all that failed of the default plan
  nox -s diagnose -- --plan field --budget 30m     of the field, for half an hour; goes on next time
  nox -s diagnose -- 'django-4.2-today@*'          some cells

exit codes:
  0  every failure asked for is explained          1  some failure is not
  2  the command line or matrix.toml is wrong      3  the machine cannot do what was asked
  129, 130, 143  interrupted; the same command goes on where it stopped
"""
_PICK = """\
Pick versions that are known to work together, from the records, in seconds: exact pins with the whole lock
behind them, what shows that they work, and how they treat time under your settings. Where the records know
nothing and little has to be run to know, it is run.
"""
_PICK_EPILOGUE = """
examples:
  nox -s pick -- "django==4.2.*" "python==3.11"
  nox -s pick -- "django>=5" --database mariadb --use-tz true --time-zone Europe/Berlin
  nox -s pick -- "celery==5.5.*" --write requirements.txt --hashes
  nox -s pick -- --from requirements.txt --to "django==5.2.*"       step by step, each known to work

exit codes:
  0  here is one                                   1  nothing that is known to work meets what was asked for
  2  the command line or a file is wrong           3  the machine cannot do what was asked
  129, 130, 143  interrupted
"""


_CHECK = """\
Say whether what a project asks for works, from the records, in seconds: the proof if it does, the cause and
the line that mends it if it does not, and what would have to be run if nobody knows. With --settings
say as well how those settings treat time with these versions.
"""
_CHECK_EPILOGUE = """
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

_EXPLAIN = """\
Tell everything known about a cell, a signature, or versions of packages, in one page: from the records,
at once, and without running anything.
"""
_EXPLAIN_EPILOGUE = """
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


def main(arguments: Sequence[str]) -> int:
    """Run one verb; returns the exit code."""
    options = _parser().parse_args(arguments)
    console = _Console(highlight=False)
    if not console.is_terminal:
        console = _Console(highlight=False, width=_WIDTH_OF_A_FILE)
    places = Places(
        matrix=options.matrix.resolve(), state=options.state.resolve(), reports=options.reports.resolve()
    )
    try:
        return int(_dispatch(options, places, console))
    except HarnessError as error:
        _tell(error)
        return int(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _tell(MachineError(str(error), hint="make some space and run the same command again: it goes on"))
        return int(ExitCode.UNDETERMINED)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Let `main` decide what it means."""
        raise BrokenPipeError


def _tell(error: HarnessError) -> None:
    console = _Console(stderr=True, highlight=False)
    console.print(f"error: {error}", style="bold red", markup=False, soft_wrap=True)
    if error.hint:
        console.print(f"hint: {error.hint}", markup=False, soft_wrap=True)


def _dispatch(  # noqa: PLR0911 - one a verb
    options: argparse.Namespace, places: Places, console: Console
) -> ExitCode:
    match options.verb:
        case "matrix":
            return run_matrix(
                MatrixOptions(
                    plan=options.plan,
                    select=tuple(options.select),
                    jobs=options.jobs,
                    keep=options.keep,
                    clock=ClockKind(options.clock) if options.clock else None,
                    failed=options.failed,
                    resume=options.resume,
                    list_only=options.list,
                    strict=options.strict,
                    budget=Budget(seconds=options.budget, cells=options.cells),
                ),
                places,
                console,
            )
        case "diagnose":
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
        case "check":
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
        case "explain":
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
        case "pick":
            return run_pick(_pick_options(options), places, console)
        case "report":
            return run_report(options.plan, places, console)
        case "doctor":
            return run_doctor(places, console)
        case "update":
            if options.explain:
                return run_explain_product(places, console)
            return run_update(check=options.check, places=places, console=console)
        case _:
            return run_reference(
                check=options.check, help_texts=_help_texts(), places=places, console=console
            )


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    places = common.add_argument_group("places")
    places.add_argument(
        "--matrix", type=Path, default=Path("matrix.toml"), metavar="FILE", help="what to run"
    )
    places.add_argument(
        "--state", type=Path, default=Path(".harness"), metavar="DIR", help="environments, caches, logs"
    )
    places.add_argument(
        "--reports", type=Path, default=Path("reports"), metavar="DIR", help="records and reports"
    )
    parser = argparse.ArgumentParser(prog="python -m harness", description=__doc__.partition("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_matrix(_add_verb(verbs, common, "matrix", "run a plan's cells and report", _MATRIX, _EPILOGUE))
    _add_diagnose(
        _add_verb(verbs, common, "diagnose", "find what mends what fails", _DIAGNOSE, _DIAGNOSE_EPILOGUE)
    )
    _add_check(_add_verb(verbs, common, "check", "say whether a project works", _CHECK, _CHECK_EPILOGUE))
    _add_explain(
        _add_verb(verbs, common, "explain", "tell all that is known of it", _EXPLAIN, _EXPLAIN_EPILOGUE)
    )
    _add_pick(_add_verb(verbs, common, "pick", "pick versions that work together", _PICK, _PICK_EPILOGUE))
    report = _add_verb(verbs, common, "report", "render the records again")
    report.add_argument("--plan", default="default", metavar="NAME", help="a plan of matrix.toml")
    _add_verb(verbs, common, "doctor", "say what this machine has and lacks")
    update = _add_verb(verbs, common, "update", "look for new releases", _UPDATE, _UPDATE_EPILOGUE)
    instead = update.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="write nothing; say what is new")
    instead.add_argument(
        "--explain",
        action="store_true",
        help="ask nothing; count the whole product, and what the declarations noted forbid of it",
    )
    reference = _add_verb(verbs, common, "reference", "write the generated reference pages")
    reference.add_argument("--check", action="store_true", help="write nothing; say which are out of date")
    return parser


def _add_verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    name: str,
    summary: str,
    description: str = "",
    epilogue: str = "",
) -> argparse.ArgumentParser:
    return verbs.add_parser(
        name,
        parents=[common],
        prog=f"nox -s {name} --",
        help=summary,
        description=description or f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilogue,
        # One width everywhere: the page made of this does not depend on a terminal.
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
    )


def _help_texts() -> dict[str, str]:
    """Every verb's help."""
    [verbs] = (action for action in _parser()._actions if action.dest == "verb")  # noqa: SLF001 - no other way
    choices: Mapping[str, argparse.ArgumentParser] = verbs.choices  # type: ignore[assignment]
    return {f"nox -s {verb}": parser.format_help() for verb, parser in choices.items()}


def _add_matrix(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", default="default", metavar="NAME", help="a plan of matrix.toml")
    parser.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="GLOB",
        help="only cells whose id, stack@profile, matches; may be given again",
    )
    parser.add_argument("--failed", action="store_true", help="only what failed in the last run")
    parser.add_argument("--list", action="store_true", help="show the plan and run nothing")
    parser.add_argument("--jobs", type=_positive, metavar="N", help="cells at a time")
    parser.add_argument(
        "--clock",
        choices=[str(kind) for kind in ClockKind],
        help="fake: jump through time (the default where libfaketime works); real: wait for it",
    )
    parser.add_argument(
        "--budget",
        type=_seconds,
        metavar="TIME",
        help="of a plan that settles pairs: begin no cell after so long, such as 90s, 30m or 2h",
    )
    parser.add_argument(
        "--cells", type=_positive, metavar="N", help="of a plan that settles pairs: so many at most"
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


def _add_diagnose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "cell", nargs="*", metavar="GLOB", help="only failures whose id, stack@profile, matches"
    )
    parser.add_argument("--plan", default="default", metavar="NAME", help="a plan that has been run")
    parser.add_argument(
        "--budget", type=_seconds, metavar="TIME", help="begin no cell after so long, such as 90s, 30m or 2h"
    )
    parser.add_argument("--cells", type=_positive, metavar="N", help="run so many cells at most")
    parser.add_argument(
        "--each",
        type=_positive,
        default=CELLS,
        metavar="N",
        help="look at so many changes of one failing cell at most (%(default)s)",
    )
    parser.add_argument("--jobs", type=_positive, metavar="N", help="cells at a time")
    parser.add_argument(
        "--clock", choices=[str(kind) for kind in ClockKind], help="as for the plan's other cells"
    )


def _add_check(parser: argparse.ArgumentParser) -> None:
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


def _add_explain(parser: argparse.ArgumentParser) -> None:
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


def _add_pick(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "demand", nargs="*", metavar="DEMAND", help='what you cannot change: "django==4.2.*", "python>=3.10"'
    )
    yours = parser.add_argument_group("what you run under")
    yours.add_argument("--database", choices=get_args(DatabaseKind), default="sqlite", help="%(default)s")
    yours.add_argument("--use-tz", metavar="BOOL", help="USE_TZ, true if not given")
    yours.add_argument("--time-zone", metavar="ZONE", help="TIME_ZONE, UTC if not given")
    yours.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="NAME=value",
        help="these, CELERY_ENABLE_UTC, CELERY_TIMEZONE, DJANGO_CELERY_BEAT_TZ_AWARE; else their defaults",
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


def _pick_options(options: argparse.Namespace) -> PickOptions:
    settings = [*options.settings]
    settings += [f"USE_TZ={options.use_tz}"] if options.use_tz else []
    settings += [f"TIME_ZONE={options.time_zone}"] if options.time_zone else []
    return PickOptions(
        words=tuple(options.demand),
        folder=options.folder,
        database=options.database,
        settings=tuple(settings),
        prefer=Prefer(options.prefer),
        as_of=options.as_of,
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


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+)([smh])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 90s, 30m or 2h")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
