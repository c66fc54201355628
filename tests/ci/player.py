"""Plays the runners of two forges: each step's shell in a fresh clone, what a job leaves handed on.

Of the actions it knows those that the files use; of expressions what stands in them. What it does not know
is a KeyError, so that a file that uses more does not pass unplayed.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_LONGEST = 900.0  # seconds for a step
# What a runner's machine gives: how to reach the index, nothing of this process's own.
_MACHINE = re.compile(
    r"(?i)(https?|all|no)_proxy|SSL_CERT_\w+|PIP_(?!CACHE)\w+|UV_(DEFAULT_)?INDEX\w*|LANG|LC_ALL"
)


def load(path: Path) -> Any:  # noqa: ANN401 - any YAML
    """A YAML file of version 1.2, in which `on` is a word."""
    return YAML(typ="safe").load(path)


@dataclass(frozen=True, kw_only=True)
class Forge:
    """A repository, and beside it what is kept: artefacts by their name, and the files of the jobs."""

    repository: Path
    folder: Path
    event: str = "pull_request"

    @property
    def artifacts(self) -> Path:
        """Each artefact in its folder."""
        return self.folder / "artifacts"


@dataclass
class Ended:
    """How a job ended: the exit codes and outputs of its shells."""

    workspace: Path
    codes: list[int] = field(default_factory=list)
    output: str = ""

    @property
    def code(self) -> int:
        """That of the first shell that failed."""
        return next((code for code in self.codes if code), 0)


class _Machine:
    """A machine of its own with a clone: nothing that another job had is there."""

    def __init__(self, forge: Forge, name: str, path: Sequence[Path] = ()) -> None:
        home = forge.folder / name
        self.workspace = home / "work"
        self.ended = Ended(self.workspace)
        self.programs = home / "programs"
        self.programs.mkdir(parents=True)
        (self.programs / "python").symlink_to(sys.executable)
        self.env = {key: value for key, value in os.environ.items() if _MACHINE.fullmatch(key)}
        first = [*map(str, path), str(self.programs)]
        self.env |= {"HOME": str(home), "CI": "true", "PATH": os.pathsep.join([*first, "/usr/bin", "/bin"])}
        git(forge.repository, "clone", "--quiet", str(forge.repository), str(self.workspace))

    def shell(self, script: str, env: Mapping[str, str]) -> int:
        ended = subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.workspace,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        self.ended.codes.append(ended.returncode)
        self.ended.output += f"$ {script}\n{ended.stdout}\n"
        return ended.returncode


class GithubJob:
    """One job of a workflow; `matrix` are the values of its own part of the job matrix."""

    def __init__(
        self,
        forge: Forge,
        name: str,
        matrix: Mapping[str, Any] | None = None,
        *,
        path: Sequence[Path] = (),
        given: frozenset[str] = frozenset(),
    ) -> None:
        self._forge = forge
        self._path = path
        self._given = given
        part = "-".join(map(str, (matrix or {}).values()))
        self._name = f"{name}-{part}" if part else name
        self._job = load(forge.repository / ".github/workflows/matrix.yml")["jobs"][name]
        self._contexts: dict[str, Mapping[str, Any]] = {
            "matrix": matrix or {},
            "runner": {"os": "Linux", "arch": "X64"},
            "github": {
                "event_name": forge.event,
                "token": "t",
                "server_url": f"file://{forge.repository.parent}",
                "repository": forge.repository.name,
            },
        }

    def play(self) -> Ended:
        """Run the steps; one that failed ends the job, but for what is done `if` it is not cancelled."""
        machine = _Machine(self._forge, self._name, self._path)
        state = machine.ended.workspace.parent
        for file in ("env", "path", "summary"):
            (state / file).touch()
        machine.env |= {
            "GITHUB_WORKSPACE": str(machine.workspace),
            "GITHUB_ENV": str(state / "env"),
            "GITHUB_PATH": str(state / "path"),
            "GITHUB_STEP_SUMMARY": str(state / "summary"),
        }
        for step in self._steps(self._job["steps"], machine):
            if not machine.ended.code or "cancelled" in step.get("if", ""):
                self._play(step, machine)
                self._take_over(machine, state)
        return machine.ended

    def _steps(self, steps: Sequence[dict[str, Any]], machine: _Machine) -> Iterator[dict[str, Any]]:
        """The steps, with those of the repository's own actions in their place."""
        for step in steps:
            uses = step.get("uses", "")
            if not uses.startswith("./"):
                yield step
            elif uses not in self._given:
                action = load(machine.workspace / uses / "action.yml")
                self._contexts["inputs"] = {key: self._text(value) for key, value in step["with"].items()}
                assert set(self._contexts["inputs"]) == set(action["inputs"])
                yield from action["runs"]["steps"]

    def _play(self, step: Mapping[str, Any], machine: _Machine) -> None:
        options = {key: self._text(value) for key, value in step.get("with", {}).items()}
        if "run" in step:
            # Within the text of a shell an expression could be anything: there is none.
            assert "${{" not in step["run"]
            env = {key: self._text(value) for key, value in step.get("env", {}).items()}
            machine.shell(step["run"], env)
            return
        match step["uses"].partition("@")[0]:
            case "actions/checkout" | "actions/setup-python" | "actions/cache":
                pass  # is there; each job's cache is its own, and empty when it first runs
            case "actions/upload-artifact":
                _copy(machine.workspace / options["path"], self._forge.artifacts / options["name"])
            case "actions/download-artifact":
                for artifact in sorted(self._forge.artifacts.glob(options["pattern"])):
                    _copy(artifact, machine.workspace / options["path"] / artifact.name)
            case other:
                raise KeyError(other)

    def _take_over(self, machine: _Machine, state: Path) -> None:
        for line in (state / "env").read_text().splitlines():
            key, _, value = line.partition("=")
            machine.env[key] = value
        for line in (state / "path").read_text().splitlines():
            if line not in machine.env["PATH"].split(os.pathsep):
                machine.env["PATH"] = f"{line}{os.pathsep}{machine.env['PATH']}"

    def _text(self, value: object) -> str:
        def told(found: re.Match[str]) -> str:
            if found[1].startswith("hashFiles("):
                return "0"
            context, _, key = found[1].partition(".")
            return str(self._contexts[context][key])

        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", told, str(value).strip())


class GitlabJob:
    """One job of the template; `variables` are those of its own part of `parallel`."""

    def __init__(
        self,
        forge: Forge,
        name: str,
        variables: Mapping[str, str] | None = None,
        *,
        path: Sequence[Path] = (),
        prepared: bool = False,
    ) -> None:
        self._forge = forge
        self._path = path
        self._name = name
        self._variables = variables or {}
        jobs = load(forge.repository / ".gitlab/matrix.yml")
        self._job = {**jobs[".harness"], **jobs[name]}
        self._before = [] if prepared else self._job["before_script"]

    def play(self) -> Ended:
        """Run before_script and script in one shell, as a runner does."""
        part = "-".join(self._variables.values()).replace("/", "-")
        machine = _Machine(self._forge, f"{self._name.replace(':', '-')}-{part}", self._path)
        machine.env |= {"CI_PROJECT_DIR": str(machine.workspace), **self._variables}
        for key, value in self._job["variables"].items():
            machine.env[key] = value.replace("$CI_PROJECT_DIR", str(machine.workspace))
        for need in self._job.get("needs", ()):
            for artifact in sorted(self._forge.artifacts.glob(f"{need.replace(':', '-')}-*")):
                _copy(artifact, machine.workspace)
        machine.shell("\n".join([*self._before, *self._job["script"]]), {})
        for path in self._job.get("artifacts", {}).get("paths", ()):
            kept = self._forge.artifacts / machine.workspace.parent.name / path
            _copy(machine.workspace / path, kept)
        return machine.ended


def git(folder: Path, *arguments: str) -> str:
    """What git says; it must succeed."""
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    return subprocess.run(
        ["git", *identity, *arguments],  # noqa: S607 - whichever there is
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def _copy(source: Path, target: Path) -> None:
    if source.exists():
        shutil.copytree(source, target, dirs_exist_ok=True, symlinks=True)
