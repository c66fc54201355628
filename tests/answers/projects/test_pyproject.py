import pytest
from packaging.specifiers import SpecifierSet

from harness.answers.projects.pyproject import parse_pyproject, specifier_of

STANDARD = """\
[project]
name = "site"
requires-python = ">=3.10"
dependencies = [
    "django~=4.2.0",
    "celery[redis]==5.3.6; python_version < '3.13'",
]
"""
POETRY = """\
[tool.poetry.dependencies]
python = "^3.9"
Django = "^4.2"
celery = { version = "~5.3", extras = ["redis"] }
redis = [{ version = "4.6.*", python = "<3.10" }, { version = ">=5,<6", python = ">=3.10" }]
flower = { version = "*", optional = true }
"""


def test_the_standard_table() -> None:
    project, mistakes = parse_pyproject("pyproject.toml", STANDARD)
    assert not mistakes
    assert (project.python, project.python_place) == (
        ">=3.10",
        "pyproject.toml, line 3 (project.requires-python)",
    )
    assert [str(each) for each in project.on("3.12").values()] == ["django~=4.2.0", "celery[redis]==5.3.6"]
    assert list(project.on("3.13")) == ["django"]
    assert project.on("3.13")["django"].places == "pyproject.toml, line 5 (project.dependencies[0])"


def test_poetrys_table() -> None:
    project, mistakes = parse_pyproject("pyproject.toml", POETRY)
    assert not mistakes
    assert project.python == ">=3.9,<4"
    on = {name: allowed.specifier for name, allowed in project.on("3.9").items()}
    assert on == {
        "django": SpecifierSet(">=4.2,<5"),
        "celery": SpecifierSet(">=5.3,<5.4"),
        "redis": SpecifierSet("==4.6.*"),
    }
    assert project.on("3.12")["redis"].specifier == SpecifierSet(">=5,<6")
    assert project.on("3.12")["celery"].extras == ("redis",)


# As the documentation of Poetry has them.
@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^1.2", ">=1.2,<2"),
        ("^1", ">=1,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("*", ""),
        ("1.*", "==1.*"),
        ("1.2", "==1.2"),
        (">= 1.2, < 1.5", ">=1.2,<1.5"),
        (">=1.2 <1.5", ">=1.2,<1.5"),
        ("!= 1.2.3", "!=1.2.3"),
        ("~=1.2", "~=1.2"),
    ],
)
def test_poetrys_constraints(constraint: str, specifier: str) -> None:
    assert SpecifierSet(specifier_of(constraint)) == SpecifierSet(specifier)


def test_every_mistake_is_told_with_its_place() -> None:
    text = '[project]\nrequires-python = "three"\ndependencies = ["celery=5", "redis", 7]\n'
    _, mistakes = parse_pyproject("pyproject.toml", text)
    assert [mistake.partition(": ")[0] for mistake in mistakes] == [
        "pyproject.toml, line 3 (project.dependencies[0])",
        "pyproject.toml, project.dependencies[2]",
        "pyproject.toml, line 2 (project.requires-python)",
    ]
    text = '[tool.poetry.dependencies]\npython = "^3"\na = "1 || 2"\nb = {version="1", markers="so"}\n'
    _, mistakes = parse_pyproject("pyproject.toml", text)
    assert [mistake.partition(": ")[0] for mistake in mistakes] == [
        "pyproject.toml, line 3 (tool.poetry.dependencies.a)",
        "pyproject.toml, line 4 (tool.poetry.dependencies.b)",
    ]


@pytest.mark.parametrize("text", ["[tool.ruff]\n", '[project]\ndynamic = ["dependencies"]\n', "[project\n"])
def test_a_file_without_dependencies_is_a_mistake(text: str) -> None:
    assert len(parse_pyproject("pyproject.toml", text)[1]) == 1
