import re
from collections.abc import Iterator

import pytest

from harness import errors
from harness.errors import ExitCode, HarnessError, Interrupted, MatrixError, StageFailed


def below(error: type[HarnessError]) -> Iterator[type[HarnessError]]:
    for subclass in error.__subclasses__():
        yield subclass
        yield from below(subclass)


def test_the_tree_in_the_documentation_is_the_tree_of_the_code() -> None:
    drawn = dict(re.findall(r"── (\w+) +([\d/]+)", str(errors.__doc__)))
    codes = {error.__name__: str(int(error.exit_code)) for error in below(HarnessError)}
    assert drawn == codes | {"Interrupted": "129/130/143"}


@pytest.mark.parametrize("error", [HarnessError, errors.UsageError, errors.ToolMissing])
def test_an_error_has_a_message_and_may_have_a_hint(error: type[HarnessError]) -> None:
    assert (str(error("no uv")), error("no uv").hint) == ("no uv", "")
    assert error("no uv", hint="pip install uv").hint == "pip install uv"


@pytest.mark.parametrize(
    ("problems", "message"),
    [
        (("axes: is missing",), "matrix.toml has a mistake:\n  axes: is missing"),
        (("a: wrong", "b: wrong"), "matrix.toml has 2 mistakes:\n  a: wrong\n  b: wrong"),
    ],
)
def test_a_bad_matrix_lists_its_mistakes(problems: tuple[str, ...], message: str) -> None:
    error = MatrixError("matrix.toml", problems)
    assert (str(error), error.problems) == (message, problems)


@pytest.mark.parametrize("code", [ExitCode.INTERRUPTED, ExitCode.TERMINATED])
def test_an_interrupt_ends_with_the_code_of_its_signal_and_says_how_to_go_on(code: ExitCode) -> None:
    assert Interrupted(code).exit_code is code
    assert "the same command" in Interrupted(code).hint


def test_a_failed_stage_brings_its_evidence() -> None:
    error = StageFailed("No module named 'x'", log="worker.log")
    assert (str(error), error.evidence, error.log) == ("No module named 'x'",) * 2 + ("worker.log",)
    assert not isinstance(error, HarnessError)
