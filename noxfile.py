#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]"]
# ///
"""The sessions. Each is thin: it prepares one shared environment and calls the harness in it.

`nox -l` lists them; `nox -s matrix -- --help` explains the main one.
"""

import signal
import sys
from pathlib import Path
from typing import Any

import nox

nox.needs_version = ">=2026.8.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["matrix"]

# A nox that is told to end takes its sessions with it, as one that is interrupted does.
signal.signal(signal.SIGTERM, signal.default_int_handler)

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".nox" / "harness"
MATRIX: dict[str, Any] = nox.project.load_toml(HERE / "matrix.toml")
IN_ENVIRONMENT: dict[str, Any] = {"venv_backend": "none", "requires": ["harness"]}


@nox.session(reuse_venv=True, default=False)
def harness(session: nox.Session) -> None:
    """Prepare the environment of the harness, as uv.lock has it."""
    lock = HERE / "uv.lock"
    stamp = ENVIRONMENT / "locked"
    wanted = f"{lock.stat().st_mtime_ns} {sys.version}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    session.run_install(
        *("uv", "sync", "--locked", "--quiet", "--active", "--all-groups"),
        env={"VIRTUAL_ENV": str(ENVIRONMENT), "UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT)},
    )
    stamp.write_text(wanted)


@nox.session(**IN_ENVIRONMENT)
def matrix(session: nox.Session) -> None:
    """Run the cells of a plan live and report (-- --help)."""
    _harness(session, "matrix")


@nox.session(default=False, **IN_ENVIRONMENT)
def doctor(session: nox.Session) -> None:
    """Say what this machine has and lacks, and what each absence costs."""
    _harness(session, "doctor")


@nox.session(default=False, **IN_ENVIRONMENT)
def diagnose(session: nox.Session) -> None:
    """Find the line that mends what failed, by running changed cells (-- --help)."""
    _harness(session, "diagnose")


@nox.session(default=False, **IN_ENVIRONMENT)
def check(session: nox.Session) -> None:
    """Say whether a project works, by its requirements file, lock or environment (-- --help)."""
    _harness(session, "check", "--folder", session.invoked_from)


@nox.session(default=False, **IN_ENVIRONMENT)
def explain(session: nox.Session) -> None:
    """Tell everything known about a cell, a signature, or a pair of versions (-- --help)."""
    _harness(session, "explain")


@nox.session(default=False, **IN_ENVIRONMENT)
def pick(session: nox.Session) -> None:
    """Pick versions that are known to work together, with the proof (-- --help)."""
    _harness(session, "pick", "--folder", session.invoked_from)


@nox.session(default=False, **IN_ENVIRONMENT)
def gate(session: nox.Session) -> None:
    """Hold a plan against its baseline: did anything that worked stop working? (-- --help)."""
    _harness(session, "gate")


@nox.session(default=False, **IN_ENVIRONMENT)
def baseline(session: nox.Session) -> None:
    """Accept what is recorded as what the gate holds the present against (-- --help)."""
    _harness(session, "baseline")


@nox.session(default=False, **IN_ENVIRONMENT)
def merge(session: nox.Session) -> None:
    """Join the records of a plan's shards into one run (-- --help)."""
    _harness(session, "merge")


@nox.session(default=False, name="fleet-worker", **IN_ENVIRONMENT)
def fleet_worker(session: nox.Session) -> None:
    """Run cells for a fleet on this machine (-- --help)."""
    _harness(session, "fleet-worker")


@nox.session(default=False, **IN_ENVIRONMENT)
def ci(session: nox.Session) -> None:
    """Write what runs a plan in GitHub's or GitLab's CI (-- --help)."""
    _harness(session, "ci")


@nox.session(default=False, **IN_ENVIRONMENT)
def report(session: nox.Session) -> None:
    """Render reports/ from the records again, without running anything."""
    _harness(session, "report")


@nox.session(default=False, tags=["update"], **IN_ENVIRONMENT)
def update(session: nox.Session) -> None:
    """Look for new releases, and write them into matrix.toml and releases.json (-- --check)."""
    _harness(session, "update")


@nox.session(default=False, tags=["update"], **IN_ENVIRONMENT)
def reference(session: nox.Session) -> None:
    """Write the generated pages of docs/reference, the JSON schema of matrix.toml among them."""
    _harness(session, "reference")


@nox.session(default=False, tags=["test"], **IN_ENVIRONMENT)
def tests(session: nox.Session) -> None:
    """Run the tests, the ones with live processes included (-- pytest options)."""
    # One process for the minis, one for all else. A part is not worth their start.
    several = () if session.posargs else ("--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder")
    session.run(_program("pytest"), "--cov", *several, *session.posargs, external=True)


@nox.session(default=False, tags=["lint"], **IN_ENVIRONMENT)
def lint(session: nox.Session) -> None:
    """Check style, types, layers and generated files."""
    session.run(_program("ruff"), "check", external=True)
    session.run(_program("ruff"), "format", "--check", external=True)
    session.run(_program("mypy"), external=True)
    session.run(_program("lint-imports"), external=True)
    _harness(session, "reference", "--check")
    _harness(session, "ci", "github", "gitlab", "--check")


@nox.session(default=False, **IN_ENVIRONMENT)
def bench(session: nox.Session) -> None:
    """Measure the speed against a plain noxfile and against the floor (-- --help)."""
    session.run(_program("python"), "-m", "bench", *session.posargs, external=True)


def _harness(session: nox.Session, *arguments: str) -> None:
    command = (_program("python"), "-m", "harness", *arguments, *session.posargs)
    # Interrupted, it stops what it has started before it ends: give it the time.
    session.run(*command, external=True, interrupt_timeout=30, terminate_timeout=30)


def _program(name: str) -> str:
    return str(ENVIRONMENT / "bin" / name)


def _cell(stack: str, reason: str) -> None:
    """One session per stack, for people and for nox's own parallelism."""

    def cell(session: nox.Session) -> None:
        _harness(session, "matrix", "--select", f"{stack}@*")

    cell.__doc__ = f"Run {reason}."
    nox.session(name=f"cell({stack})", default=False, tags=["seed"], allow_parallel=True, **IN_ENVIRONMENT)(
        cell
    )


for _name, _table in MATRIX["stacks"].items():
    _cell(_name, _table["reason"])

if __name__ == "__main__":
    nox.main()
