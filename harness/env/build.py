"""From a lock to an environment. Built in place, used only when its marker file says it is whole.

A cell's environment holds what `python -m venv` and `pip install` would give, and nothing of ours. It is
shared by every cell with the same lock and interpreter.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from harness.env.bytecode import put_bytecode
from harness.env.interpreters import Interpreter
from harness.env.uv import Uv
from harness.errors import StageFailed
from harness.model import Lock
from harness.proc.children import Command, run
from harness.proc.sweep import sweep_orphans
from harness.proc.wait import DeadlineExceeded

COMPLETE = ".complete"
ENVIRONMENTS = "environments"  # the folder of the cache that has them
_FORMAT = "1"  # changes when this module builds otherwise, so that no older environment is reused


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A complete environment."""

    path: Path

    @property
    def digest(self) -> str:
        """What it was built from, in 16 hexadecimal digits."""
        return self.path.name

    @property
    def seed(self) -> str | None:
        """What was put in beside the lock, as `python -m venv` does: a wheel's name, or None."""
        return self._complete["seed"]

    @property
    def _complete(self) -> dict[str, str | None]:
        return json.loads((self.path / COMPLETE).read_text())  # type: ignore[no-any-return]

    def program(self, name: str) -> str:
        """The path of a program installed in it."""
        return str(self.path / "bin" / name)


def build(lock: Lock, *, interpreter: Interpreter, uv: Uv, cache: Path) -> Environment:
    """The environment of `lock`, built when `cache` has none that is whole, with the byte code kept there.

    Raises:
        StageFailed: a distribution cannot be installed; the evidence is what uv says.
    """
    folder = (cache / ENVIRONMENTS).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = Environment(path=folder / environment_digest(lock, interpreter, folder))
    with FileLock(folder / f"{environment.digest}.lock"):
        if why_not_usable(environment) is not None:
            # A builder that was killed may have left a uv that still writes here.
            sweep_orphans()
            shutil.rmtree(environment.path, ignore_errors=True)
            seed = _build_in_place(environment, lock, interpreter, uv)
            put_bytecode(environment.path, interpreter=interpreter, cache=cache)
            _complete(environment, seed)
        # When it was used last.
        (environment.path / COMPLETE).touch()
    return environment


def environment_digest(lock: Lock, interpreter: Interpreter, folder: Path) -> str:
    """The identity of an environment: its distributions, its interpreter, its place, and how we build.

    Its programs begin with the path of their interpreter. A cache that was moved, or that two containers see
    at two places, has therefore one environment a place, and nobody's is built again while they use it.
    """
    built_from = [_FORMAT, lock.distributions, interpreter.version, str(interpreter.path), str(folder)]
    return hashlib.sha256(json.dumps(built_from).encode()).hexdigest()[:16]


def why_not_usable(environment: Environment) -> str | None:
    """None when the environment is whole, else the reason in words."""
    if not environment.path.exists():
        return "there is none"
    if not (environment.path / COMPLETE).exists():
        return "it was left half built"
    if not Path(environment.program("python")).exists():
        return "its interpreter is gone"
    return None


def _build_in_place(environment: Environment, lock: Lock, interpreter: Interpreter, uv: Uv) -> Path | None:
    """Install everything; what was put in beside the lock."""
    requirements = uv.log.parent / "lock.txt"
    requirements.write_text("\n".join(lock.distributions) + "\n")
    # What is built from source is built with the tools of the lock's own time.
    dated = ["--exclude-newer", f"{lock.index_date}T23:59:59Z"] if lock.index_date else []
    install = ["pip", "install", "--quiet", "--no-deps", "--python", environment.program("python")]
    _call(uv, "venv", "--quiet", "--no-project", "--python", interpreter.path, environment.path)
    seed = None if lock.version("setuptools") else _bundled_setuptools(interpreter, uv)
    if seed is not None:
        # uv leaves setuptools out, `python -m venv` puts it in, and old Celery needs its pkg_resources.
        _call(uv, *install, "--no-index", seed)
    _call(uv, *install, *dated, "--requirement", requirements)
    return seed


def _complete(environment: Environment, seed: Path | None) -> None:
    scratch = environment.path / f"{COMPLETE}.{os.getpid()}"
    scratch.write_text(json.dumps({"seed": seed.name if seed else None}) + "\n")
    scratch.replace(environment.path / COMPLETE)


def _call(uv: Uv, *arguments: str | Path) -> None:
    try:
        finished = uv(*arguments)
    except DeadlineExceeded as error:
        raise StageFailed(str(error), log=uv.log.name) from None
    if finished.exit_code != 0:
        raise StageFailed(finished.output, log=uv.log.name)


# Debian keeps ensurepip's wheels in a folder of its own, WHEEL_PKG_DIR.
_FIND_BUNDLED = """
import ensurepip, glob, os, sys, sysconfig
bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
folders = filter(None, [bundled, sysconfig.get_config_var("WHEEL_PKG_DIR")])
wheels = [wheel for folder in folders for wheel in glob.glob(os.path.join(folder, "setuptools-*.whl"))]
print(wheels[0] if wheels and sys.version_info < (3, 12) else "")
"""


def _bundled_setuptools(interpreter: Interpreter, uv: Uv) -> Path | None:
    """The wheel of setuptools that `python -m venv` would install (before Python 3.12), or None."""
    try:
        finished = run(
            Command(
                argv=[str(interpreter.path), "-I", "-c", _FIND_BUNDLED],
                env={"PATH": os.defpath},
                cwd=uv.log.parent,
                log=uv.log,
                marker=uv.marker,
            ),
            timeout=uv.timeout,
        )
    except DeadlineExceeded as error:
        raise StageFailed(str(error), log=uv.log.name) from None
    lines = [line for line in finished.output.splitlines() if line.strip()]
    return Path(lines[-1]) if finished.exit_code == 0 and lines else None
