from pathlib import Path

import pytest

from harness.answers.projects.project import Project
from harness.answers.settings import Settings
from harness.model import CellResult, Resolution
from harness.report.check.answer import Answer
from harness.report.check.promises import TimeAnswer
from harness.report.check.settings import judge_settings
from harness.report.check.whole import CheckAnswer, WhichPython, answer_of, check, which_python
from harness.report.check.words import render
from tests.conftest import AssertExpected
from tests.report.check.test_settings import MINE as VERSIONS
from tests.report.check.test_settings import OFF, ON, cell
from tests.report.check.world import ARTICLES, NO_MODULE, PACKAGES, judging, project, ran
from tests.report.timed import deadly, late, stormy

MINE = "django==4.2.16 celery==5.3.6 django-celery-beat==2.6.0"
FILE = "\n".join(MINE.split())
HERE = Path(__file__).parent


def answered(
    file: Project, *results: CellResult, python: str = "3.11", time: TimeAnswer | None = None
) -> CheckAnswer:
    which = which_python(file, python, ["3.10", "3.11", "3.12"])
    pythons, missing = check(file, which, judging(*results), PACKAGES)
    answer, because = answer_of(which, pythons, time)
    return CheckAnswer(
        schema=1,
        file=file.file,
        answer=answer,
        because=because,
        python=which.given,
        python_place=which.place,
        pythons=pythons,
        missing=missing,
        unread=file.unread,
        resilience=(),
        time=time,
        verify="nox -s check -- requirements.txt --verify" if answer is Answer.UNKNOWN else "",
    )


def test_python_is_given_or_told_by_the_file_or_open() -> None:
    known = ["3.9", "3.10", "3.11"]
    file = Project(file="x", demands=(), python=">=3.10", python_place="x, line 1")
    assert which_python(file, "3.9", known) == WhichPython(series=("3.9",), given="3.9", place="--python")
    assert which_python(file, "", known).series == ("3.10", "3.11")
    assert which_python(Project(file="x", demands=()), "", known).series == ("3.9", "3.10", "3.11")


@pytest.mark.parametrize(
    ("name", "code", "answer"),
    [
        ("works", 0, answered(project(FILE), ran("mine", MINE), ran("mine", MINE, settings=ARTICLES))),
        (
            "presumed",
            0,
            answered(
                project("-e .\ndjango==4.2.3\ncelery==5.3.6\n"), ran("m", MINE, resolution=Resolution.ERA)
            ),
        ),
        (
            "depends",
            0,
            answered(
                project(FILE), ran("mine", MINE), ran("mine", MINE, settings=ARTICLES, failure=NO_MODULE)
            ),
        ),
        (
            "broken",
            1,
            answered(project(FILE), ran("mine", MINE, failure=NO_MODULE), ran("o", MINE, python="3.12")),
        ),
        (
            "first",
            1,
            answered(
                project("django==4.2.16\ncelery\ndjango-celery-beat\n"),
                ran("mine", MINE),
                ran("f", MINE, asked="django==4.2.16 celery django-celery-beat", failure=NO_MODULE),
                ran(
                    "f-then",
                    MINE,
                    asked="django==4.2.16 celery django-celery-beat",
                    resolution=Resolution.ERA,
                    failure=NO_MODULE,
                ),
            ),
        ),
        (
            "unresolvable",
            1,
            answered(project("django==5.2.8\ndjango-celery-beat==2.7.0\n"), ran("mine", MINE)),
        ),
        ("unknown", 3, answered(project(FILE.replace("4.2.16", "3.2.25")), ran("mine", MINE))),
        ("open", 3, answered(project("django>=4\ncelery\n"), ran("mine", MINE))),
        (
            "disagreeing",
            3,
            answered(project(FILE), ran("mine", MINE), ran("yours", MINE, failure=NO_MODULE)),
        ),
        (
            "pythons",
            3,
            answered(
                project(FILE),
                ran("ten", MINE, python="3.10"),
                ran("eleven", MINE, python="3.11"),
                ran("twelve", MINE, python="3.12", failure=NO_MODULE),
                python="",
            ),
        ),
        (
            "storm",
            0,
            answered(
                project(FILE),
                ran("mine", MINE),
                time=judge_settings(
                    Settings(values=OFF, assumed=("USE_TZ",), unread={"DATABASES": "s.py, line 1: so"}),
                    VERSIONS,
                    [cell("2.5.0", "5.3.6", OFF, stormy), cell("2.5.0", "5.3.6", ON, late)],
                ),
            ),
        ),
        (
            "dead",
            1,
            answered(
                project(FILE),
                ran("mine", MINE),
                time=judge_settings(Settings(values=ON), VERSIONS, [cell("2.5.0", "5.3.6", ON, deadly)]),
            ),
        ),
        (
            "unmeasured",
            0,
            answered(
                project(FILE), ran("mine", MINE), time=judge_settings(Settings(values=OFF), VERSIONS, [])
            ),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_words_of_an_answer(
    name: str, code: int, answer: CheckAnswer, assert_expected: AssertExpected
) -> None:
    assert answer.exit_code == code
    assert_expected(render(answer), HERE / "expected" / f"{name}.txt")


def test_a_python_that_nothing_is_for_is_unknown() -> None:
    file = Project(file="x", demands=(), python=">=4", python_place="x, line 1")
    assert answered(file, python="").answer is Answer.UNKNOWN


def test_what_the_file_says_of_python_is_held_to_on_each() -> None:
    file = project(f"# made by pip-compile with Python 3.11\n{FILE}")
    ten, eleven = ran("ten", MINE, python="3.10", failure=NO_MODULE), ran("eleven", MINE)
    assert answered(file, ten, eleven, python="").answer is Answer.CAVEATS
    wide = Project(file="x", demands=file.demands, python=">=3.10", python_place="x")
    assert answered(wide, ten, eleven, python="").answer is Answer.BROKEN
