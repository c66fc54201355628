"""What a user would write without the harness: a session per stack, nox's own environments, the real clock.

Each session installs a stack's locked pins and runs the same checks on a live worker and beat. Run it
with `nox -j 2`; BENCH_CELLS is the JSON that `python -m bench` made: [{name, python, requirements, spec}].
"""

import json
import os
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
CELLS = json.loads(Path(os.environ["BENCH_CELLS"]).read_text())
RUN_CHECKS = Path(__file__).parent.parent / "run_checks.py"


def stack(session: nox.Session, number: int) -> None:
    """Install one stack and run the checks on it."""
    cell = CELLS[number]
    session.install("--no-deps", *cell["requirements"])
    command = (os.environ["BENCH_PYTHON"], str(RUN_CHECKS), cell["spec"], session.virtualenv.location)
    session.run(*command, external=True)


for _number, _cell in enumerate(CELLS):

    def _session(session: nox.Session, number: int = _number) -> None:
        stack(session, number)

    _session.__doc__ = f"The checks on {_cell['name']}."
    nox.session(name=_cell["name"], python=_cell["python"], allow_parallel=True)(_session)
