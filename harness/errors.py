"""Everything that stops the harness itself, each with its exit code and a hint.

    HarnessError
    ├── UsageError                2   the command line asks for something that does not exist
    ├── MatrixError               2   matrix.toml has mistakes, all of them listed
    ├── ProjectError              2   a file of the user's project has mistakes, all of them listed
    ├── BaselineError             2   the gate's baseline has mistakes, all of them listed
    ├── MachineError              3   this machine cannot do what was asked
    │   ├── ToolMissing           3
    │   └── IndexFailed           3
    └── Interrupted     129/130/143   the terminal closed, Ctrl-C, or SIGTERM

A stage of a cell that cannot go on raises `StageFailed`, caught only by the cell runner. A cell that
failed is no error at all: it is a value, made by `harness.cell.classify`.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What a command returns to the shell; part of the documented interface."""

    OK = 0
    UNEXPECTED = 1
    BAD_INPUT = 2
    UNDETERMINED = 3
    DRIFT = 4
    HUNG_UP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class HarnessError(Exception):
    """The harness cannot go on. `str(error)` is the message, `hint` the remedy in one line."""

    exit_code: ExitCode = ExitCode.UNDETERMINED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(HarnessError):
    """The command line asks for something that does not exist."""

    exit_code = ExitCode.BAD_INPUT


class MatrixError(HarnessError):
    """matrix.toml has mistakes. `problems` lists all of them, one line each."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, file: str, problems: tuple[str, ...]) -> None:
        super().__init__(_list_of(file, problems))
        self.problems = problems


class ProjectError(HarnessError):
    """A file of the user's project has mistakes. `problems` lists all of them, one line each."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, file: str, problems: tuple[str, ...]) -> None:
        super().__init__(_list_of(file, problems))
        self.problems = problems


def _list_of(file: str, problems: tuple[str, ...]) -> str:
    count = "a mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return "\n".join([f"{file} has {count}:", *(f"  {problem}" for problem in problems)])


class BaselineError(HarnessError):
    """The baseline of the gate has mistakes. `problems` lists all of them, each with its file and line."""

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(
            "\n".join(problems), hint="take it as it was committed, or write it anew: nox -s baseline"
        )
        self.problems = problems


class MachineError(HarnessError):
    """This machine cannot do what was asked; says nothing about any version."""

    exit_code = ExitCode.UNDETERMINED


class ToolMissing(MachineError):
    """A program the harness needs is not there."""


class IndexFailed(MachineError):
    """The package index does not answer, or not what was asked."""


class Interrupted(HarnessError):
    """The user or the system asked the harness to stop; everything it started is already gone."""

    def __init__(self, exit_code: ExitCode) -> None:
        super().__init__("interrupted", hint="run the same command again: it goes on where it stopped")
        self.exit_code = exit_code


class StageFailed(Exception):
    """A stage cannot go on. `evidence` is what there is to judge it by, `log` the name of its file."""

    def __init__(self, evidence: str, *, log: str) -> None:
        super().__init__(evidence)
        self.evidence = evidence
        self.log = log
