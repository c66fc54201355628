"""Against the committed records: what people with real files are told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from rich.console import Console

from harness.answers.fitting import asked_on
from harness.answers.projects.read import read_project
from harness.answers.settings import Settings
from harness.commands.check import CheckOptions, run_check
from harness.commands.check_unknown import project_cell
from harness.commands.places import Places
from harness.errors import HarnessError, ProjectError, UsageError
from harness.matrix.config import load_matrix
from harness.matrix.question import make_question
from harness.report.check.whole import CheckAnswer

ROOT = Path(__file__).parents[2]
PLACES = Places(matrix=ROOT / "matrix.toml", state=ROOT / ".harness", reports=ROOT / "reports")
ARTICLE = """\
Django==2.2.28
celery==4.4.2
django-celery-beat==2.2.0
django-celery-results==2.0.1
redis==3.3.8
"""
FIRST = """\
Django==2.2.28
celery
django-celery-beat
django-celery-results
redis==3.3.8
"""
# What pip froze then of the same.
FIRST_FROZEN = """\
Django==2.2.28
celery==5.3.1
kombu==5.3.1
django-celery-beat==2.5.0
django-celery-results==2.4.0
redis==3.3.8
"""
IZONE = (
    "USE_TZ=False",
    "TIME_ZONE=Asia/Shanghai",
    "CELERY_TIMEZONE=Asia/Shanghai",
    "CELERY_ENABLE_UTC=False",
    "DJANGO_CELERY_BEAT_TZ_AWARE=False",
)

Checked = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Checked:
    """Check a requirements file of such a text; gives the exit code and the JSON."""

    def run(text: str, *settings: str, python: str = "3.9") -> tuple[int, dict[str, Any]]:
        (tmp_path / "requirements.txt").write_text(text)
        options = CheckOptions(
            target="requirements.txt", folder=tmp_path, python=python, settings=settings, as_json=True
        )
        code = run_check(options, PLACES, Console())
        told = json.loads(capsys.readouterr().out)
        TypeAdapter(CheckAnswer).validate_python(told)
        return int(code), told

    return run


def test_the_articles_pins_work_on_the_articles_python(checked: Checked) -> None:
    code, told = checked(ARTICLE)
    assert (code, told["answer"]) == (0, "works with caveats")
    [on] = told["pythons"]
    assert {shown["cell"] for shown in on["works"]} >= {"izone-today@izone", "izone-today@startproject"}


@pytest.mark.parametrize(
    ("python", "signature"),
    [
        ("3.7", "import:missing-attribute:EntryPoints/get"),
        ("3.11", "import:import-name:formatargspec/inspect"),
    ],
)
def test_and_are_broken_on_others(checked: Checked, python: str, signature: str) -> None:
    code, told = checked(ARTICLE, python=python)
    assert (code, told["answer"]) == (1, "broken")
    [on] = told["pythons"]
    assert {shown["signature"] for shown in on["fails"]} == {signature}


def test_without_a_word_about_python_it_depends(checked: Checked) -> None:
    code, told = checked(ARTICLE, python="")
    assert (code, told["answer"]) == (3, "unknown")
    assert "--python" in str(told["because"])


def test_what_the_author_first_installed_is_broken_and_what_he_came_to_is_near(checked: Checked) -> None:
    code, told = checked(FIRST)
    assert (code, told["answer"]) == (1, "broken")
    [on] = told["pythons"]
    assert {shown["cell"] for shown in on["then"]} >= {"first-attempt@izone"}
    assert on["then"][0]["signature"] == "worker:wrong-call:__init__"
    nearest = on["instead"][0]["versions"]
    assert {"django==2.2.28", "redis==3.3.8"} <= {f"{name}=={version}" for name, version in nearest.items()}


def test_what_he_had_then_is_broken_as_it_was(checked: Checked) -> None:
    code, told = checked(FIRST_FROZEN)
    assert (code, told["answer"]) == (1, "broken")
    [on] = told["pythons"]
    assert {shown["signature"] for shown in on["fails"]} == {"worker:wrong-call:__init__"}


def test_the_articles_settings_are_judged_in_words(checked: Checked) -> None:
    code, told = checked(ARTICLE, *IZONE)
    assert code == 0
    time = told["time"]
    assert isinstance(time, dict)
    broken = {each["invariant"]: each for each in time["broken"]}
    assert broken["clocked"]["seen"][0]["words"] == "fired 8 h late"
    assert {"own-zone", "start-time", "naive-eta"} <= set(broken)


def test_settings_may_come_from_a_module_that_is_not_run(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "settings.py").write_text(
        "raise SystemExit\nUSE_TZ = False\nTIME_ZONE = CELERY_TIMEZONE = 'Asia/Shanghai'\n"
        "CELERY_ENABLE_UTC = f()\nDJANGO_CELERY_BEAT_TZ_AWARE = False\n"
    )
    _, told = checked(ARTICLE, "site.settings")
    assert "CELERY_ENABLE_UTC cannot be read" in str(told["time"])
    _, told = checked(ARTICLE, "site/settings.py", "CELERY_ENABLE_UTC=False")
    assert told["time"] == checked(ARTICLE, *IZONE)[1]["time"]


def test_a_cap_is_told_where_it_stands(checked: Checked) -> None:
    code, told = checked("django==6.1.1\ndjango-celery-beat==2.9.0\n", python="3.13")
    assert (code, told["answer"]) == (1, "unresolvable")


@pytest.mark.parametrize(
    ("text", "settings", "python", "error", "message"),
    [
        ("celery=5\nredis=4\n", (), "3.9", ProjectError, "requirements.txt has 2 mistakes"),
        (ARTICLE, (), "2.7", UsageError, "no Python '2.7' is measured here"),
        (ARTICLE, ("USE_TX=1", "USE_TZ=2"), "3.9", UsageError, "'USE_TX=1'.*\n'USE_TZ=2'"),
        (ARTICLE, ("gone.settings",), "3.9", UsageError, "there is no settings module"),
        (ARTICLE, ("a.b", "c.d"), "3.9", UsageError, "there can be one settings module"),
    ],
)
def test_bad_input_is_told(
    checked: Checked,
    text: str,
    settings: tuple[str, ...],
    python: str,
    error: type[HarnessError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        checked(text, *settings, python=python)


def test_a_settings_module_that_is_no_python_is_a_mistake(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("USE_TZ = \n")
    with pytest.raises(ProjectError, match=r"settings\.py has a mistake:\n  line 1: it is no Python"):
        checked(ARTICLE, "settings.py")


def test_what_is_run_to_verify_is_what_the_project_asks_for(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("django==4.2\ncelery[redis]>=5.3,<5.5\nkombu==5.3.7\npillow\n")
    matrix = load_matrix(PLACES.matrix)
    packages = [axis for axis in matrix.axes if axis != "python"]
    asked = asked_on(read_project("requirements.txt", tmp_path), "3.11", packages)
    settings = Settings(values={"USE_TZ": False}, database="postgresql")
    cell = project_cell(asked, matrix, settings)
    assert make_question(cell, matrix).requirements == (
        "django==4.2.0",
        "celery[redis]",
        "django-celery-beat",
        "django-celery-results",
        "redis",
        "celery[redis]<5.5,>=5.3",
        "kombu==5.3.7",
        "pillow",
        "psycopg2-binary",
    )
    assert (cell.stack.python, cell.profile.settings["USE_TZ"], cell.profile.database) == (
        "3.11",
        False,
        "postgresql",
    )
    assert cell.id == project_cell(asked, matrix, settings).id
    assert cell.id != project_cell(asked, matrix, None).id
