"""Questions put to a real pip, the one that the Python of the tests brings, about a small index."""

import ensurepip
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from harness.cell.classify import classify_stage
from harness.checks.events import StageEnded
from harness.env.interpreters import Interpreter
from harness.env.pip import Pip, bundled_pip, pip_environment, resolve_by_pip
from harness.errors import StageFailed
from harness.model import Lock, Question, Resolution, Stage, Status
from tests.env.conftest import MakeUv
from tests.env.index import LocalIndex, Release

pytestmark = pytest.mark.live

TODAY = date(2026, 11, 22)
DJANGO = Release(name="django", version="2.2.28")
CAPPED = Release(name="django-celery-beat", version="2.9.0", requires=["Django>=4.2,<6.1"])
UNCAPPED = Release(name="django-celery-beat", version="1.6.0", requires=["Django>=1.11", "vine"])
VINE = Release(name="vine", version="5.1.0")

Ask = Callable[..., Lock]


def question(*requirements: str) -> Question:
    return Question(
        requirements=requirements, pinned=(), resolution=Resolution.TODAY, as_of=None, grace_days=30
    )


BOTH = question("django==2.2.*", "django-celery-beat")
CHOSEN = ("django==2.2.28", "django-celery-beat==1.6.0", "vine==5.1.0")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the pip is, once for all tests."""
    return tmp_path_factory.mktemp("pip")


@pytest.fixture
def pip(make_uv: MakeUv, interpreter: Interpreter, home: Path) -> Pip:
    return bundled_pip(interpreter, uv=make_uv(), cache=home)


@pytest.fixture
def ask(make_uv: MakeUv, interpreter: Interpreter, pip: Pip, tmp_path: Path) -> Ask:
    def ask(asked: Question, *, today: date = TODAY, pip: Pip = pip) -> Lock:
        cache = tmp_path / "locks"
        return resolve_by_pip(asked, pip=pip, interpreter=interpreter, uv=make_uv(), cache=cache, today=today)

    return ask


def test_it_is_the_pip_that_the_interpreter_brings(pip: Pip) -> None:
    assert pip.version == ensurepip.version()


@pytest.mark.parametrize("version", ["the same", "18.1"])
def test_pip_takes_an_old_release_without_an_upper_end_and_says_nothing(
    version: str, index: LocalIndex, ask: Ask, pip: Pip, interpreter: Interpreter
) -> None:
    """One that is too old to say what it would do does it."""
    index.add(DJANGO, CAPPED, UNCAPPED, VINE)
    asked = pip if version == "the same" else replace(pip, version=version)
    assert ask(BOTH, pip=asked) == Lock(distributions=CHOSEN, python=interpreter.version)


def test_an_installation_leaves_nothing_behind(index: LocalIndex, ask: Ask, pip: Pip, tmp_path: Path) -> None:
    index.add(DJANGO, VINE)
    old = replace(pip, version="18.1")
    assert ask(question("django"), pip=old).distributions == ("django==2.2.28",)
    assert ask(question("vine"), pip=old).distributions == ("vine==5.1.0",)
    assert list(tmp_path.glob("stage-*/pip")) == []


def test_what_is_there_already_is_not_chosen(index: LocalIndex, ask: Ask) -> None:
    """As where people install: `python -m venv` has put a pip in."""
    index.add(replace(DJANGO, requires=["pip>=9"]), Release(name="pip", version="99.0"))
    assert ask(question("django")).distributions == ("django==2.2.28",)


def test_an_answer_is_remembered_for_the_day(index: LocalIndex, ask: Ask) -> None:
    index.add(DJANGO, VINE)
    first = ask(question("vine"))
    index.add(replace(VINE, version="5.2.0"))
    assert ask(question("vine")) == first
    assert ask(question("vine"), today=date(2026, 11, 23)).version("vine") == "5.2.0"


@pytest.mark.parametrize(
    ("requirements", "words", "signature"),
    [
        (
            ["django==2.2.*", "django-celery-beat==2.9.*"],
            "The conflict is caused by:",
            "resolve:conflict:django-celery-beat/Django",
        ),
        (["django==9.9.*"], "No matching distribution found", "resolve:no-such-version:django"),
    ],
)
def test_a_question_without_an_answer_keeps_the_words_of_pip(
    requirements: list[str], words: str, signature: str, index: LocalIndex, ask: Ask, tmp_path: Path
) -> None:
    index.add(DJANGO, CAPPED)
    with pytest.raises(StageFailed) as refused:
        ask(question(*requirements))
    evidence = refused.value.evidence
    assert words in evidence
    event = StageEnded(stage=Stage.RESOLVE, status=Status.FAILED, seconds=0.0, evidence=evidence)
    assert classify_stage(event).signature == signature
    assert list(tmp_path.glob("locks/*")) == []


def test_pip_asks_the_index_that_uv_asks_and_sees_nothing_that_chooses() -> None:
    environ = {
        "HOME": "/home/somebody",
        "PATH": "/bin",
        "HTTPS_PROXY": "http://proxy",
        "UV_DEFAULT_INDEX": "https://index/simple",
        "UV_CACHE_DIR": "/cache",
        "PIP_CONSTRAINT": "constraints.txt",
        "PIP_PRE": "1",
    }
    assert pip_environment(environ) == {
        "HOME": "/home/somebody",
        "PATH": "/bin",
        "HTTPS_PROXY": "http://proxy",
        "PIP_INDEX_URL": "https://index/simple",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "LC_ALL": "C.UTF-8",
    }
