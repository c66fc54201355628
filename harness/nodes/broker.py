"""A Redis server of our own as pytest-celery's Redis container, for the broker and the backend."""

from pytest_celery import RedisContainer

from harness.nodes.process import ProcessContainer
from harness.services.redis import RedisServer

CONTAINER_PORT = "6379/tcp"


class ProcessRedisContainer(RedisContainer):
    """Redis on loopback. Worker and test share one network, so there is one URL for both."""

    @property
    def port(self) -> int:
        """The server's port. Not by `get_addr`, which takes a test inside Docker for a container."""
        return self.ports[CONTAINER_PORT][0]  # type: ignore[no-any-return]

    @property
    def url(self) -> str:
        """The URL for the worker."""
        return self.host_url

    @property
    def host_url(self) -> str:
        """The URL for the test."""
        return f"{self.prefix()}127.0.0.1:{self.port}/{self.vhost}"

    def get_open_tcp_ports(self) -> list[str]:
        """The container port: `RedisServer.start` returns when it answers."""
        return [CONTAINER_PORT.split("/", maxsplit=1)[0]]


def start_redis_container(name: str, server: RedisServer) -> ProcessContainer:
    """Start `server` behind the face of a container."""
    return ProcessContainer(name, server.start, ports=lambda: {CONTAINER_PORT: server.port})
