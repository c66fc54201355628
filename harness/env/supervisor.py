"""Supervisor, in an environment of its own: neither the cell's, which is tested, nor the harness's."""

import platform
import sys
from pathlib import Path

from harness.env.build import Environment, build
from harness.env.interpreters import Interpreter
from harness.env.uv import Uv
from harness.model import Lock

# The one release under which all cells are supervised; docs/decisions/0110-supervised.md says why this one.
VERSION = "4.3.0"


def build_supervisor(*, uv: Uv, cache: Path) -> Environment:
    """The environment of `supervisord`, on the Python of the harness, built when `cache` has none.

    Raises:
        StageFailed: it cannot be installed; the evidence is what uv says.
    """
    interpreter = Interpreter(version=platform.python_version(), path=Path(sys.executable))
    lock = Lock(distributions=(f"supervisor=={VERSION}",), python=interpreter.version)
    return build(lock, interpreter=interpreter, uv=uv, cache=cache)
