"""Calling uv. The only place that knows its command line and the environment variables it may see."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from harness.errors import ToolMissing
from harness.proc.children import Command, Finished, run
from harness.proc.marker import Marker

# What an installer needs on somebody's machine: where the index is, how to get there, where to cache.
# Nothing that would choose other versions (UV_CONSTRAINT, UV_EXCLUDE_NEWER, UV_PRERELEASE, ...).
_PASSED = frozenset(
    [
        "HOME",
        "PATH",
        "TMPDIR",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "NETRC",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SSL_CLIENT_CERT",
        "UV_CACHE_DIR",
        "UV_DEFAULT_INDEX",
        "UV_INDEX",
        "UV_INDEX_URL",
        "UV_EXTRA_INDEX_URL",
        "UV_FIND_LINKS",
        "UV_OFFLINE",
        "UV_NATIVE_TLS",
        "UV_SYSTEM_CERTS",
        "UV_INSECURE_HOST",
        "UV_HTTP_TIMEOUT",
        "UV_HTTP_RETRIES",
        "UV_KEYRING_PROVIDER",
        "UV_PYTHON_DOWNLOADS",
        "UV_PYTHON_INSTALL_DIR",
        "UV_PYTHON_INSTALL_MIRROR",
        "UV_LINK_MODE",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Uv:
    """uv, called for one purpose: its output goes to `log`, its processes carry `marker`."""

    log: Path
    marker: Marker
    timeout: float
    path_prefix: tuple[str, ...] = ()

    def __call__(self, *arguments: str | Path) -> Finished:
        """Run `uv ARGUMENTS` without any configuration file.

        Raises:
            DeadlineExceeded: it did not end within `timeout` seconds.
        """
        argv = [uv_binary(), *map(str, arguments), "--no-config", "--no-progress", "--color", "never"]
        return run(
            Command(
                argv=argv,
                env=installer_environment(os.environ, path_prefix=self.path_prefix),
                cwd=self.log.parent,
                log=self.log,
                marker=self.marker,
                bounded=False,
            ),
            timeout=self.timeout,
        )


def uv_binary() -> str:
    """The path of uv.

    Raises:
        ToolMissing: the package `uv` is there without its program.
    """
    try:
        return find_uv_bin()
    except FileNotFoundError as error:
        raise ToolMissing(f"uv is not there: {error}", hint="pip install uv") from None


def installer_environment(environ: Mapping[str, str], *, path_prefix: Sequence[str] = ()) -> dict[str, str]:
    """What of `environ` uv may see."""
    env = {
        name: value
        for name, value in environ.items()
        if name in _PASSED or re.fullmatch(r"UV_INDEX_\w+_(?:USERNAME|PASSWORD)", name)
    }
    env["PATH"] = os.pathsep.join(filter(None, (*path_prefix, env.get("PATH", os.defpath))))
    return env
