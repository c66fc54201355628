"""A real process behind the face of a container."""

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import psutil
import pytest
from pytest_celery import CeleryTestContainer

from harness.nodes.process import ProcessContainer, container_id
from harness.proc.children import Child
from harness.proc.wait import Deadline
from tests.proc.processes import PATIENCE, MakeCommand, Start, until_gone, until_logged

HEEDS_TERM = """
    import os, signal, sys
    def leave(*_):
        print("leaving")
        sys.exit(3)
    signal.signal(signal.SIGTERM, leave)
    print("up", os.getpid())
    while True:
        signal.pause()
"""

IGNORES_TERM = """
    import os, signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("up", os.getpid())
    while True:
        signal.pause()
"""

Contain = Callable[..., ProcessContainer]


@pytest.fixture
def contain(python: MakeCommand, start: Start) -> Contain:
    """What starts a script as a container; it is up when this returns."""

    def contained(
        script: str, *, ports: Mapping[str, int] | None = None, stop_grace: float = PATIENCE
    ) -> ProcessContainer:
        command = replace(python(script), env={**python("").env, "GREETING": "hello"})

        def begin() -> Child:
            child = start(command)
            until_logged(child, rf"up {child.pid}\n")
            return child

        return ProcessContainer("node", begin, ports=lambda: ports or {}, stop_grace=stop_grace)

    return contained


def test_an_id_is_as_dockers_and_the_same_for_the_same_name(contain: Contain) -> None:
    container = contain(HEEDS_TERM)
    assert container.name == "node"
    assert container.id == container_id("node") != container_id("another")
    assert len(container.id) == 64
    assert set(container.id) <= set("0123456789abcdef")


def test_a_status_is_that_of_the_process(contain: Contain) -> None:
    container = contain(HEEDS_TERM)
    assert container.status == "running"
    container.reload()
    assert container.status == "running"
    container.child.stop(grace=PATIENCE)
    assert container.status == "exited"


def test_attributes_are_what_the_wrappers_read(contain: Contain) -> None:
    container = contain(HEEDS_TERM, ports={"6379/tcp": 16379})
    binding = [{"HostIp": "127.0.0.1", "HostPort": "16379"}]
    assert container.attrs["State"] == {"ExitCode": 0}
    assert "GREETING=hello" in container.attrs["Config"]["Env"]
    assert container.attrs["NetworkSettings"]["Ports"] == {"6379/tcp": binding}
    assert container.attrs["HostConfig"]["PortBindings"] == {"6379/tcp": binding}
    container.child.stop(grace=PATIENCE)
    assert container.attrs["State"] == {"ExitCode": 3}


def test_pytest_celery_reads_them(contain: Contain) -> None:
    wrapped = CeleryTestContainer(contain(HEEDS_TERM, ports={"6379/tcp": 16379}))
    assert wrapped.status == "running"
    assert wrapped.ports["6379/tcp"] == [16379]
    assert wrapped.env["GREETING"] == "hello"
    assert wrapped.ips.primary == "127.0.0.1"
    assert "up" in wrapped.logs()
    assert CeleryTestContainer(contain(HEEDS_TERM)).ready()


def test_a_kill_is_final_when_it_returns(contain: Contain) -> None:
    container = contain(IGNORES_TERM)
    process = psutil.Process(container.child.pid)
    container.kill()
    assert container.status == "exited"
    assert container.child.exit_code == -signal.SIGKILL
    assert not process.is_running()


@pytest.mark.parametrize("number", ["TERM", "SIGTERM", signal.SIGTERM, 15])
def test_a_kill_with_another_signal_lets_the_process_act_on_it(contain: Contain, number: str | int) -> None:
    container = contain(HEEDS_TERM)
    container.kill(signal=number)
    assert container.child.wait(Deadline(PATIENCE)) == 3
    assert container.logs().endswith(b"leaving\n")


@pytest.mark.parametrize("number", ["KILL", "SIGKILL", signal.SIGKILL, 9])
def test_a_kill_by_name_or_number_is_a_kill(contain: Contain, number: str | int) -> None:
    container = contain(IGNORES_TERM)
    container.kill(signal=number)
    assert container.status == "exited"


def test_a_restart_is_another_process_with_the_same_identity_and_log(contain: Contain) -> None:
    container = contain(HEEDS_TERM)
    identity, first = container.id, container.child.pid
    container.restart(timeout=PATIENCE)
    assert container.status == "running"
    assert container.id == identity
    assert container.child.pid != first
    assert container.logs().decode() == f"up {first}\nleaving\nup {container.child.pid}\n"


def test_a_restart_kills_what_does_not_heed_it(contain: Contain) -> None:
    container = contain(IGNORES_TERM)
    first = psutil.Process(container.child.pid)
    container.restart(timeout=0.1)
    assert container.status == "running"
    until_gone(first)


def test_a_process_that_was_killed_can_be_restarted(contain: Contain) -> None:
    container = contain(HEEDS_TERM)
    container.kill()
    container.restart()
    assert container.status == "running"


def test_a_command_runs_with_the_environment_and_in_the_folder_of_the_process(
    contain: Contain, python: MakeCommand
) -> None:
    container = contain(HEEDS_TERM)
    assert container.exec_run("sh -c 'echo \"$GREETING from $PWD\"'") == (
        0,
        f"hello from {container.child.command.cwd}\n".encode(),
    )
    assert container.exec_run(["sh", "-c", "echo no >&2; exit 4"]) == (4, b"no\n")
    assert container.exec_run(python("print('ja')").argv) == (0, b"ja\n")
    assert container.logs() == f"up {container.child.pid}\n".encode()


def test_a_removal_asks_first(contain: Contain) -> None:
    container = contain(HEEDS_TERM)
    container.remove()
    assert container.status == "exited"
    assert container.child.exit_code == 3


def test_a_removal_kills_what_does_not_heed_it(contain: Contain) -> None:
    container = contain(IGNORES_TERM, stop_grace=0.1)
    container.remove()
    assert container.child.exit_code == -signal.SIGKILL


def test_a_forced_removal_does_not_wait(contain: Contain) -> None:
    container = contain(IGNORES_TERM, stop_grace=10 * PATIENCE)
    began = time.monotonic()
    container.remove(force=True)
    assert container.child.exit_code == -signal.SIGKILL
    assert time.monotonic() - began < PATIENCE
    container.remove(force=True)
