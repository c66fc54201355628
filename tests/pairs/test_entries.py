"""Trials from sheets are those of the results themselves."""

import itertools
from pathlib import Path

from harness.matrix.config import load_matrix
from harness.matrix.releases import load_releases, make_field
from harness.pairs.entries import AXES, trials_of_entries
from harness.pairs.trials import trials_of
from harness.records.sheets import entries_of, make_sheet
from harness.records.store import read_runs

ROOT = Path(__file__).parents[2]


def test_sheets_tell_the_trials_that_results_do() -> None:
    axes = {axis: table.values for axis, table in load_matrix(ROOT / "matrix.toml").axes.items()}
    field = make_field(axes, load_releases(ROOT / "releases.json"))
    by_sheet = 0
    for run in read_runs(ROOT / "reports" / "runs", outline=True):
        sheet = make_sheet(
            enumerate(run.results), file=run.header.run, run=run.header.run, plan=run.header.plan, header=""
        )
        told = list(trials_of_entries(entries_of(sheet, AXES), field))
        for one, other in itertools.zip_longest(told, trials_of(run.results, field)):
            assert one == other
        by_sheet += len(told)
    assert by_sheet, "the committed records have trials"
