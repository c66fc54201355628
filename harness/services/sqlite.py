"""SQLite: a file in the attempt's folder, begun as a copy of a migrated one."""

import contextlib
import os
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from harness.services.databases import Address, Database

# Those of a whole field, at a quarter of a megabyte each.
KEPT_FILES = 1_000


def copy_database(source: Path, target: Path) -> None:
    """Copy a file while others may write into it."""
    with (
        contextlib.closing(sqlite3.connect(source)) as there,
        contextlib.closing(sqlite3.connect(target)) as here,
    ):
        there.backup(here)


@dataclass(frozen=True, kw_only=True)
class SqliteFiles:
    """Where the files are: an attempt's in its folder, migrated ones in `cache`, for other runs, too.

    Of the migrated ones those that were used last stay, `kept` of them.
    """

    cache: Path
    kept: int = KEPT_FILES

    def database(self, *, work: Path, template: str) -> Database:
        """The database of an attempt that works in `work`."""
        return SqliteDatabase(
            path=work / "db.sqlite3", template=self.cache / f"{template}.sqlite", kept=self.kept
        )


@dataclass(frozen=True, kw_only=True)
class SqliteDatabase:
    """A file. It stays with what else the attempt leaves: a person may want to look into it."""

    path: Path
    template: Path
    kept: int

    @property
    def address(self) -> Address:
        """The file."""
        return Address(kind="sqlite", name=str(self.path))

    def create(self) -> bool:
        """Copy a migrated file, if there is one; else Django makes it."""
        try:
            os.utime(self.template)  # first: who was used last is not let go of
            shutil.copyfile(self.template, self.path)
        except FileNotFoundError:
            return False
        return True

    def keep(self) -> None:
        """Copy the migrated file, and let go of those that were not used for longest."""
        self.template.parent.mkdir(parents=True, exist_ok=True)
        scratch = self.template.with_suffix(f".{os.getpid()}")
        shutil.copyfile(self.path, scratch)
        scratch.replace(self.template)
        self._remove_unused()

    def _remove_unused(self) -> None:
        by_use = []
        for template in self.template.parent.glob("*.sqlite"):
            with contextlib.suppress(FileNotFoundError):  # another harness removes them, too
                by_use.append((template.stat().st_mtime_ns, template))
        for _, template in sorted(by_use)[: -self.kept]:
            template.unlink(missing_ok=True)

    def drop(self) -> None:
        """Nothing: it goes with the attempt's folder."""
