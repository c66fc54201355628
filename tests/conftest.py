"""What all tests share: expected files, which `--accept` rewrites, and hypothesis without deadlines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# A project of its own, with a pytest.ini of its own.
collect_ignore = ["nodes/somebody"]

# A machine that is busy with something else makes no test fail. A change is blamed for nothing that was so
# before it: examples are the same each time, but with `--hypothesis-profile other-examples`.
settings.register_profile("ours", deadline=None, derandomize=True)
settings.register_profile("other-examples", deadline=None)
settings.load_profile("ours")

MINIS = "tests/mini/"
AssertExpected = Callable[[str, Path], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="rewrite expected files with what is said now")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Who takes longest begins.
    items.sort(key=lambda item: "mini" not in item.path.parts)


class MinisTogether(LoadFileScheduling):  # type: ignore[misc]
    """Processes share tests by their files; the minis, each of which fills a machine, are all of one process.

    pytest-xdist 3.8 does not see its own groups on pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return MINIS if nodeid.startswith(MINIS) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> MinisTogether:
    return MinisTogether(config, log)


@pytest.fixture(autouse=True, scope="session")
def _no_terminal() -> Iterator[None]:
    """Texts are compared as they are without a terminal, whatever one CI pretends to have."""
    with pytest.MonkeyPatch.context() as environment:
        for variable in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
            environment.delenv(variable, raising=False)
        yield


@pytest.fixture
def assert_expected(request: pytest.FixtureRequest) -> AssertExpected:
    """Compare a text with a whole file."""
    accept: bool = request.config.getoption("--accept")

    def compare(text: str, file: Path) -> None:
        if accept:
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return compare
