"""For who has no nox sessions of ours: parser and console, with the program's own name in all they say."""

import argparse
import re
from typing import Any, NoReturn

from rich.console import Console

PROGRAM = "django-celery-matrix"


def by_name(text: str) -> str:
    """A text in which `nox -s matrix -- --list` is `django-celery-matrix matrix --list`."""
    text = re.sub(r"nox -s \"cell\(([\w.-]+)\)\"", rf"{PROGRAM} matrix --select '\1@*'", text)
    return re.sub(r"nox -s ([\w-]+)(?: --(?=\s))?", rf"{PROGRAM} \1", text)


class NamedParser(argparse.ArgumentParser):
    """Its help and its complaints."""

    def format_help(self) -> str:
        """As argparse has it."""
        return by_name(super().format_help())

    def format_usage(self) -> str:
        """As argparse has it."""
        return by_name(super().format_usage())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """As argparse has it."""
        super().exit(status, by_name(message or ""))


class NamedConsole(Console):
    """Its lines."""

    def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - as rich has it
        """As rich has it."""
        super().print(*(by_name(each) if isinstance(each, str) else each for each in objects), **options)

    def out(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - as rich has it
        """As rich has it."""
        super().out(*(by_name(each) if isinstance(each, str) else each for each in objects), **options)
