"""The command lines of the gate and of its baseline."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.commands.arguments import add_only, positive, seconds
from harness.commands.baseline import BaselineOptions
from harness.commands.feed import Budget
from harness.commands.gate import GateOptions
from harness.model import ClockKind

_GATE = """\
Run a plan and hold it against its baseline, cell by cell, check by check, invariant by invariant. What
passed and fails is tried with the baseline's own lock: if that fails today, too, it is drift. Else it
regressed; the releases that differ are searched for the culprit.
"""
_GATE_EPILOGUE = """
examples:
  nox -s gate                                      everything of the plan gate
  nox -s gate -- --null                            with the baseline's own locks: what differs is noise
  nox -s gate -- --only @reports/gate/failed.txt   what failed the last gate
  nox -s gate -- --recorded shards                 what other machines have run; tries what is worse

writes reports/gate: summary.md, gate.json, junit.xml, code-quality.json (GitLab), failed.txt. Within a
GitHub workflow it also writes the job's summary and annotations.

exit codes:
  0  nothing is worse
  1  something is: a cell or a check regressed, is flaky or is missing; an expectation is stale or expired
  2  the command line, matrix.toml or the baseline is wrong
  3  the machine kept a cell of the baseline from being determined
  4  drift: what is worse is so with the baseline's own locks, too
  129, 130, 143  interrupted
"""
_BASELINE = """\
Accept what the records say of a plan: its newest results become the baseline of the gate. Nothing is
run. A cell that could not be determined keeps what is known of it.
"""
_BASELINE_EPILOGUE = """
examples:
  nox -s matrix -- --plan gate && nox -s baseline      the first one
  nox -s baseline -- --select 'django-6.0*'            what the last gate saw, of some cells

exit codes:
  0  every cell that was asked for is accepted     2  the command line, matrix.toml or the baseline is wrong
  3  some cell has no result to accept
"""


def gate_options(options: argparse.Namespace) -> GateOptions:
    """What was asked for."""
    return GateOptions(
        plan=options.plan,
        baseline=options.baseline,
        select=_select(options),
        jobs=options.jobs,
        clock=ClockKind(options.clock) if options.clock else None,
        recorded=options.recorded,
        null=options.null,
        budget=Budget(seconds=options.budget),
    )


def baseline_options(options: argparse.Namespace) -> BaselineOptions:
    """What was asked for."""
    return BaselineOptions(
        plan=options.plan, file=options.baseline, select=_select(options), recorded=options.recorded
    )


def _select(options: argparse.Namespace) -> tuple[str, ...]:
    return (*options.select, *(name for some in options.only for name in some))


def _add_both(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plan", default="gate", metavar="NAME", help="a plan of matrix.toml (%(default)s)")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="the baseline; its locks are beside it (baseline.jsonl)"
    )
    parser.add_argument(
        "--select", action="append", default=[], metavar="GLOB", help="only cells whose id matches"
    )
    add_only(parser)


def _add_gate(parser: argparse.ArgumentParser) -> None:
    _add_both(parser)
    present = parser.add_mutually_exclusive_group()
    present.add_argument(
        "--null", action="store_true", help="install the baseline's own locks: what differs is noise"
    )
    present.add_argument(
        "--recorded", type=Path, metavar="DIR", help="take the records of this folder for the present"
    )
    parser.add_argument(
        "--budget",
        type=seconds,
        default=600.0,
        metavar="TIME",
        help="look for culprits so long at most, such as 90s, 30m or 2h (10m)",
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="cells at a time")
    parser.add_argument("--clock", choices=[str(kind) for kind in ClockKind], help="as for nox -s matrix")


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    _add_both(parser)
    parser.add_argument("--recorded", type=Path, metavar="DIR", help="the folder of records (reports/runs)")


# By verb: its summary, description and epilogue, and what adds its options.
VERBS: Mapping[str, tuple[str, str, str, Callable[[argparse.ArgumentParser], None]]] = {
    "gate": ("hold a plan against its baseline", _GATE, _GATE_EPILOGUE, _add_gate),
    "baseline": ("accept what is recorded for the gate", _BASELINE, _BASELINE_EPILOGUE, _add_baseline),
}
