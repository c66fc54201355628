"""SQLite: what begins as a copy of a migrated file, and which of those are kept."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from harness.services.sqlite import SqliteDatabase, SqliteFiles, copy_database


def begun(files: SqliteFiles, work: Path, template: str) -> tuple[SqliteDatabase, bool]:
    """A database of an attempt, and whether it is a copy."""
    work.mkdir(parents=True)
    database = files.database(work=work, template=template)
    assert isinstance(database, SqliteDatabase)
    return database, database.create()


def migrate(database: SqliteDatabase) -> None:
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("create table migrated (id integer)")


def tables(database: SqliteDatabase) -> list[str]:
    with closing(sqlite3.connect(database.path)) as connection:
        return [name for (name,) in connection.execute("select name from sqlite_master")]


def test_what_is_migrated_alike_begins_as_a_copy(tmp_path: Path) -> None:
    files = SqliteFiles(cache=tmp_path / "cache")
    first, copied = begun(files, tmp_path / "first", "same")
    assert not copied
    migrate(first)
    first.keep()

    second, copied = begun(files, tmp_path / "second", "same")
    assert (copied, tables(second)) == (True, ["migrated"])
    _, copied = begun(files, tmp_path / "third", "other")
    assert not copied


def test_those_that_were_not_used_for_longest_go(tmp_path: Path) -> None:
    files = SqliteFiles(cache=tmp_path / "cache", kept=2)
    for template in ("first", "second"):
        database, _ = begun(files, tmp_path / template, template)
        migrate(database)
        database.keep()
        os.utime(database.template, ns=(1, 1))
    begun(files, tmp_path / "again", "first")

    third, _ = begun(files, tmp_path / "third", "third")
    migrate(third)
    third.keep()

    assert sorted(kept.stem for kept in files.cache.iterdir()) == ["first", "third"]


def test_what_a_writer_has_not_brought_into_its_file_is_copied_too(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "from")) as writing:
        writing.execute("pragma journal_mode = wal")  # until somebody tidies up it is in a file beside
        writing.execute("create table kept (id integer)")
        writing.commit()
        copy_database(tmp_path / "from", tmp_path / "to")
    with closing(sqlite3.connect(tmp_path / "to")) as copied:
        assert copied.execute("select name from sqlite_master").fetchall() == [("kept",)]
