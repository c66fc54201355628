from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.proc.marker import Marker
from harness.services.databases import Program
from harness.services.own import OwnServer
from tests.proc.processes import PATIENCE, marker, python, start, watch
from tests.services.servers import TOOLS, AnyServer, MakeProcess, Tools, program_or_skip

__all__ = ["marker", "python", "start", "watch"]


@pytest.fixture(scope="module", params=list(TOOLS))
def tools(request: pytest.FixtureRequest) -> Tools:
    """Those of each kind of database server in turn."""
    return TOOLS[request.param]


@pytest.fixture(scope="module")
def program(tools: Tools, tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The server program of this machine."""
    return program_or_skip(tools.kind, tmp_path_factory.mktemp(tools.kind))


@pytest.fixture
def process(tools: Tools, program: Program, marker: Marker, tmp_path: Path) -> Iterator[MakeProcess]:
    """What makes a server that is gone after the test."""
    with ExitStack() as stack:

        def make(name: str = "own", *, program: Program = program, timeout: float = PATIENCE) -> OwnServer:
            log = tmp_path / f"{name}.log"
            made = tools.process(program, log=log, marker=marker.below(name), timeout=timeout)
            stack.callback(made.stop)
            return made

        yield make


@pytest.fixture
def server(process: MakeProcess, marker: Marker, tools: Tools) -> AnyServer:
    """One that has started."""
    own = process()
    own.start()
    return tools.server(address=own.address, marker=marker)
