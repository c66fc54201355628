"""`nox -s check`: does what a project asks for work, and how does it treat time under its settings?"""

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from harness.answers.facts import gather
from harness.answers.fitting import asked_on
from harness.answers.projects.project import Project
from harness.answers.projects.read import read_project
from harness.answers.settings import Given, Settings, parse_words, read_module, with_defaults
from harness.commands.places import Places
from harness.commands.verify import project_cell, verify
from harness.errors import ExitCode, ProjectError, UsageError
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.releases import load_releases
from harness.matrix.select import nearest
from harness.model import CellResult, Stage
from harness.records.store import Run, newest_results, read_run, read_runs
from harness.report.check.answer import Answer, OnPython
from harness.report.check.promises import TimeAnswer
from harness.report.check.settings import BEAT, CELERY, judge_settings
from harness.report.check.verdicts import Judging
from harness.report.check.whole import SCHEMA_VERSION, CheckAnswer, answer_of, check, which_python
from harness.report.check.words import render

_HINT = "--settings mysite/settings.py, mysite.settings, or words such as USE_TZ=False"


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


@dataclass(frozen=True, kw_only=True)
class GivenSettings:
    """What a settings module sets, and what words say, which comes before it."""

    module: Settings
    words: Mapping[str, Given]


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
        verify(project_cell(asked, matrix, under), matrix, places, screen, time=under is not None)
        answer = replace(make_answer(options, project, settings, matrix, places), verify="")
    if options.as_json:
        console.out(json.dumps(asdict(answer), indent=1, ensure_ascii=False), highlight=False)
    else:
        console.out(render(answer), end="", highlight=False)
    return answer.exit_code


def make_answer(
    options: CheckOptions, project: Project, settings: GivenSettings | None, matrix: Matrix, places: Places
) -> CheckAnswer:
    """The answer, from the records as they are now."""
    packages = _packages(matrix)
    runs = read_runs(places.records, outline=True)
    facts = gather(runs, matrix.axes)
    judging = Judging(
        list(facts.results.values()),
        plans=facts.plans,
        releases=load_releases(places.releases),
        packages=packages,
    )
    which = which_python(project, options.python, matrix.axes["python"].values)
    django = next((pin for each in which.series if (pin := _pins(project, each).get("django"))), None)
    under = with_defaults(settings.module, settings.words, django) if settings is not None else None
    pythons, missing = check(project, which, judging, packages, under)
    time = _time(settings, project, pythons, runs) if settings is not None else None
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
        verify="",
    )
    return replace(bare, verify=_verify_command(options, bare))


def read_settings(words: Sequence[str], folder: Path) -> GivenSettings:
    """A settings module, by its file or its dotted name, and `NAME=value` words.

    Raises:
        UsageError: a word is wrong, or there is no such module.
        ProjectError: the module is no Python.
    """
    given, mistakes = parse_words([word for word in words if "=" in word])
    modules = [word for word in words if "=" not in word]
    if len(modules) > 1:
        mistakes = (*mistakes, f"{' and '.join(modules)}: there can be one settings module")
    if mistakes:
        raise UsageError("\n".join(mistakes), hint=_HINT)
    if not modules:
        return GivenSettings(module=Settings(values={}), words=given)
    path = _module_path(modules[0], folder)
    try:
        module = read_module(path, lambda name: (folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(path, (f"it cannot be read: {error.strerror}",)) from None
    except SyntaxError as error:
        raise ProjectError(
            error.filename or modules[0], (f"line {error.lineno}: it is no Python: {error.msg}",)
        ) from None
    return GivenSettings(module=module, words=given)


def _module_path(named: str, folder: Path) -> str:
    dotted = named.replace(".", "/")
    for candidate in (named, f"{dotted}.py", f"{dotted}/__init__.py"):
        if (folder / candidate).is_file():
            return candidate
    raise UsageError(f"there is no settings module {named!r}", hint=_HINT)


def _time(
    settings: GivenSettings, project: Project, pythons: Sequence[OnPython], runs: Sequence[Run]
) -> TimeAnswer:
    """What is known of the settings, with the versions that the project pins, or that decided the answer."""
    versions: dict[str, str] = {}
    for each in pythons:
        decided = (*each.works, *each.fails)
        versions = {**(dict(decided[0].versions) if decided else {}), **_pins(project, each.python)}
        if BEAT in versions and CELERY in versions:
            break
    full = with_defaults(settings.module, settings.words, versions.get("django"))
    asked = _newest_that_asked(runs, {Stage.TIME})
    # Only what lived through days is read whole: the rest of the records is large.
    wanted = {(result.run, result.cell) for result in asked}
    paths = [run.path for run in runs if run.header.run in {each.run for each in asked}]
    whole = [
        result
        for run in map(read_run, paths)
        if run is not None
        for result in run.results
        if (result.run, result.cell) in wanted
    ]
    return judge_settings(full, versions, whole)


def _pins(project: Project, python: str) -> dict[str, str]:
    return {name: allowed.pin for name, allowed in project.on(python).items() if allowed.pin}


def _newest_that_asked(runs: Sequence[Run], stages: set[Stage]) -> list[CellResult]:
    """The newest result of each cell among those that were asked so much."""
    fitting = [
        replace(run, results=tuple(each for each in run.results if stages.issubset(each.checks)))
        for run in runs
    ]
    return list(newest_results(fitting).values())


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
