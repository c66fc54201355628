"""Questions put to uv about a small index, `scenarios/*.toml`, and what is remembered of the answers."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from harness.cell.classify import classify_stage
from harness.checks.events import StageEnded
from harness.env.interpreters import Interpreter
from harness.env.resolve import resolve
from harness.errors import StageFailed
from harness.model import Lock, Question, Resolution, Stage, Status
from tests.env.conftest import MakeUv
from tests.env.index import LocalIndex, Release

SCENARIOS = Path(__file__).parent / "scenarios"
TODAY = date(2026, 11, 22)
DJANGO = Release(name="django", version="4.2.11", uploaded=date(2024, 3, 4))


@dataclass(frozen=True)
class Scenario:
    """An index, a question, and either the lock or the words it is answered with."""

    path: Path

    @cached_property
    def table(self) -> dict[str, Any]:
        return tomllib.loads(self.path.read_text(encoding="utf-8"))

    @property
    def expected(self) -> dict[str, Any]:
        return dict(self.table["expected"])

    @property
    def today(self) -> date:
        return self.table["question"].get("today", TODAY)  # type: ignore[no-any-return]

    @property
    def releases(self) -> list[Release]:
        return [
            Release(
                name=name,
                version=version,
                **{key.replace("-", "_"): value for key, value in release.items()},
            )
            for name, versions in self.table.get("packages", {}).items()
            for version, release in versions.items()
        ]

    @property
    def question(self) -> Question:
        asked = self.table["question"]
        return Question(
            requirements=tuple(asked["requirements"]),
            pinned=tuple(asked.get("pinned", asked["requirements"])),
            resolution=Resolution(asked.get("resolution", "today")),
            as_of=asked.get("as-of"),
            grace_days=asked.get("grace-days", 30),
        )


ALL = [Scenario(path) for path in sorted(SCENARIOS.glob("*.toml"))]
ANSWERED = [scenario for scenario in ALL if "lock" in scenario.expected]
REFUSED = [scenario for scenario in ALL if "lock" not in scenario.expected]


def named(scenarios: list[Scenario]) -> list[Any]:
    return [pytest.param(scenario, id=scenario.path.stem) for scenario in scenarios]


def question(*requirements: str, resolution: Resolution = Resolution.TODAY) -> Question:
    return Question(
        requirements=requirements, pinned=requirements, resolution=resolution, as_of=None, grace_days=30
    )


Ask = Callable[[Question, date], Lock]


@pytest.fixture
def ask(make_uv: MakeUv, interpreter: Interpreter, tmp_path: Path) -> Ask:
    """What asks uv, each time in a folder of its own, with one memory of locks."""

    def ask(question: Question, today: date) -> Lock:
        return resolve(question, interpreter=interpreter, uv=make_uv(), cache=tmp_path / "locks", today=today)

    return ask


@pytest.mark.parametrize("scenario", named(ANSWERED))
def test_a_question_has_its_lock(
    scenario: Scenario, index: LocalIndex, ask: Ask, interpreter: Interpreter
) -> None:
    index.add(*scenario.releases)
    assert ask(scenario.question, scenario.today) == Lock(
        distributions=tuple(scenario.expected["lock"]),
        python=interpreter.version,
        index_date=scenario.expected.get("index-date"),
    )


@pytest.mark.parametrize("scenario", named(REFUSED))
def test_a_question_without_an_answer_keeps_the_words_of_the_resolver(
    scenario: Scenario, index: LocalIndex, ask: Ask, interpreter: Interpreter, tmp_path: Path
) -> None:
    index.add(*scenario.releases)
    with pytest.raises(StageFailed) as refused:
        ask(scenario.question, scenario.today)
    for words in scenario.expected["message"]:
        assert words.replace("{python}", interpreter.version) in refused.value.evidence
    assert refused.value.log == "uv.log"
    assert (tmp_path / "stage-1" / "uv.log").read_text().endswith(refused.value.evidence)


@pytest.mark.parametrize(
    "scenario",
    [pytest.param(scenario, id=scenario.path.stem) for scenario in REFUSED],
)
def test_the_words_of_the_resolver_have_a_signature(scenario: Scenario, index: LocalIndex, ask: Ask) -> None:
    index.add(*scenario.releases)
    with pytest.raises(StageFailed) as refused:
        ask(scenario.question, scenario.today)
    event = StageEnded(
        stage=Stage.RESOLVE, status=Status.FAILED, seconds=0.0, evidence=refused.value.evidence
    )
    assert classify_stage(event).signature == scenario.expected["signature"]


@pytest.mark.parametrize("scenario", named(ALL))
def test_a_scenario_says_what_it_is_about(scenario: Scenario) -> None:
    assert scenario.table["description"].endswith(".")
    assert ("lock" in scenario.expected) != ("message" in scenario.expected)


# --- what is remembered ---------------------------------------------------------------------------


ERA = question("django==4.2.11", resolution=Resolution.ERA)


def test_the_second_time_no_index_is_needed(index: LocalIndex, ask: Ask) -> None:
    index.add(DJANGO)
    first = ask(question("django==4.2.11"), TODAY)
    index.stop()
    assert ask(question("django==4.2.11"), TODAY) == first


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(question("django==4.2.11"), id="today"),
        pytest.param(question("django==4.2.11", resolution=Resolution.OVERRIDE), id="override"),
        pytest.param(replace(ERA, as_of=date(2024, 6, 1)), id="as-of"),
        pytest.param(ERA, id="era"),
    ],
)
def test_the_second_time_uv_is_not_called(
    asked: Question, index: LocalIndex, ask: Ask, tmp_path: Path
) -> None:
    index.add(DJANGO)
    assert ask(asked, TODAY) == ask(asked, TODAY)
    assert not (tmp_path / "stage-2" / "uv.log").exists()


def test_what_was_resolved_yesterday_is_asked_again_today(index: LocalIndex, ask: Ask) -> None:
    index.add(DJANGO)
    assert ask(question("django==4.2.*"), date(2026, 11, 21)).version("django") == "4.2.11"
    index.add(replace(DJANGO, version="4.2.12"))
    assert ask(question("django==4.2.*"), date(2026, 11, 21)).version("django") == "4.2.11"
    assert ask(question("django==4.2.*"), TODAY).version("django") == "4.2.12"


def test_an_era_that_is_over_is_not_asked_again_on_another_day(index: LocalIndex, ask: Ask) -> None:
    index.add(DJANGO)
    era = replace(question("django", resolution=Resolution.ERA), as_of=date(2024, 6, 1))
    assert ask(era, TODAY).version("django") == "4.2.11"
    index.stop()
    assert ask(era, date(2027, 1, 1)).version("django") == "4.2.11"


OTHERWISE = [
    pytest.param(question("django==4.2.11", "celery==5.7.0"), id="requirements"),
    pytest.param(question("django==4.2.11", resolution=Resolution.OVERRIDE), id="resolution"),
    pytest.param(
        replace(question("django==4.2.11", resolution=Resolution.ERA), as_of=date(2026, 1, 1)), id="date"
    ),
]


@pytest.mark.parametrize("other", OTHERWISE)
def test_another_question_is_asked_of_its_own(
    other: Question, index: LocalIndex, ask: Ask, tmp_path: Path
) -> None:
    index.add(DJANGO, Release(name="celery", version="5.7.0"))
    ask(question("django==4.2.11"), TODAY)
    ask(other, TODAY)
    assert (tmp_path / "stage-2" / "uv.log").exists()


def test_another_interpreter_is_asked_of_its_own(
    index: LocalIndex, make_uv: MakeUv, interpreter: Interpreter, tmp_path: Path
) -> None:
    index.add(DJANGO)
    for each in (interpreter, replace(interpreter, version="3.11.99")):
        lock = resolve(
            question("django==4.2.11"), interpreter=each, uv=make_uv(), cache=tmp_path / "locks", today=TODAY
        )
        assert lock.python == each.version
    assert (tmp_path / "stage-2" / "uv.log").exists()


CAPPED = Release(name="django-celery-beat", version="2.9.0", requires=["django<4"])


def test_another_set_of_pins_is_asked_of_its_own(index: LocalIndex, ask: Ask) -> None:
    """As when an axis value is written as a stack's own requirement instead."""
    index.add(DJANGO, CAPPED)
    asked = question("django==4.2.11", "django-celery-beat==2.9.0", resolution=Resolution.OVERRIDE)
    assert ask(asked, TODAY).version("django") == "4.2.11"
    with pytest.raises(StageFailed, match="depend on django<4"):
        ask(replace(asked, pinned=("django-celery-beat==2.9.0",)), TODAY)


def test_another_index_is_asked_of_its_own(
    index: LocalIndex, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(DJANGO)
    ask(question("django"), TODAY)
    with LocalIndex([replace(DJANGO, version="6.1")]) as other:
        monkeypatch.setenv("UV_DEFAULT_INDEX", other.url)
        assert ask(question("django"), TODAY).version("django") == "6.1"


def test_a_failure_is_not_remembered(index: LocalIndex, ask: Ask, tmp_path: Path) -> None:
    with pytest.raises(StageFailed):
        ask(question("django==4.2.11"), TODAY)
    assert list(tmp_path.glob("locks/*")) == []
    index.add(DJANGO)
    assert ask(question("django==4.2.11"), TODAY).distributions == ("django==4.2.11",)


def test_nothing_half_written_is_left_beside_a_lock(index: LocalIndex, ask: Ask, tmp_path: Path) -> None:
    index.add(DJANGO)
    ask(question("django==4.2.11"), TODAY)
    assert [path.suffix for path in (tmp_path / "locks").iterdir()] == [".json"]


# --- what an index may do to us -------------------------------------------------------------------


@pytest.mark.live
def test_an_unreachable_index_is_the_machines_fault_and_is_not_remembered(
    index: LocalIndex, ask: Ask, tmp_path: Path
) -> None:
    index.stop()
    with pytest.raises(StageFailed) as refused:
        ask(question("django==4.2.11"), TODAY)
    event = StageEnded(
        stage=Stage.RESOLVE, status=Status.FAILED, seconds=0.0, evidence=refused.value.evidence
    )
    assert classify_stage(event).signature == "resolve:index-unreachable"
    assert list(tmp_path.glob("locks/*")) == []


def test_an_index_without_upload_times_has_no_eras(index: LocalIndex, ask: Ask) -> None:
    index.add(replace(DJANGO, uploaded=None))
    with pytest.raises(StageFailed, match="serves no upload times"):
        ask(ERA, TODAY)


def test_an_index_that_does_not_answer_is_given_up_at_the_deadline(
    index: LocalIndex, make_uv: MakeUv, interpreter: Interpreter, tmp_path: Path
) -> None:
    index.add(DJANGO)
    given_up = Event()
    index.before_file = lambda _filename: given_up.wait()
    try:
        with pytest.raises(StageFailed, match=r"uv to end: not within 0\.5 s"):
            resolve(
                question("django==4.2.11"),
                interpreter=interpreter,
                uv=replace(make_uv(), timeout=0.5),
                cache=tmp_path / "locks",
                today=TODAY,
            )
    finally:
        given_up.set()


def test_a_wheel_that_was_added_later_does_not_make_a_release_younger(index: LocalIndex, ask: Ask) -> None:
    index.add(replace(DJANGO, source="pass"), replace(DJANGO, uploaded=date(2026, 2, 1)))
    assert ask(ERA, TODAY).index_date == date(2024, 4, 3)
