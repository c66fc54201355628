"""From a stack's pins to a lock as plain pip chooses: the pip that `python -m venv` puts in for its Python.

Nothing of it is brought up to date, as most people do not: Python 3.6 brings pip 18.1, which takes the first
release it meets, Python 3.13 one that searches. A pip that can say what it would do is asked that; an older
one installs into a copy of its environment, and what is there then is the lock. It is cached as uv's is.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from filelock import FileLock
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.env.interpreters import Interpreter
from harness.env.remembered import digest, index, remember
from harness.env.uv import Uv, installer_environment
from harness.errors import StageFailed
from harness.model import Lock, Question
from harness.proc.children import Command, Finished, run
from harness.proc.wait import DeadlineExceeded

_COMPLETE = ".pip"
_REPORTS = Version("22.2")  # the first with `install --dry-run --report`
# Where uv looks, in pip's words: both are to be asked about the same index.
_INDEX = {
    "UV_INDEX_URL": "PIP_INDEX_URL",
    "UV_DEFAULT_INDEX": "PIP_INDEX_URL",
    "UV_EXTRA_INDEX_URL": "PIP_EXTRA_INDEX_URL",
    "UV_INDEX": "PIP_EXTRA_INDEX_URL",
    "UV_FIND_LINKS": "PIP_FIND_LINKS",
    "SSL_CERT_FILE": "PIP_CERT",
}


@dataclass(frozen=True, kw_only=True)
class Pip:
    """The pip of an interpreter, in an environment with nothing else in it but what `venv` puts there."""

    environment: Path
    version: str

    @property
    def reports(self) -> bool:
        """Whether it can say what it would install."""
        return Version(self.version) >= _REPORTS


def bundled_pip(interpreter: Interpreter, *, uv: Uv, cache: Path) -> Pip:
    """The pip that comes with an interpreter, in an environment made once; `uv` says where to log.

    Raises:
        StageFailed: `python -m venv` cannot make one.
    """
    cache.mkdir(parents=True, exist_ok=True)
    environment = cache / digest(interpreter.version, str(interpreter.path))
    complete = environment / _COMPLETE
    with FileLock(environment.with_suffix(".lock")):
        if not (complete.exists() and _python(environment).exists()):
            shutil.rmtree(environment, ignore_errors=True)
            _call([interpreter.path, "-m", "venv", environment], uv)
            told = _call([_python(environment), "-m", "pip", "--version"], uv).output
            remember(complete, told.split()[1])
    return Pip(environment=environment, version=json.loads(complete.read_text()))


def resolve_by_pip(
    question: Question, *, pip: Pip, interpreter: Interpreter, uv: Uv, cache: Path, today: date | None = None
) -> Lock:
    """The lock that pip answers with, today.

    Raises:
        StageFailed: there is none; the evidence is what pip says.
    """
    today = today or datetime.now(UTC).date()
    asked = [today, question.requirements, pip.version, interpreter.version, index()]
    path = cache / f"pip-{digest(asked)}.json"
    if path.exists():
        distributions = json.loads(path.read_text())
    else:
        distributions = _would_install(question, pip, uv) if pip.reports else _installs(question, pip, uv)
        remember(path, distributions)
    return Lock(distributions=tuple(distributions), python=interpreter.version)


def pip_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What of `environ` pip may see: how to reach the index that uv asks, and nothing that chooses."""
    passed = installer_environment(environ)
    return {
        **{name: value for name, value in passed.items() if not name.startswith("UV_")},
        **{pips: passed[uvs] for uvs, pips in _INDEX.items() if passed.get(uvs)},
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "LC_ALL": "C.UTF-8",
    }


def _would_install(question: Question, pip: Pip, uv: Uv) -> list[str]:
    report = uv.log.parent / "pip-report.json"
    _install(question, pip.environment, uv, "--dry-run", "--report", report)
    chosen = (each["metadata"] for each in json.loads(report.read_text())["install"])
    return _by_name({_distribution(each["name"], each["version"]) for each in chosen})


def _installs(question: Question, pip: Pip, uv: Uv) -> list[str]:
    environment = uv.log.parent / "pip"
    shutil.copytree(pip.environment, environment, symlinks=True)
    try:
        before = _installed(environment, uv)
        _install(question, environment, uv, "--no-compile")
        return _by_name(_installed(environment, uv) - before)
    finally:
        shutil.rmtree(environment, ignore_errors=True)


def _install(question: Question, environment: Path, uv: Uv, *options: str | Path) -> None:
    command = (_python(environment), "-m", "pip", "install", "--progress-bar", "off")
    _call([*command, *options, *question.requirements], uv)


def _installed(environment: Path, uv: Uv) -> set[str]:
    output = _call([_python(environment), "-m", "pip", "freeze", "--all"], uv).output
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)$", output, flags=re.MULTILINE)
    return {_distribution(name, version) for name, version in found}


def _distribution(name: str, version: str) -> str:
    return f"{canonicalize_name(name)}=={version}"


def _by_name(distributions: set[str]) -> list[str]:
    """In uv's order: an environment is the same one whoever chose what is in it."""
    return sorted(distributions, key=lambda each: each.partition("=="))


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


def _call(argv: list[str | Path], uv: Uv) -> Finished:
    # What pip unpacks and builds goes with the stage's other files.
    scratch = uv.log.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    command = Command(
        argv=list(map(str, argv)),
        env={**pip_environment(os.environ), "TMPDIR": str(scratch)},
        cwd=uv.log.parent,
        log=uv.log,
        marker=uv.marker,
        bounded=False,
    )
    try:
        finished = run(command, timeout=uv.timeout)
    except DeadlineExceeded as error:
        raise StageFailed(str(error), log=uv.log.name) from None
    if finished.exit_code != 0:
        raise StageFailed(finished.output, log=uv.log.name)
    return finished
