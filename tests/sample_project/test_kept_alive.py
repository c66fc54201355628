"""supervisord.conf and the systemd units start the same programs, and systemd can read its own."""

import os
import shutil
from configparser import RawConfigParser
from pathlib import Path

import pytest

from harness.cell.project import bundled_project
from harness.proc.children import Command, run
from harness.proc.marker import Marker

UNITS = bundled_project() / "systemd"
PROGRAMS = ("worker", "beat")


def parsed(path: Path) -> RawConfigParser:
    parser = RawConfigParser(inline_comment_prefixes=(";",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_unit_starts_what_supervisor_starts(program: str) -> None:
    supervised = parsed(bundled_project() / "supervisord.conf")[f"program:celery.{program}"]["command"]
    started = parsed(UNITS / f"celery-{program}.service")["Service"]["ExecStart"]
    path, *words = started.removesuffix(" --pidfile=").split()
    assert " ".join((Path(path).name, *words)) == supervised


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_can_read_a_unit(program: str, tmp_path: Path, marker: Marker) -> None:
    # What a reader is told to change, changed to what is there.
    celery = tmp_path / "venv" / "bin" / "celery"
    celery.parent.mkdir(parents=True)
    celery.touch(mode=0o755)
    name = f"celery-{program}.service"
    unit = (UNITS / name).read_text(encoding="utf-8").replace("/srv/izone", str(tmp_path))
    (tmp_path / name).write_text(unit, encoding="utf-8")
    finished = run(
        Command(
            argv=["systemd-analyze", "verify", str(tmp_path / name)],
            env={"PATH": os.environ["PATH"]},
            cwd=tmp_path,
            log=tmp_path / "verify.log",
            marker=marker,
        ),
        timeout=60,
    )
    assert (finished.exit_code, finished.output) == (0, "")
