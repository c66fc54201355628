"""The gate on tiny projects that break as planted: by a release low in the tree, or by the machine.

What breaks only with python-dateutil 2.9 regresses when that comes in: nothing pins it but Celery, which is
glad of any from 2.8.2 on.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ExitCode
from harness.nodes.clock import find_clock_library
from tests.mini.sites import (
    CELL,
    Harness,
    Site,
    assert_nothing_left,
    faked_times_of_the_dead,
    lay_out,
)
from tests.mini.test_mini import assert_names_no_machine

pytestmark = [
    pytest.mark.live,
    pytest.mark.long,
    pytest.mark.skipif(
        find_clock_library() is None, reason="without a clock that jumps a cell takes minutes"
    ),
]

LONGEST = 1800.0  # seconds; a gate with a diagnosis is some ten cells, one after the other
# What is planted here never hangs: a machine that is busy with something else is not what is tested.
PATIENT = {
    "import": 120,
    "migrate": 120,
    "worker": 120,
    "beat": 120,
    "check": 90,
    "shutdown": 60,
    "cell": 900,
}
OLD, ANY = "python-dateutil==2.8.2", "python-dateutil>=2.8.2"
# The day of the mini's stack, with nothing left to the resolver but what is to change.
PINNED = [
    "amqp==5.3.1",
    "asgiref==3.11.1",
    "billiard==4.2.4",
    "click==8.3.3",
    "click-didyoumean==0.3.1",
    "click-plugins==1.1.1.2",
    "click-repl==0.3.0",
    "cron-descriptor==1.4.5",
    "django-timezone-field==7.2.1",
    "kombu==5.6.2",
    "packaging==26.2",
    "prompt-toolkit==3.0.52",
    "python-crontab==3.3.0",
    "six==1.17.0",
    "sqlparse==0.5.5",
    "tzdata==2026.2",
    "tzlocal==5.3.1",
    "vine==5.1.0",
    "wcwidth==0.7.0",
]

APP = '''\
"""The Celery app, and what is planted."""

import os
import sys

import dateutil
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "izone.settings")

app = Celery("izone")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HERE = {here!r}
NEW = not dateutil.__version__.startswith("2.8.")
WORKER = "worker" in sys.argv
'''
BOOT = """
if NEW and WORKER:
    raise RuntimeError("not with this dateutil")
"""
CAVEAT = """
if not NEW:
    app.conf.result_extended = True
"""
EVERY_SECOND_TIME = """
if NEW and WORKER:
    from easytask import tasks
    mark = os.path.join(HERE, "mark")
    if os.path.exists(mark):
        os.remove(mark)
        tasks.simple_task.run = lambda x, y: x + y + 1
    else:
        open(mark, "w").close()
"""
MACHINE = """
if WORKER and os.path.exists(os.path.join(HERE, "broken")):
    raise RuntimeError("not on this machine")
"""


@dataclass(frozen=True)
class Gated:
    """A site with a plan `gate`, and what the harness does there."""

    site: Site

    def run(self, verb: str, *arguments: str) -> tuple[int, str]:
        """Exit code and output."""
        segments = faked_times_of_the_dead()
        clock = () if verb == "baseline" else ("--clock", "fake")
        harness = Harness(self.site, *clock, *arguments, verb=verb)
        code = harness.exit_code(within=LONGEST)
        assert_nothing_left(harness, segments)
        return code, harness.output

    def accept(self) -> None:
        """Run the plan, and take what comes of it for the baseline."""
        self.run("matrix", "--plan", "gate")
        code, output = self.run("baseline")
        assert code == ExitCode.OK, output

    def gate(self, *arguments: str) -> tuple[int, Mapping[str, Any]]:
        """Exit code, and what the gate says."""
        code, output = self.run("gate", *arguments)
        path = self.site.reports / "gate" / "gate.json"
        assert path.exists(), output
        return code, json.loads(path.read_text(encoding="utf-8"))

    def change(self, old: str, new: str) -> None:
        """Change matrix.toml."""
        text = self.site.matrix.read_text(encoding="utf-8")
        assert old in text
        self.site.matrix.write_text(text.replace(old, new), encoding="utf-8")


Make = Callable[..., Gated]


@pytest.fixture
def make(tmp_path: Path, cache: Path) -> Make:
    def make(planted: str, **changes: object) -> Gated:
        overlay = tmp_path / "overlay"
        (overlay / "izone").mkdir(parents=True)
        site = tmp_path / "site"
        site.mkdir()
        app = APP.format(here=str(site)) + planted
        (overlay / "izone" / "celery.py").write_text(app, encoding="utf-8")
        plan = {
            "reason": "all there is",
            "stacks": ["*"],
            "profiles": ["*"],
            "checks": ["task", "shutdown"],
            "attempts": 2,
        }
        stack = {"resolution": "today", "requirements": [*PINNED, OLD]}
        matrix = {"timeouts": PATIENT, "stacks": {"mini": stack}, "plans": {"gate": plan}, **changes}
        laid = lay_out(site, overlay, matrix, cache=cache)
        # Nothing is resolved as of a day.
        laid.matrix.write_text(
            laid.matrix.read_text(encoding="utf-8").replace(', "as-of" = 2026-05-02', ""), encoding="utf-8"
        )
        return Gated(laid)

    return make


def points(row: Mapping[str, Any]) -> dict[str, str]:
    return {point["name"]: point["difference"] for point in row["points"]}


def test_a_release_low_in_the_tree_that_breaks_the_boot_is_found_and_named(make: Make) -> None:
    gated = make(BOOT)
    gated.accept()
    assert gated.gate()[0] == ExitCode.OK
    gated.change(OLD, ANY)
    code, said = gated.gate()
    [row] = said["rows"]
    assert (code, row["difference"], points(row)) == (
        ExitCode.UNEXPECTED,
        "regressed",
        {"worker": "regressed"},
    )
    assert [change["name"] for change in row["lock"]] == ["python-dateutil"]
    assert (row["lines"], row["why"].partition(" is the first")[0]) == (
        ["python-dateutil<2.9"],
        "python-dateutil 2.9.0",
    )
    assert (gated.site.reports / "gate" / "failed.txt").read_text(encoding="utf-8") == f"{CELL}\n"
    # What it says holds it back does.
    gated.change(ANY, row["lines"][0])
    assert gated.gate("--only", f"@{gated.site.reports}/gate/failed.txt")[0] == ExitCode.OK
    assert_names_no_machine(gated.site)


def test_what_one_can_do_without_regresses_as_well(make: Make) -> None:
    gated = make(CAVEAT)
    gated.accept()
    gated.change(OLD, ANY)
    code, said = gated.gate()
    [row] = said["rows"]
    assert (code, row["difference"]) == (ExitCode.UNEXPECTED, "regressed")
    assert points(row) == {
        "task:failure_traceback": "regressed",
        "task:row_describes_task": "regressed",
    }
    assert row["lines"] == ["python-dateutil<2.9"]


def test_a_check_that_fails_every_second_time_is_flaky(make: Make) -> None:
    gated = make(EVERY_SECOND_TIME)
    gated.accept()
    gated.change(OLD, ANY)
    code, said = gated.gate()
    [row] = said["rows"]
    assert (code, row["difference"], row["lines"]) == (ExitCode.UNEXPECTED, "flaky", [])
    assert "task:result-delay" in points(row)


def test_what_the_machine_breaks_is_drift_also_when_versions_have_changed(make: Make) -> None:
    gated = make(MACHINE)
    gated.accept()
    gated.change(OLD, ANY)
    (gated.site.folder / "broken").touch()
    code, said = gated.gate()
    [row] = said["rows"]
    assert (code, row["difference"], points(row)) == (ExitCode.DRIFT, "drift", {"worker": "drift"})
    code, said = gated.gate("--null")
    assert (code, said["rows"][0]["difference"]) == (ExitCode.DRIFT, "drift")


def test_a_project_that_breaks_is_no_drift(make: Make) -> None:
    gated = make("")
    gated.accept()
    with (gated.site.folder / "sample_project" / "izone" / "celery.py").open("a", encoding="utf-8") as app:
        app.write("\nif WORKER:\n    raise RuntimeError('a mistake')\n")
    code, said = gated.gate()
    [row] = said["rows"]
    assert (code, row["difference"]) == (ExitCode.UNEXPECTED, "regressed")
    assert "the project or its settings have changed" in row["why"]
