"""SQLite: a file in the attempt's folder, begun as a copy of a migrated one."""

import contextlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from harness.services.databases import Address, Database


def copy_database(source: Path, target: Path) -> None:
    """Copy a file while others may write into it."""
    with (
        contextlib.closing(sqlite3.connect(source)) as there,
        contextlib.closing(sqlite3.connect(target)) as here,
    ):
        there.backup(here)


@dataclass(frozen=True, kw_only=True)
class SqliteFiles:
    """Where the files are: an attempt's in its folder, migrated ones in `cache`, for other runs, too."""

    cache: Path

    def database(self, *, work: Path, template: str) -> Database:
        """The database of an attempt that works in `work`."""
        return SqliteDatabase(path=work / "db.sqlite3", template=self.cache / f"{template}.sqlite")

    def forget(self, beginning: str) -> None:
        """Remove the migrated files whose names begin so."""
        for template in self.cache.glob(f"{beginning}*.sqlite"):
            template.unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True)
class SqliteDatabase:
    """A file. It stays with what else the attempt leaves: a person may want to look into it."""

    path: Path
    template: Path

    @property
    def address(self) -> Address:
        """The file."""
        return Address(kind="sqlite", name=str(self.path))

    def create(self) -> bool:
        """Copy a migrated file, if there is one; else Django makes it."""
        if not self.template.exists():
            return False
        shutil.copyfile(self.template, self.path)
        return True

    def keep(self) -> None:
        """Copy the migrated file."""
        self.template.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.template.with_suffix(f".{os.getpid()}")
        shutil.copyfile(self.path, scratch)
        scratch.replace(self.template)

    def drop(self) -> None:
        """Nothing: it goes with the attempt's folder."""
