"""The record store as it grows: reading, judging, planning for and rendering generated records, and answers.

Each number of records is measured in a process of its own, as a command goes about it: one stage after the
other, in one process. Seconds are of CPU, which is one core's; memory is the largest until the stage ended.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from bench.generated import generate
from harness.commands.check import CheckOptions, run_check
from harness.commands.explain import find_answer
from harness.commands.feed import NO_BUDGET
from harness.commands.field_feed import FieldFeed
from harness.commands.pick import run_pick
from harness.commands.pick_asked import PickOptions
from harness.commands.places import Places
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.field import Field
from harness.matrix.plan import make_plan
from harness.matrix.releases import load_releases, make_field
from harness.model import CellResult, Verdict
from harness.pairs.verdicts import FieldKnowledge
from harness.records.shelf import open_shelf
from harness.records.store import Run, newest_results, read_runs
from harness.records.verdict import judging_attempts, verdict_of
from harness.report import data, markdown_culprits, markdown_pairs
from harness.report.culprits import make_culprit_view
from harness.report.pairs import make_pair_view

ROOT = Path(__file__).parent.parent
PLAN = "field"
NUMBERS = (10_000, 50_000, 100_000)
# What so many records may take at most.
RECORDS, SECONDS, MEBIBYTES = 100_000, 10, 1024
# What `nox -s pick`, `check` and `explain` do; no part of the whole, which is what a plan's run does.
ANSWER = "answer"
ANSWER_SECONDS = 2

T = TypeVar("T")
# Does some work, and notes under a name what it took.
Stage = Callable[[str, Callable[[], object]], object]


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What a stage took: seconds of CPU and of the clock, and the most memory until then, in MiB."""

    stage: str
    cpu: float
    seconds: float
    mebibytes: float


@dataclass(frozen=True, kw_only=True)
class Stored:
    """So many records, of so many bytes a line, and what each stage took with them."""

    records: int
    bytes_each: float
    stages: tuple[Spent, ...]

    @property
    def whole(self) -> Spent:
        """All stages of a plan's run together."""
        stages = [each for each in self.stages if not each.stage.startswith(ANSWER)]
        return Spent(
            stage="all but answers",
            cpu=sum(each.cpu for each in stages),
            seconds=sum(each.seconds for each in stages),
            mebibytes=max(each.mebibytes for each in stages),
        )


def measure(numbers: Sequence[int]) -> Iterator[Stored]:
    """Generate so many records in a folder of their own, and go through them; one number after the other."""
    matrix = load_matrix(ROOT / "matrix.toml")
    profile = matrix.profiles["startproject"]
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            runs = Path(folder) / "runs"
            generate(runs, number, real_field(), profile)
            size = sum(path.stat().st_size for path in runs.iterdir())
            command = [sys.executable, "-m", "bench.store", str(runs)]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        stages = tuple(Spent(**each) for each in json.loads(done.stdout))
        yield Stored(records=number, bytes_each=size / number, stages=stages)


def real_field() -> Field:
    """The field of matrix.toml and releases.json."""
    axes: Mapping[str, Sequence[str]] = {
        axis: table.values for axis, table in load_matrix(ROOT / "matrix.toml").axes.items()
    }
    return make_field(axes, load_releases(ROOT / "releases.json"))


def go_through(runs: Path) -> list[Spent]:
    """Read, judge, plan for and render the records of a folder."""
    field = real_field()
    settling = make_plan(load_matrix(ROOT / "matrix.toml"), PLAN).settling
    assert settling is not None, f"the plan {PLAN!r} does not settle pairs"
    spent: list[Spent] = []

    def stage(name: str, work: Callable[[], T]) -> T:
        cpu, began = time.process_time(), time.monotonic()
        done = work()
        cpu, seconds = time.process_time() - cpu, time.monotonic() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        spent.append(Spent(stage=name, cpu=cpu, seconds=seconds, mebibytes=memory))
        return done

    def read() -> tuple[Sequence[Run], Mapping[str, CellResult]]:
        every = read_runs(runs, outline=True)
        return every, newest_results(every)

    def plan() -> FieldKnowledge:
        feed = FieldFeed(field, settling, seeds=(), known=results.values(), budget=NO_BUDGET)
        feed.next_cell()
        return feed.knowledge

    def render() -> None:
        view = make_pair_view(known, results, plan=PLAN, machine=None)
        markdown_pairs.render(view)
        data.render(view)

    def diagnose() -> None:
        view = make_culprit_view(every, known.today)
        markdown_culprits.render(view)
        data.render(view)

    matrix = load_matrix(ROOT / "matrix.toml")
    every, results = stage("reading", read)
    stage("judging", lambda: [verdict_of(result) for result in results.values()])
    known = stage("planning", plan)
    stage("rendering", render)
    stage("culprits", diagnose)
    _ask(stage, results.values(), matrix, runs)
    return spent


def _ask(stage: Stage, results: Collection[CellResult], matrix: Matrix, runs: Path) -> None:
    """What people ask, each question once, and two of them when a run has just written its records."""
    places = Places(matrix=ROOT / "matrix.toml", state=runs.parent / "state", reports=runs.parent)
    nowhere = Console(file=io.StringIO())

    def explain(*words: str) -> None:
        find_answer(words, matrix, places)

    def pick(*words: str, **options: Any) -> None:  # noqa: ANN401 - any of its options
        run_pick(PickOptions(words=words, folder=runs.parent, verify=False, **options), places, nowhere)

    def check(**options: Any) -> None:  # noqa: ANN401 - any of its options
        run_check(CheckOptions(target=str(mine), folder=runs.parent, **options), places, nowhere)

    failing = next(each for each in results if verdict_of(each) is Verdict.BROKEN)
    signature = judging_attempts(failing)[-1].failures[0].signature
    pair = [f"{axis}=={failing.pins[axis]}" for axis in ("celery", "redis")]
    passing = next(each for each in results if verdict_of(each) is Verdict.CAVEATS)
    locked = passing.lock.distributions if passing.lock is not None else ()
    mine = runs.parent / "mine.txt"
    mine.write_text("".join(f"{each}\n" for each in locked if each.partition("==")[0] in passing.pins))
    open_shelf(places.records, places.cache).sheets  # noqa: B018 - each file is read once in its life
    newest = max(runs.iterdir())

    def rewrite() -> None:
        """As if a run had just written it."""
        newest.write_bytes(newest.read_bytes())

    rewrite()
    stage(f"{ANSWER} of pick, the first since a run", lambda: pick("django==4.2.*", "python==3.11"))
    stage(f"{ANSWER} of pick about two packages", lambda: pick("django==4.2.*", "python==3.11"))
    stage(f"{ANSWER} of pick about nothing", pick)
    stage(f"{ANSWER} of pick about other settings", lambda: pick(settings=("USE_TZ=False",)))
    stage(f"{ANSWER} of pick about an upgrade", lambda: pick(origin=mine.name, to=("django>=5",)))
    stage(f"{ANSWER} of check on its Python", lambda: check(python=passing.pins["python"]))
    stage(f"{ANSWER} of check on all Pythons", check)
    stage(f"{ANSWER} of check with settings", lambda: check(settings=("USE_TZ=False", "TIME_ZONE=UTC")))
    stage(f"{ANSWER} of explain, the first ever", lambda: explain(*pair))
    rewrite()
    stage(f"{ANSWER} of explain, the first since the records changed", lambda: explain(*pair))
    stage(f"{ANSWER} of explain about a cell", lambda: explain(failing.cell))
    stage(f"{ANSWER} of explain about a signature", lambda: explain(signature))
    stage(f"{ANSWER} of explain about a pair", lambda: explain(*pair))
    stage(f"{ANSWER} of explain about a package with another", lambda: explain(pair[0], "redis"))


def tell(measured: Iterable[Stored], console: Console) -> None:
    """Print a table of the stages, each number of records beside the first one, and what the target is."""
    table = Table(box=None)
    for heading in ("records", "stage", "CPU s", "CPU ms per 1,000", "growth", "seconds", "MiB"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    first: Stored | None = None
    told: list[Stored] = []
    for stored in measured:
        first = first or stored
        told.append(stored)
        before = (*first.stages, first.whole)
        for spent, then in zip((*stored.stages, stored.whole), before, strict=True):
            each, was = spent.cpu / stored.records, then.cpu / first.records
            table.add_row(
                f"{stored.records:,}",
                spent.stage,
                f"{spent.cpu:.2f}",
                f"{1e6 * each:.1f}",
                f"{each / was:.2f}",
                f"{spent.seconds:.2f}",
                f"{spent.mebibytes:.0f}",
            )
    console.print(table)
    console.print("growth: CPU per record, against the first number of records; 1 is linear")
    for stored in told:
        console.print(f"{stored.records:,} records of {stored.bytes_each / 1000:.1f} kB each")
    console.print(f"the target: {RECORDS:,} records within {SECONDS} s and {MEBIBYTES} MiB")
    console.print(f"the target of an answer: {ANSWER_SECONDS} s, once what follows from all records is there")


if __name__ == "__main__":
    print(json.dumps([vars(each) for each in go_through(Path(sys.argv[1]))]))
