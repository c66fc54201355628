"""Machines on one machine: network namespaces with an address each, on a bridge in another one."""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HUB_ADDRESS = "10.77.0.1"
_CLONE_NEWNET = 0x40000000  # from linux/sched.h


class NoNetwork(Exception):
    """This machine, or this user, makes no network namespaces. `str()` is why."""


@dataclass(frozen=True)
class Network:
    """A hub, and machines beside it that reach nothing but the hub."""

    hub: str
    machines: tuple[str, ...]

    def within(self, namespace: str) -> tuple[str, ...]:
        """What a command line begins with that is to run there."""
        return (*_IP, "netns", "exec", namespace)

    def connect(self, port: int) -> socket.socket:
        """A connection to the hub's address, made within the hub: a socket stays where it was made."""
        with ThreadPoolExecutor(1) as elsewhere:
            return elsewhere.submit(_connected, self.hub, port).result()

    def cut_off(self, machine: str) -> None:
        """Unplug a machine."""
        _ip("-n", self.hub, "link", "set", _cable(machine), "down")

    def plug_in(self, machine: str) -> None:
        """Plug it in again."""
        _ip("-n", self.hub, "link", "set", _cable(machine), "up")


@contextlib.contextmanager
def network(machines: int) -> Iterator[Network]:
    """A network for as long as the block lasts.

    Raises:
        NoNetwork: it cannot be made.
    """
    hub = f"hf{os.getpid()}"
    made = Network(hub=hub, machines=tuple(f"{hub}m{number}" for number in range(1, machines + 1)))
    try:
        _ip("netns", "add", hub)
        _ip("-n", hub, "link", "set", "lo", "up")
        _ip("-n", hub, "link", "add", "bridge", "type", "bridge")
        _ip("-n", hub, "addr", "add", f"{HUB_ADDRESS}/24", "dev", "bridge")
        _ip("-n", hub, "link", "set", "bridge", "up")
        for number, machine in enumerate(made.machines, start=2):
            _ip("netns", "add", machine)
            _ip("-n", machine, "link", "set", "lo", "up")
            cable = ("name", "eth", "netns", machine)
            _ip("-n", hub, "link", "add", _cable(machine), "type", "veth", "peer", *cable)
            _ip("-n", hub, "link", "set", _cable(machine), "master", "bridge", "up")
            _ip("-n", machine, "addr", "add", f"10.77.0.{number}/24", "dev", "eth")
            _ip("-n", machine, "link", "set", "eth", "up")
        yield made
    finally:
        for namespace in (*made.machines, hub):
            with contextlib.suppress(NoNetwork):
                _ip("netns", "delete", namespace)


_IP: Sequence[str] = (shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin") or "ip",)


def _cable(machine: str) -> str:
    return f"to-{machine.rpartition('m')[2]}"


def _ip(*arguments: str) -> None:
    try:
        subprocess.run([*_IP, *arguments], check=True, capture_output=True, text=True)
    except OSError as error:
        raise NoNetwork(str(error)) from None
    except subprocess.CalledProcessError as error:
        raise NoNetwork(error.stderr.strip()) from None


def _connected(namespace: str, port: int) -> socket.socket:
    """Of this thread alone, which is then where it connects."""
    with Path("/run/netns", namespace).open() as place:
        if ctypes.CDLL(None, use_errno=True).setns(place.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    return socket.create_connection((HUB_ADDRESS, port), 5)
