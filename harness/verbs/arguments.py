"""What several command lines have in common: how a number, a time and a list of cells are written."""

import argparse
import re
from pathlib import Path


def seconds(text: str) -> float:
    """`90s`, `30m`, `2h`."""
    match = re.fullmatch(r"(\d+)([smh])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 90s, 30m or 2h")
    return int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]


def positive(text: str) -> int:
    """A number from 1 on."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def add_only(parser: argparse.ArgumentParser) -> None:
    """`--only`, which takes what a gate has written."""
    parser.add_argument(
        "--only",
        action="append",
        type=_names,
        default=[],
        metavar="CELL|@FILE",
        help="only this cell, or those that a file has, one a line: @reports/gate/failed.txt",
    )


def add_accepted(parser: argparse.ArgumentParser) -> None:
    """What of which plan the gate holds against which baseline."""
    parser.add_argument("--plan", default="gate", metavar="NAME", help="a plan of matrix.toml (%(default)s)")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="the baseline; its locks are beside it (baseline.jsonl)"
    )
    parser.add_argument(
        "--select", action="append", default=[], metavar="GLOB", help="only cells whose id matches"
    )
    add_only(parser)


def named(options: argparse.Namespace) -> tuple[str, ...]:
    """The globs and the cells that were named."""
    return (*options.select, *(name for some in options.only for name in some))


def _names(text: str) -> tuple[str, ...]:
    if not text.startswith("@"):
        return (text,)
    try:
        lines = Path(text[1:]).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(
            f"{text[1:]} cannot be read: {getattr(error, 'strerror', error)}"
        ) from None
    if not lines:
        raise argparse.ArgumentTypeError(f"{text[1:]} names no cell")
    return tuple(lines)
