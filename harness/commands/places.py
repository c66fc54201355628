"""Where the harness keeps what."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from harness.matrix.shard import Shard

DEFAULT_PLAN = "default"


@dataclass(frozen=True, kw_only=True)
class Places:
    """Files and folders of one checkout."""

    matrix: Path
    state: Path
    reports: Path

    @property
    def releases(self) -> Path:
        """What the package index said of the axes' packages."""
        return self.matrix.with_name("releases.json")

    @property
    def cache(self) -> Path:
        """Locks, environments, byte code and migrated databases: safe to remove while nothing runs."""
        return self.state / "cache"

    @property
    def work(self) -> Path:
        """The files of cells, by run."""
        return self.state / "runs"

    @property
    def records(self) -> Path:
        """The records, by run."""
        return self.reports / "runs"

    @property
    def baseline(self) -> Path:
        """What the gate holds the present against."""
        return self.reports / "baseline.jsonl"

    @property
    def gate(self) -> Path:
        """What the last gate said, in every format."""
        return self.reports / "gate"

    def report(self, plan: str, suffix: str) -> Path:
        """A rendered report: README for the default plan, where people look first."""
        name = "README" if plan == DEFAULT_PLAN and suffix == "md" else plan
        return self.reports / f"{name}.{suffix}"

    def of_shard(self, plan: str, shard: Shard) -> Self:
        """The same, but that records and reports go into a folder of the shard's own, for `nox -s merge`."""
        return replace(self, reports=self.shards / f"{plan}-{shard.number}-of-{shard.count}")

    @property
    def shards(self) -> Path:
        """What shards leave, each in its folder."""
        return self.reports / "shards"
