from collections.abc import Callable

import pytest

from harness.answers.projects.locks import Parsed, parse_pipfile_lock, parse_poetry_lock, parse_uv_lock

UV = """\
version = 1
requires-python = ">=3.9"
[[package]]
name = "site"
version = "0.1.0"
source = { virtual = "." }
[[package]]
name = "django"
version = "4.2.16"
source = { registry = "https://x" }
resolution-markers = ["python_full_version < '3.10'"]
[[package]]
name = "django"
version = "5.2.8"
source = { registry = "https://x" }
resolution-markers = ["python_version >= '3.10' and python_version < '3.12'", "python_version >= '3.12'"]
[[package]]
name = "celery"
version = "5.5.3"
source = { registry = "https://x" }
"""
POETRY = """\
[[package]]
name = "Django"
version = "4.2.16"
optional = false
groups = ["main"]
markers = "python_version < '3.13'"
[[package]]
name = "pytest"
version = "8.0"
optional = false
groups = ["dev"]
[[package]]
name = "celery"
version = "5.3.6"
optional = false
[metadata]
lock-version = "2.1"
python-versions = "^3.9"
"""
PIPFILE = """\
{"_meta": {"requires": {"python_version": "3.9"}},
 "default": {"celery": {"version": "==4.4.2", "extras": ["redis"]}, "kombu": {"version": "==4.6.11",
             "markers": "python_version >= '3.10'"}},
 "develop": {"pytest": {"version": "==8.0"}}}
"""


def test_uv_has_one_version_for_each_python() -> None:
    project, mistakes = parse_uv_lock("uv.lock", UV)
    assert not mistakes
    assert (project.python, project.complete) == (">=3.9", True)
    for python, django in (("3.9", "4.2.16"), ("3.10", "5.2.8"), ("3.13", "5.2.8")):
        on = project.on(python)
        assert {name: on[name].pin for name in on} == {"django": django, "celery": "5.5.3"}


def test_poetrys_without_groups() -> None:
    project, mistakes = parse_poetry_lock("poetry.lock", POETRY)
    assert (mistakes, project.python) == ((), ">=3.9,<4")
    assert {name: each.pin for name, each in project.on("3.9").items()} == {
        "django": "4.2.16",
        "celery": "5.3.6",
    }
    assert list(project.on("3.13")) == ["celery"]


def test_pipenvs_without_what_is_for_developing() -> None:
    project, mistakes = parse_pipfile_lock("Pipfile.lock", PIPFILE)
    assert (mistakes, project.python) == ((), "==3.9.*")
    assert [str(each) for each in project.on("3.9").values()] == ["celery[redis]==4.4.2"]


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_uv_lock, "[[package]\n"),
        (parse_uv_lock, "version = 1\n"),
        (parse_poetry_lock, "[[package]]\nname = 'x'\n[metadata]\n"),
        (parse_pipfile_lock, "{"),
        (parse_pipfile_lock, "[]"),
        (parse_pipfile_lock, '{"default": {}}'),
    ],
)
def test_what_is_no_lock_is_one_mistake(parse: Callable[[str, str], Parsed], text: str) -> None:
    [mistake] = parse("some.lock", text)[1]
    assert mistake.startswith("some.lock ")


def test_every_mistake_of_a_lock_is_told() -> None:
    text = UV.replace("5.5.3", "five").replace('requires-python = ">=3.9"', 'requires-python = "3"')
    project, mistakes = parse_uv_lock("uv.lock", text)
    assert mistakes == (
        "uv.lock, celery: 'five' is no version",
        "uv.lock, requires-python: '3' is no specifier of Pythons",
    )
    assert "celery" not in project.on("3.9")
