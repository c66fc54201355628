"""A file or a folder that the user names, read by the format that its name tells."""

from collections.abc import Callable, Mapping
from pathlib import Path

from harness.answers.projects.environment import is_environment, read_environment
from harness.answers.projects.locks import parse_pipfile_lock, parse_poetry_lock, parse_uv_lock
from harness.answers.projects.project import Project
from harness.answers.projects.pyproject import parse_pyproject
from harness.answers.projects.requirements import parse_requirements
from harness.errors import ProjectError, UsageError

_BY_NAME: Mapping[str, Callable[[str, str], tuple[Project, tuple[str, ...]]]] = {
    "pyproject.toml": parse_pyproject,
    "uv.lock": parse_uv_lock,
    "poetry.lock": parse_poetry_lock,
    "Pipfile.lock": parse_pipfile_lock,
}
_REQUIREMENTS = frozenset({".txt", ".in"})
_KNOWN = f"a requirements file (.txt, .in), {', '.join(_BY_NAME)}, or an environment's folder"


def read_project(named: str, folder: Path) -> Project:
    """What a project asks for, in a file or a folder that is `named` relative to `folder`.

    Raises:
        UsageError: there is no such file, or nobody can tell what it is.
        ProjectError: it has mistakes.
    """
    path = folder / named
    if path.is_dir():
        project, mistakes = read_environment(_environment(path), named)
    elif not path.exists():
        raise UsageError(f"there is no file {named!r}", hint=f"name {_KNOWN}")
    elif path.suffix in _REQUIREMENTS:
        project, mistakes = parse_requirements(named, lambda name: (folder / name).read_text("utf-8-sig"))
    elif path.name in _BY_NAME:
        project, mistakes = _BY_NAME[path.name](named, _text(path))
    else:
        raise UsageError(f"{named!r} is of no format that is known here", hint=f"name {_KNOWN}")
    if mistakes:
        raise ProjectError(named, mistakes)
    return project


def _environment(folder: Path) -> Path:
    if is_environment(folder):
        return folder
    files = sorted({*(each for each in _BY_NAME if (folder / each).is_file()), *_requirements(folder)})
    has = f"; it has {', '.join(files)}" if files else ""
    raise UsageError(f"{str(folder)!r} is no virtual environment{has}", hint=f"name {_KNOWN}")


def _requirements(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*requirements*") if path.suffix in _REQUIREMENTS]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(str(path), (f"it cannot be read: {error}",)) from None
