"""Does what a project asks for work? The whole answer, as plain values. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.answers.fitting import asked_on
from harness.answers.projects.project import Project, series_of
from harness.answers.settings import Settings
from harness.errors import ExitCode
from harness.report.check.answer import Answer, OnPython
from harness.report.check.promises import TimeAnswer
from harness.report.check.verdicts import Judging
from harness.report.endured import ResilienceStand

SCHEMA_VERSION = 1
_FINE = frozenset({Answer.WORKS, Answer.CAVEATS})
_BAD = frozenset({Answer.BROKEN, Answer.UNRESOLVABLE})


@dataclass(frozen=True, kw_only=True)
class CheckAnswer:
    """The answer to `nox -s check`.

    `python` is what was given or the file says, "" where nobody did, and `python_place` who. `because` says
    what of it decided the answer where the Pythons' own do not. `unread` are lines of the file that ask for
    what cannot be told from here, `missing` the packages that it does not ask for. `verify` is the command
    that runs what is not known. `resilience` is what was seen with the like of what works when something was
    broken.
    """

    schema: int
    file: str
    answer: Answer
    because: str
    python: str
    python_place: str
    pythons: tuple[OnPython, ...]
    missing: tuple[str, ...]
    unread: tuple[str, ...]
    time: TimeAnswer | None
    resilience: tuple[ResilienceStand, ...]
    verify: str

    @property
    def exit_code(self) -> ExitCode:
        """0 for what works, with caveats too; 1 for what is known not to; 3 for what nobody knows."""
        if self.answer in _FINE:
            return ExitCode.OK
        return ExitCode.UNEXPECTED if self.answer in _BAD else ExitCode.UNDETERMINED


@dataclass(frozen=True, kw_only=True)
class WhichPython:
    """The Pythons that a project is judged on, oldest first; `given` is "" where nobody said which."""

    series: tuple[str, ...]
    given: str
    place: str


def which_python(project: Project, given: str, known: Sequence[str]) -> WhichPython:
    """What the user gives, else what the file says, else all of `known`."""
    if given:
        return WhichPython(series=(given,), given=given, place="--python")
    if project.python:
        series = series_of(known, project.python)
        return WhichPython(series=series, given=project.python, place=project.python_place)
    return WhichPython(series=tuple(known), given="", place="")


def check(
    project: Project,
    which: WhichPython,
    judging: Judging,
    packages: Sequence[str],
    settings: Settings | None = None,
) -> tuple[tuple[OnPython, ...], tuple[str, ...]]:
    """The answer for each Python, and the packages that the project asks for on none."""
    asked = [asked_on(project, python, packages) for python in which.series]
    missing = [set(each.missing) for each in asked]
    nowhere = set.intersection(*missing) if missing else set(packages)
    return tuple(judging(each, settings) for each in asked), tuple(
        name for name in packages if name in nowhere
    )


def answer_of(which: WhichPython, pythons: Sequence[OnPython], time: TimeAnswer | None) -> tuple[Answer, str]:
    """The answer over all Pythons, and why it is another one than theirs; "" where it is not.

    Where nobody said on which Python it is to run, Pythons that disagree leave it open.
    """
    fatal = time.fatal if time is not None else ()
    found = [each.answer for each in pythons]
    # What no installer accepts on one of several Pythons is not meant for it.
    meant = [each for each in found if each is not Answer.UNRESOLVABLE] or found
    if not meant:
        return Answer.UNKNOWN, f"no Python that is known here is meant by {which.given}"
    if len({each in _FINE for each in meant}) > 1 and not which.given:
        return Answer.UNKNOWN, "it depends on the Python: say which with --python"
    worst = min(meant, key=list(Answer).index)
    if worst in _FINE and fatal:
        # In which spans is told below.
        told = dict.fromkeys(seen.words.partition(" (")[0] for each in fatal for seen in each.seen)
        return Answer.BROKEN, f"under these settings: {'; '.join(told)}"
    return worst, ""
