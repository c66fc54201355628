"""Every rule against evidence that was really seen: `logs/<stage>-<reason>[.<variant>].log`.

A log is what a stage really left, its machine's paths and name replaced, the last 60 lines of it, no line
longer than 400 characters. Beside it `.expected` says how it came about, and what follows from it.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from harness.cell.classify import RULES, Rule, classify_check, classify_stage
from harness.checks.events import CheckEnded, StageEnded
from harness.model import EXPERIMENTS, Failure, Reason, Stage, Status

LOGS = Path(__file__).parent / "logs"
LONGEST_LOG = 60
LONGEST_LINE = 404
# Known without a look at a log: the child died, the time was over, a check says it itself.
WITHOUT_A_RULE = {Reason.CHILD_DIED, Reason.CELL_TIMEOUT, Reason.CHECK}


@dataclass(frozen=True)
class Case:
    """One log and what is expected of it."""

    path: Path

    @property
    def stage(self) -> Stage:
        return Stage(self.path.name.partition("-")[0])

    @property
    def reason(self) -> Reason:
        return Reason(self.path.name.partition("-")[2].partition(".")[0])

    @cached_property
    def evidence(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def expected(self) -> dict[str, str]:
        return tomllib.loads(self.path.with_suffix(".expected").read_text(encoding="utf-8"))

    def classify(self) -> Failure:
        if self.stage not in EXPERIMENTS:
            return classify_stage(ended(self.stage, self.evidence))
        # A check's last line is its message.
        evidence, _, message = self.evidence.rstrip("\n").rpartition("\n")
        return classify_check(check_ended(self.stage, message=message, evidence=evidence))


CASES = [Case(path) for path in sorted(LOGS.glob("*.log"))]
PARAMETERS = [pytest.param(case, id=case.path.stem) for case in CASES]


def ended(stage: Stage, evidence: str) -> StageEnded:
    return StageEnded(stage=stage, status=Status.FAILED, seconds=1.0, evidence=evidence, log="some.log")


def check_ended(stage: Stage, *, message: str, evidence: str = "") -> CheckEnded:
    return CheckEnded(
        id="crontab", stage=stage, status=Status.FAILED, seconds=1.0, message=message, evidence=evidence
    )


def deciding_rule(case: Case) -> Rule | None:
    return next((rule for rule in RULES if rule.match(case.stage, case.evidence)), None)


@pytest.mark.parametrize("case", PARAMETERS)
def test_a_real_log_gives_its_signature_and_its_decisive_line(case: Case) -> None:
    failure = case.classify()
    assert failure.signature == case.expected["signature"]
    assert failure.excerpt == case.expected.get("excerpt", failure.excerpt)


@pytest.mark.parametrize("case", CASES, ids=[case.path.stem for case in CASES])
def test_the_name_of_a_log_is_its_stage_and_its_reason(case: Case) -> None:
    assert case.expected["signature"].split(":")[:2] == [case.stage, case.reason]


@pytest.mark.parametrize("rule", RULES, ids=[rule.reason.value for rule in RULES])
def test_every_rule_decides_about_a_real_log(rule: Rule) -> None:
    assert [case.path.name for case in CASES if deciding_rule(case) == rule]


@pytest.mark.parametrize("reason", sorted(set(Reason) - WITHOUT_A_RULE))
def test_every_reason_that_a_log_can_give_has_one(reason: Reason) -> None:
    assert [case.path.name for case in CASES if case.reason is reason]


def test_every_expectation_has_its_log() -> None:
    assert {path.stem for path in LOGS.glob("*.expected")} == {case.path.stem for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=[case.path.stem for case in CASES])
def test_a_log_is_short_and_names_no_machine(case: Case) -> None:
    lines = case.evidence.splitlines()
    assert len(lines) <= LONGEST_LOG
    assert max(map(len, lines)) <= LONGEST_LINE
    assert not re.findall(r"(?:^|[\s'\"(`=@])/(?:home|root|tmp|work|Users|opt|var)\b.*", case.evidence)
    assert not re.findall(r"@(?!\{host\})\w+", case.evidence)


def test_a_check_that_says_it_itself_is_classified_by_its_own_words() -> None:
    failure = classify_check(check_ended(Stage.SCHEDULE, message="AssertionError: it never fired"))
    assert failure.signature == "schedule:check:crontab"
    assert failure.excerpt == "AssertionError: it never fired"
    assert failure.log == "checks.log"


def test_the_log_of_a_stage_is_the_one_its_event_names() -> None:
    assert classify_stage(ended(Stage.BEAT, "beat ended with code 1")).log == "some.log"


def test_no_evidence_at_all_is_unknown() -> None:
    failure = classify_stage(ended(Stage.RESOLVE, "\n"))
    assert (failure.signature, failure.excerpt) == ("resolve:unknown", "")


def test_a_python_that_cannot_make_an_environment_with_pip_is_the_machines() -> None:
    """As Debian's own Pythons say it, without the package that brings ensurepip."""
    evidence = "The virtual environment was not created successfully because ensurepip is not\navailable.\n"
    failure = classify_stage(ended(Stage.RESOLVE, evidence))
    assert (failure.signature, failure.reason.status) == ("resolve:build-tools:ensurepip", Status.ERRORED)


def test_a_rule_says_nothing_about_other_stages() -> None:
    assert classify_stage(ended(Stage.WORKER, "error: dns error")).reason is Reason.UNKNOWN
    assert classify_stage(ended(Stage.RESOLVE, "uv ended with code 1")).reason is Reason.UNKNOWN


def test_the_last_exception_counts_not_the_one_it_was_raised_for() -> None:
    evidence = (
        "ModuleNotFoundError: No module named 'zoneinfo'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "SyntaxError: invalid syntax\n"
    )
    assert classify_stage(ended(Stage.IMPORT, evidence)).reason is Reason.SYNTAX
