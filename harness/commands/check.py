"""`nox -s check`: does what a project asks for work, and how does it treat time under its settings?"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from harness.answers.facts import Facts
from harness.answers.fitting import asked_on
from harness.answers.projects.project import Project
from harness.answers.projects.read import read_project
from harness.answers.resilience import EMBEDDED, Resilience
from harness.answers.settings import Settings, with_defaults
from harness.commands.check_unknown import project_cell
from harness.commands.facts import load_facts
from harness.commands.live import run_cells
from harness.commands.places import Places
from harness.commands.settings import GivenSettings, read_settings
from harness.errors import ExitCode, UsageError
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.releases import load_releases
from harness.matrix.select import nearest
from harness.model import USUAL_CHECKS, Cell, Stage
from harness.records.sheets import newest_entries
from harness.records.shelf import open_shelf
from harness.report.check.answer import Answer, OnPython
from harness.report.check.promises import TimeAnswer
from harness.report.check.settings import BEAT, CELERY, judge_settings
from harness.report.check.verdicts import Judging
from harness.report.check.whole import SCHEMA_VERSION, CheckAnswer, answer_of, check, which_python
from harness.report.check.words import render
from harness.report.endured import ResilienceStand, resilience_stand

# The plan that the records of such runs are of; matrix.toml has none called so.
PLAN = "check"


@dataclass(frozen=True, kw_only=True)
class CheckOptions:
    """What `nox -s check` was asked for. Relative names are of `folder`.

    `settings` are `NAME=value` words, and one settings module at most.
    """

    target: str
    folder: Path
    python: str = ""
    settings: tuple[str, ...] = ()
    as_json: bool = False
    verify: bool = False


def run_check(options: CheckOptions, places: Places, console: Console) -> ExitCode:
    """Answer from the records; with `verify`, run what they do not know, and answer then.

    Raises:
        UsageError: there is no such file, Python or setting.
        ProjectError: the project's file, or its settings module, has mistakes.
    """
    matrix = load_matrix(places.matrix)
    known = matrix.axes["python"].values
    if options.python and options.python not in known:
        raise UsageError(f"no Python {options.python!r} is measured here{nearest(options.python, known)}")
    project = read_project(options.target, options.folder)
    settings = read_settings(options.settings, options.folder) if options.settings else None
    answer = make_answer(options, project, settings, matrix, places)
    if options.verify and answer.verify:
        python = _open_python(answer)
        asked = asked_on(project, python, _packages(matrix))
        under = answer.time.settings if answer.time is not None else None
        # The answer alone goes to where a program reads it.
        screen = Console(stderr=True, highlight=False) if options.as_json else console
        _run_live(project_cell(asked, matrix, under), matrix, places, screen, time=under is not None)
        answer = replace(make_answer(options, project, settings, matrix, places), verify="")
    if options.as_json:
        console.out(json.dumps(asdict(answer), indent=1, ensure_ascii=False), highlight=False)
    else:
        console.out(render(answer), end="", highlight=False)
    return answer.exit_code


def _run_live(cell: Cell, matrix: Matrix, places: Places, console: Console, *, time: bool) -> None:
    """Run what the project asks for, and record it; with `time` it lives through days as well."""
    checks = (*USUAL_CHECKS, Stage.TIME) if time else USUAL_CHECKS
    run_cells([cell], matrix, places, console, plan=PLAN, checks=checks, trace=True)


def make_answer(
    options: CheckOptions, project: Project, settings: GivenSettings | None, matrix: Matrix, places: Places
) -> CheckAnswer:
    """The answer, from the records as they are now."""
    packages = _packages(matrix)
    facts = load_facts(matrix.axes, places)
    judging = Judging(facts, releases=load_releases(places.releases), packages=packages)
    which = which_python(project, options.python, matrix.axes["python"].values)
    django = next((pin for each in which.series if (pin := _pins(project, each).get("django"))), None)
    under = with_defaults(settings.module, settings.words, django) if settings is not None else None
    pythons, missing = check(project, which, judging, packages, under)
    time = _time(settings, project, pythons, places) if settings is not None else None
    answer, because = answer_of(which, pythons, time)
    bare = CheckAnswer(
        schema=SCHEMA_VERSION,
        file=options.target,
        answer=answer,
        because=because,
        python=which.given,
        python_place=which.place,
        pythons=pythons,
        missing=missing,
        unread=project.unread,
        time=time,
        resilience=tuple(_resilience(facts, pythons, under)),
        verify="",
    )
    return replace(bare, verify=_verify_command(options, bare))


def _time(
    settings: GivenSettings, project: Project, pythons: Sequence[OnPython], places: Places
) -> TimeAnswer:
    """What is known of the settings, with the versions that the project pins, or that decided the answer."""
    versions: dict[str, str] = {}
    for each in pythons:
        decided = (*each.works, *each.fails)
        versions = {**(dict(decided[0].versions) if decided else {}), **_pins(project, each.python)}
        if BEAT in versions and CELERY in versions:
            break
    full = with_defaults(settings.module, settings.words, versions.get("django"))
    # Only what lived through days is read, and that whole.
    shelf = open_shelf(places.records, places.cache)
    lived = newest_entries(each for each in shelf.entries() if Stage.TIME in each.checks)
    whole = map(shelf.read_whole, lived.values())
    return judge_settings(full, versions, [each for each in whole if each is not None])


def _resilience(
    facts: Facts, pythons: Sequence[OnPython], under: Settings | None
) -> Iterator[ResilienceStand]:
    """What was seen with the like of the first record that shows that it works, when something was broken."""
    works = next((shown for each in pythons for shown in each.works), None)
    stack = facts.known(works.cell) if works is not None else None
    if stack is not None:
        database = (under.database if under is not None else None) or EMBEDDED
        yield from map(resilience_stand, Resilience(facts, database).of(stack.distributions))


def _pins(project: Project, python: str) -> dict[str, str]:
    return {name: allowed.pin for name, allowed in project.on(python).items() if allowed.pin}


def _packages(matrix: Matrix) -> tuple[str, ...]:
    return tuple(axis for axis in matrix.axes if axis != "python")


def _open_python(answer: CheckAnswer) -> str:
    """The newest Python of which nothing is known, or nothing of these very releases; else the newest."""
    unknown = [
        each.python for each in answer.pythons if each.answer is Answer.UNKNOWN or each.dated or each.presumed
    ]
    return (unknown or [each.python for each in answer.pythons])[-1]


def _verify_command(options: CheckOptions, answer: CheckAnswer) -> str:
    """The command that runs what is not known; "" where all is, or nothing that can be run would tell."""
    time = answer.time
    untimed = time is not None and bool(time.why_not) and not time.settings.unread
    unknown = any(each.answer is Answer.UNKNOWN or each.dated or each.presumed for each in answer.pythons)
    if not answer.pythons or not (unknown or untimed):
        return ""
    words = ["--settings", *options.settings] if options.settings else []
    return shlex.join(
        ["nox", "-s", "check", "--", options.target, "--python", _open_python(answer), *words, "--verify"]
    )
