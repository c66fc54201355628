"""Byte code that was made in one environment, put into the next one with the same distributions.

uv links one and the same source file into every environment. Its size and time, by which Python knows whether
byte code belongs to it (PEP 552 tells the layout), are the same in all of them; byte code of other sources is
made anew, as if it were not there. What is put in is what Python itself wrote, in an environment that worked.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from harness.env.interpreters import Interpreter

_FOLDER = "__pycache__"


def keep_bytecode(environment: Path, *, interpreter: Interpreter, cache: Path) -> None:
    """Keep the byte code in an environment, of each distribution of which none is kept.

    The first to bring a distribution decides what is kept of it, so it should have been used well.
    """
    kept = _of_interpreter(cache, interpreter)
    for packages in _site_packages(environment):
        for distribution in distributions(path=[str(packages)]):
            target = kept / _name(distribution)
            if not target.exists():
                _keep(distribution, packages, target)


def put_bytecode(environment: Path, *, interpreter: Interpreter, cache: Path) -> None:
    """Put what is kept of an environment's distributions into it."""
    kept = _of_interpreter(cache, interpreter)
    for packages in _site_packages(environment):
        for distribution in distributions(path=[str(packages)]):
            _link_all(kept / _name(distribution), packages)


def _keep(distribution: Distribution, packages: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        folders = {Path(file).parent for file in distribution.files or () if file.suffix == ".py"}
        sources = {Path(file) for file in distribution.files or () if file.suffix == ".py"}
        for folder in sorted(folders):
            for code in sorted((packages / folder / _FOLDER).glob("*.pyc")):
                # module.cpython-39.pyc, or module.cpython-39.opt-1.pyc
                if folder / f"{code.name.partition('.')[0]}.py" in sources:
                    _link(code, scratch / folder / _FOLDER / code.name)
        # Somebody else may have been quicker; whose it is does not matter.
        with contextlib.suppress(OSError):
            scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _link_all(kept: Path, packages: Path) -> None:
    for folder, _, names in os.walk(kept):
        for name in names:
            code = Path(folder) / name
            _link(code, packages / code.relative_to(kept))


def _link(code: Path, target: Path) -> None:
    """The same file again; nothing where there is one, or where a file cannot be in two places."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        os.link(code, target)


def _site_packages(environment: Path) -> Iterator[Path]:
    return environment.glob("lib/python*/site-packages")


def _of_interpreter(cache: Path, interpreter: Interpreter) -> Path:
    which = hashlib.sha256(f"{interpreter.version} {interpreter.path}".encode()).hexdigest()[:16]
    return cache / "bytecode" / which


def _name(distribution: Distribution) -> str:
    return f"{distribution.name}-{distribution.version}"
