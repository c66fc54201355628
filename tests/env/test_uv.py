"""Calling uv: what it may see of this machine, and what it may not."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from harness.env.uv import Uv, installer_environment, uv_binary
from harness.errors import ToolMissing
from harness.proc.marker import VARIABLE
from tests.env.index import LocalIndex, Release

# Where the index is, how to get there and whom to trust on the way.
LET_THROUGH = (
    "HOME",
    "TMPDIR",
    "NETRC",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
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
    "UV_SYSTEM_CERTS",
    "UV_HTTP_TIMEOUT",
    "UV_PYTHON_DOWNLOADS",
    "UV_PYTHON_INSTALL_DIR",
)
# What would choose other versions, another Python, or another way to build.
KEPT_OUT = (
    "UV_BUILD_CONSTRAINT",
    "UV_CONFIG_FILE",
    "UV_CONSTRAINT",
    "UV_CUSTOM_COMPILE_COMMAND",
    "UV_EXCLUDE_NEWER",
    "UV_INDEX_STRATEGY",
    "UV_NO_BINARY",
    "UV_NO_BUILD",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PROJECT",
    "UV_PYTHON",
    "UV_PYTHON_PREFERENCE",
    "UV_RESOLUTION",
    "UV_SYSTEM_PYTHON",
    "UV_TORCH_BACKEND",
    "UV_WORKING_DIR",
    "PIP_CONSTRAINT",
    "PIP_FIND_LINKS",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "DJANGO_SETTINGS_MODULE",
)


@pytest.mark.parametrize("variable", LET_THROUGH)
def test_the_way_to_the_index_is_let_through(variable: str) -> None:
    assert installer_environment({variable: "a value"})[variable] == "a value"


@pytest.mark.parametrize("variable", KEPT_OUT)
def test_nothing_that_chooses_is_let_through(variable: str) -> None:
    assert set(installer_environment({variable: "a value"})) == {"PATH"}


@pytest.mark.parametrize("variable", ["UV_INDEX_OURS_USERNAME", "UV_INDEX_OURS_PASSWORD"])
def test_the_credentials_of_a_named_index_are_let_through(variable: str) -> None:
    environment = installer_environment({"UV_INDEX": "ours=https://example.org/simple", variable: "secret"})
    assert variable in environment


def test_the_prefix_goes_before_the_path() -> None:
    environment = installer_environment({"PATH": "/usr/bin"}, path_prefix=["/one", "/two"])
    assert environment == {"PATH": os.pathsep.join(["/one", "/two", "/usr/bin"])}


def test_there_is_a_path_even_where_there_is_none() -> None:
    assert installer_environment({})["PATH"] == os.defpath


def test_the_environment_that_is_read_is_not_changed() -> None:
    environ = {"PATH": "/usr/bin", "UV_CONSTRAINT": "a.txt"}
    installer_environment(environ, path_prefix=["/one"])
    assert environ == {"PATH": "/usr/bin", "UV_CONSTRAINT": "a.txt"}


def test_uv_is_a_program() -> None:
    assert Path(uv_binary()).stat().st_mode & stat.S_IXUSR


def test_a_missing_uv_is_told_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_none() -> str:
        raise FileNotFoundError("no uv in /nowhere")

    monkeypatch.setattr("harness.env.uv.find_uv_bin", find_none)
    with pytest.raises(ToolMissing, match="no uv in /nowhere") as missing:
        uv_binary()
    assert missing.value.hint == "pip install uv"


def test_a_call_has_an_exit_code_and_an_output_that_is_also_in_its_log(uv: Uv) -> None:
    finished = uv("--version")
    assert finished.exit_code == 0
    assert finished.output.startswith("uv ")
    assert uv.log.read_text() == finished.output


def test_a_call_that_fails_is_a_value_too(uv: Uv) -> None:
    finished = uv("no-such-command")
    assert finished.exit_code == 2
    assert "no-such-command" in finished.output


def test_the_output_of_a_call_is_not_that_of_the_call_before(uv: Uv) -> None:
    assert uv("--version").output == uv("--version").output
    assert len(uv.log.read_text().splitlines()) == 2


def test_a_call_carries_the_marker_and_nothing_of_ours_beside(
    uv: Uv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "uv"
    spy.write_text("#!/bin/sh\nenv\n")
    spy.chmod(0o755)
    monkeypatch.setattr("harness.env.uv.find_uv_bin", lambda: str(spy))
    monkeypatch.setenv("UV_CONSTRAINT", "constraints.txt")
    output = uv("anything").output
    assert f"{VARIABLE}={uv.marker.text}\n" in output
    assert "UV_CONSTRAINT" not in output


@pytest.mark.parametrize("place", ["stage", "home"])
def test_no_configuration_file_is_read(
    place: str, uv: Uv, index: LocalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A uv.toml beside the log or in the home folder would take all releases away."""
    index.add(Release(name="django", version="4.2.11"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    folder = uv.log.parent if place == "stage" else tmp_path / ".config" / "uv"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "uv.toml").write_text('exclude-newer = "2001-01-01T00:00:00Z"\n')
    (uv.log.parent / "requirements.in").write_text("django\n")
    finished = uv("pip", "compile", "--quiet", "--no-header", "requirements.in")
    assert "django==4.2.11" in finished.output


def test_uv_gets_the_pythons_of_its_prefix(uv: Uv, tmp_path: Path) -> None:
    spy = tmp_path / "bin" / "python3.99"
    spy.parent.mkdir()
    spy.write_text('#!/bin/sh\necho asked >> "$0.log"\nexit 1\n')
    spy.chmod(0o755)
    replace(uv, path_prefix=(str(spy.parent),))("python", "list", "--only-installed")
    assert spy.with_name("python3.99.log").read_text().startswith("asked")
