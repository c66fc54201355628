import tomllib
from dataclasses import replace

import pytest
from packaging.requirements import Requirement

from harness.answers.why import ExtraPin
from harness.errors import UsageError
from harness.report.pick.files import MARK, FileKind, kind_of, pythons_of, render_pins, render_pyproject
from harness.report.pick.view import ChoiceView, Witness

CHOICE = ChoiceView(
    python="3.12",
    pins={"django": "5.2.1", "celery": "5.5.0"},
    lock=("amqp==5.3.1", "celery==5.5.0", "django==5.2.1", "kombu==5.5.4"),
    verdict="works with caveats",
    caveats=("late",),
    extra=(ExtraPin(line="kombu<5.6", pin="kombu==5.5.4", because="without it\nit fails", cell="x@y"),),
    held_back=(),
    days_behind=3,
    witness=Witness(
        cell="x@y",
        run="run-1",
        day="2026-08-01",
        checks=("task",),
        index="as of that day",
        unlike=(),
        also=(),
        reproduce="",
    ),
    time=None,
    resilience=(),
    trades=(),
)


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [
        ("requirements.txt", FileKind.REQUIREMENTS, "requirements.txt"),
        ("deploy/requirements-prod.in", FileKind.REQUIREMENTS, "deploy/requirements-prod.in"),
        ("constraints.txt", FileKind.CONSTRAINTS, "constraints.txt"),
        ("pyproject", FileKind.PYPROJECT, "pyproject.toml"),
        ("site/pyproject.toml", FileKind.PYPROJECT, "site/pyproject.toml"),
    ],
)
def test_a_file_is_what_its_name_says(name: str, kind: FileKind, file: str) -> None:
    assert kind_of(name) == (kind, file)


@pytest.mark.parametrize("name", ["pins.txt", "requirements", "setup.py"])
def test_another_name_is_a_mistake(name: str) -> None:
    with pytest.raises(UsageError):
        kind_of(name)


def test_requirements_have_the_whole_lock_and_reasons() -> None:
    lines = render_pins(CHOICE, FileKind.REQUIREMENTS).splitlines()
    assert lines[0].startswith(MARK)
    pins = [line for line in lines if not line.startswith("#")]
    assert pins == [
        "amqp==5.3.1  # brought along",
        "celery==5.5.0",
        "django==5.2.1",
        "kombu==5.5.4  # kombu<5.6: without it it fails",
    ]
    assert "-c this file" in render_pins(CHOICE, FileKind.CONSTRAINTS)


def test_hashes_follow_their_pin_and_no_comment_stands_between() -> None:
    text = render_pins(CHOICE, FileKind.REQUIREMENTS, dict.fromkeys(CHOICE.lock, ("sha256:aa", "sha256:bb")))
    assert (
        "# kombu<5.6: without it it fails\nkombu==5.5.4 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        in text
    )


def test_what_it_was_not_seen_with_is_in_the_file() -> None:
    unlike = replace(CHOICE, witness=replace(CHOICE.witness, unlike=("sqlite instead of mariadb",)))
    assert "# but for sqlite instead of mariadb" in render_pins(unlike, FileKind.REQUIREMENTS)


def test_a_pyproject_is_made_or_edited_and_all_else_stays() -> None:
    made = tomllib.loads(render_pyproject(CHOICE, ""))
    assert made["project"]["requires-python"] == "==3.12.*"
    before = """\
# ours
[project]
name = "shop"
version = "1.2"
dependencies = ["Django>=4", "stripe==8.0", "celery[redis]"]  # all of it

[tool.black]
line-length = 99
"""
    text = render_pyproject(CHOICE, before)
    after = tomllib.loads(text)
    assert text.startswith("# ours")
    assert after["project"]["name"] == "shop"
    assert after["tool"]["black"] == {"line-length": 99}
    assert after["project"]["dependencies"] == [
        "django==5.2.1",
        "stripe==8.0",
        "celery[redis]==5.5.0",
        "kombu==5.5.4",
    ]
    assert after["tool"]["uv"]["constraint-dependencies"] == list(CHOICE.lock)
    for line in after["project"]["dependencies"]:
        Requirement(line)
    assert render_pyproject(CHOICE, text) == text


def test_comments_and_constraints_of_the_users_stay() -> None:
    before = """\
[project]
dependencies = [
  "django>=4; python_version < '3.12'",  # ours
  "django>=5; python_version >= '3.12'",
  # for the feed
  "requests"  # later
]

[tool.uv]
constraint-dependencies = ["pillow<10", "kombu<5"]
"""
    text = render_pyproject(CHOICE, before)
    after = tomllib.loads(text)
    assert after["project"]["dependencies"][:2] == ["django==5.2.1", "requests"]
    for comment in ("# ours\n", "# for the feed\n", "# later\n"):
        assert comment in text
    constraints = after["tool"]["uv"]["constraint-dependencies"]
    assert constraints[:2] == ["pillow<10", "kombu==5.5.4"]
    assert sorted(constraints) == sorted(["pillow<10", *CHOICE.lock])


def test_a_pyproject_that_is_no_toml_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="no TOML"):
        render_pyproject(CHOICE, "[project")


def test_the_pythons_that_a_project_is_for_are_as_it_says() -> None:
    assert pythons_of("") == pythons_of("[project]") == ""
    assert pythons_of('[project]\nrequires-python = ">=3.9,<4"') == ">=3.9,<4"
    with pytest.raises(UsageError, match="'three' says no versions"):
        pythons_of('[project]\nrequires-python = "three"')
