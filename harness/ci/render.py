"""The files of a CI from what matrix.toml says of it. Pure, but for reading the templates beside it."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

NOTE = "# Written by `nox -s ci"  # how each file begins
_PYTHON = "3.12"  # the harness's own; those of cells are found, or installed by uv
_TEMPLATES = Path(__file__).parent


class Forge(StrEnum):
    """Where the files are for."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, kw_only=True)
class Ci:
    """What is run there.

    `requirement` is what pip installs to get the harness; None where this checkout is the harness. `matrix`
    is the file that says all this, `releases` whether there is a releases.json to be kept up to date.
    """

    plan: str
    shards: int
    schedule: str
    requirement: str | None
    matrix: str
    releases: bool


_FILES: Mapping[Forge, Mapping[str, str]] = {
    Forge.GITHUB: {
        ".github/workflows/matrix.yml": "workflow.yml",
        ".github/actions/harness/action.yml": "action.yml",
    },
    Forge.GITLAB: {".gitlab/matrix.yml": "gitlab.yml"},
}


def render(ci: Ci, forge: Forge) -> dict[str, str]:
    """The text of each file, by its path in the repository."""
    return {
        path: _filled((_TEMPLATES / template).read_text(encoding="utf-8"), ci)
        for path, template in _FILES[forge].items()
    }


def _filled(text: str, ci: Ci) -> str:
    update = r"\n<update>\n(.*)</update>\n"
    text = re.sub(update, r"\n\n\1" if ci.releases else r"\n", text, flags=re.DOTALL)
    numbers = range(1, ci.shards + 1)
    values = {
        "plan": ci.plan,
        "shards": str(ci.shards),
        "numbers": ", ".join(map(str, numbers)),
        "parts": ", ".join(f'"{number}/{ci.shards}"' for number in numbers),
        "schedule": ci.schedule,
        "matrix": ci.matrix,
        "files": ", ".join([ci.matrix, *(["releases.json"] if ci.releases else [])]),
        "python": _PYTHON,
        "bin": ".nox/harness/bin" if ci.requirement is None else ".harness/venv/bin",
    }
    return re.sub(
        r"^( *)<install>$|<(\w+)>", lambda found: _value(found, values, ci), text, flags=re.MULTILINE
    )


def _value(found: re.Match[str], values: Mapping[str, str], ci: Ci) -> str:
    if found[2]:
        return values[found[2]]
    return "\n".join(f"{found[1]}{line}" for line in _install(ci.requirement))


def _install(requirement: str | None) -> tuple[str, ...]:
    """The commands that put the harness into an environment of its own."""
    wanted = "nox[uv]" if requirement is None else requirement
    commands = (
        "python -m venv .harness/venv",
        f".harness/venv/bin/pip install --quiet {shlex.quote(wanted)}",
    )
    return commands if requirement is not None else (*commands, ".harness/venv/bin/nox -s harness")
