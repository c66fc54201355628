"""Minis of a stage: a project that breaks something in each profile, and what the record says of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from harness.model import CellResult, Status
from tests.mini.sites import HERE, Harness, Site, assert_nothing_left, faked_times_of_the_dead, lay_out

IN_UTC: Mapping[str, object] = {
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "",
    "DJANGO_CELERY_BEAT_TZ_AWARE": True,
}
IN_SHANGHAI: Mapping[str, object] = {
    **IN_UTC,
    "TIME_ZONE": "Asia/Shanghai",
    "CELERY_TIMEZONE": "Asia/Shanghai",
}


@dataclass(frozen=True, kw_only=True)
class Mini:
    """A plan called `plan`, which asks for one stage in a profile of `settings` for each way to break it.

    `known` are the ways whose failures are expected, so that nothing is repeated. `changes` are further
    tables of matrix.toml, `options` those of the command.
    """

    plan: str
    stage: str
    ways: Collection[str]
    known: Collection[str]
    settings: Mapping[str, object]
    within: float  # seconds for all of them
    timeouts: Mapping[str, int]
    options: Sequence[str] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)

    def play(self, folder: Path, cache: Path, *, succeeds: bool = True) -> "Played":
        """Run it in a folder; nothing that it started is left."""
        changes = {
            "timeouts": self.timeouts,
            "profiles": {
                f"breaks-{way}": {"reason": "breaks it", "settings": {**self.settings, "BREAK": way}}
                for way in self.ways
            },
            "plans": {
                self.plan: {
                    "reason": "one profile a way to break it",
                    "stacks": ["mini"],
                    "profiles": ["breaks-*"],
                    "checks": [self.stage],
                }
            },
            "expectations": [known(self.stage, *(f"mini@breaks-{way}" for way in self.known))],
            **self.changes,
        }
        site = lay_out(folder, HERE / self.plan / "overlay", changes, cache=cache)
        segments = faked_times_of_the_dead()
        harness = Harness(site, "--plan", self.plan, *self.options)
        code = harness.exit_code(within=self.within)
        assert_nothing_left(harness, segments)
        if succeeds:
            assert code == 0, harness.output
        return Played(
            site=site, results={each.cell.partition("@breaks-")[2]: each for each in results_of(site)}
        )


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of it, by what was broken."""

    site: Site
    results: Mapping[str, CellResult]

    @property
    def failures(self) -> Mapping[str, Mapping[str, str]]:
        """By what was broken, the checks that failed, and what each saw."""
        return {way: failures_of(result) for way, result in self.results.items()}


def known(stage: str, *cells: str) -> Mapping[str, object]:
    """An expectation, for matrix.toml, that a stage fails in some cells."""
    return {
        "cells": list(cells),
        "signature": f"{stage}:*",
        "reason": "it is broken",
        "link": "https://example.org/",
        "expires": date(2099, 1, 1),
    }


def results_of(site: Site) -> list[CellResult]:
    """Every result of a site's runs."""
    return [each for run in site.records().values() for each in run if isinstance(each, CellResult)]


def failures_of(result: CellResult) -> Mapping[str, str]:
    """What each check that failed in the last attempt saw."""
    return {
        check.id: check.failure.excerpt
        for check in result.attempts[-1].checks
        if check.status is Status.FAILED and check.failure is not None
    }
