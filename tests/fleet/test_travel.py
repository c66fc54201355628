import base64
import json
import zlib
from pathlib import Path

import pytest

from harness.cell.project import bundled_project, copy_project, project_digest
from harness.fleet.travel import collect_logs, pack_project, unpack_project, write_logs


def test_a_project_that_has_travelled_has_the_same_digest(tmp_path: Path) -> None:
    copy_project(bundled_project(), tmp_path / "copy")
    unpack_project(pack_project(tmp_path / "copy"), tmp_path / "unpacked")
    assert project_digest(tmp_path / "unpacked") == project_digest(bundled_project())


def test_no_file_is_written_beside_the_project(tmp_path: Path) -> None:
    packed = zlib.compress(json.dumps({"../outside": base64.b64encode(b"x").decode()}).encode())
    with pytest.raises(ValueError, match="outside"):
        unpack_project(packed, tmp_path / "project")
    assert not (tmp_path / "outside").exists()


def test_logs_come_back_to_where_they_were(tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    (there / "attempt-1").mkdir(parents=True)
    (there / "attempt-1" / "worker.log").write_text("é" * 10)
    (there / "attempt-1" / "db.sqlite3").write_bytes(b"no log")
    logs = collect_logs(there)
    assert logs == {"attempt-1/worker.log": "é" * 10}
    write_logs(logs, here)
    assert collect_logs(here) == logs


def test_of_a_long_log_the_end_comes_back(tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_text("x" * 200_000 + "the end")
    [text] = collect_logs(tmp_path).values()
    assert len(text) == 100_000
    assert text.endswith("the end")


def test_no_log_is_written_beside_the_cells_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside"):
        write_logs({"../../records": ""}, tmp_path / "cell")
