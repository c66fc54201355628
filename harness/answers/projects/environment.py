"""A virtual environment's folder: what is installed in it, without running its Python."""

import re
from importlib import metadata
from pathlib import Path

from harness.answers.projects.project import Project, pinned

_VERSION = re.compile(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", re.MULTILINE)
_SERIES = re.compile(r"python(\d+\.\d+)$")


def is_environment(folder: Path) -> bool:
    """Whether a folder is a virtual environment, or has at least the shape of one."""
    return (folder / "pyvenv.cfg").is_file() or bool(_site_packages(folder))


def read_environment(folder: Path, named: str) -> tuple[Project, tuple[str, ...]]:
    """Every distribution that is installed in it, and the Python it was made for; and every mistake.

    `named` is what the user calls it.
    """
    packages = _site_packages(folder)
    if not packages:
        return Project(file=named, demands=()), (f"{named} has no site-packages: nothing is installed",)
    python, place = _python(folder, packages[0])
    demands, mistakes = [], []
    for each in metadata.distributions(path=[str(path) for path in packages]):
        if {"Name", "Version"}.issubset(each.metadata):
            name, version = each.metadata["Name"], each.metadata["Version"]
            demands.append(pinned(name, version, place=f"{named}, {name}"))
        else:
            # An installation that was interrupted leaves such a folder.
            mistakes.append(f"{named} has a distribution without name and version")
    if not demands:
        mistakes.append(f"{named}: nothing is installed in it")
    project = Project(
        file=named,
        demands=tuple(sorted(demands, key=lambda demand: demand.name)),
        python=f"=={python}.*" if python else "",
        python_place=place if python else "",
        complete=True,
    )
    return project, tuple(mistakes)


def _site_packages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("lib/python*/site-packages") if path.is_dir()) or [
        path for path in [folder / "Lib" / "site-packages"] if path.is_dir()
    ]


def _python(folder: Path, packages: Path) -> tuple[str, str]:
    configuration = folder / "pyvenv.cfg"
    text = configuration.read_text(encoding="utf-8") if configuration.is_file() else ""
    found = _VERSION.search(text)
    if found is not None:
        return found[1], str(configuration)
    named = _SERIES.search(packages.parent.name)
    return (named[1], str(packages.parent)) if named else ("", "")
