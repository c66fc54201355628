"""What is left of a cell that has nothing to tell."""

from pathlib import Path

from harness.cell.leftovers import remove_logs


def test_nothing_is_left_without_pictures(tmp_path: Path) -> None:
    cell = tmp_path / "cell"
    (cell / "attempt-1" / "pictures").mkdir(parents=True)
    (cell / "attempt-1" / "beat.log").touch()
    remove_logs(cell)
    assert not cell.exists()
    remove_logs(cell)  # there may be none


def test_pictures_are_left_of_every_attempt(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cell = tmp_path / "cell"
    for attempt in ("attempt-1", "attempt-2"):
        (cell / attempt / "cache").mkdir(parents=True)
        (cell / attempt / "beat.log").touch()
        (cell / attempt / "link").symlink_to(elsewhere)
    picture = cell / "attempt-2" / "pictures" / "form.png"
    picture.parent.mkdir()
    picture.touch()
    remove_logs(cell)
    assert {path for path in cell.rglob("*") if path.is_file()} == {picture}
    assert elsewhere.exists()
