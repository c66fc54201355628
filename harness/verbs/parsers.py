"""From the verbs to the parsers of their command lines."""

import argparse
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from harness.commands.called import PROGRAM
from harness.matrix.defaults import TABLE
from harness.verbs.verb import Verb

# Each is the module of that name, with _ for -; in the order in which they are told of.
VERBS = (
    "matrix",
    "diagnose",
    "check",
    "explain",
    "pick",
    "gate",
    "baseline",
    "merge",
    "fleet-worker",
    "ci",
    "report",
    "doctor",
    "update",
    "reference",
)


def load_verb(name: str) -> Verb:
    """A verb with all that it needs: some take a second to load, so none is loaded for another one."""
    verb: Verb = import_module(f"harness.verbs.{name.replace('-', '_')}").VERB
    return verb


def make_parser(
    arguments: Sequence[str], kind: type[argparse.ArgumentParser] = argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """The parser of the verb that the arguments begin with, or of all where they begin with none."""
    common = _common()
    parser = kind(
        prog="python -m harness" if kind is argparse.ArgumentParser else PROGRAM,
        description="Which versions of Django, Celery and their friends work together, from live evidence.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name in [each for each in VERBS if each in arguments[:1]] or VERBS:
        verb = load_verb(name)
        verb.add(
            verbs.add_parser(
                name,
                parents=[common],
                prog=f"nox -s {name} --",
                help=verb.summary,
                description=verb.description or f"{verb.summary[0].upper()}{verb.summary[1:]}.",
                epilog=verb.epilogue,
                # One width everywhere: the page made of this does not depend on a terminal.
                formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=100),
            )
        )
    return parser


def help_texts() -> dict[str, str]:
    """Every verb's help."""
    [verbs] = (action for action in make_parser(())._actions if action.dest == "verb")  # noqa: SLF001 - no other way
    choices: Mapping[str, argparse.ArgumentParser] = verbs.choices  # type: ignore[assignment]
    return {f"nox -s {verb}": parser.format_help() for verb, parser in choices.items()}


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    places = common.add_argument_group("places")
    places.add_argument(
        "--matrix",
        type=Path,
        metavar="FILE",
        help=f"what to run: matrix.toml, or else a pyproject.toml that has [tool.{TABLE}]",
    )
    places.add_argument(
        "--state", type=Path, default=Path(".harness"), metavar="DIR", help="environments, caches, logs"
    )
    places.add_argument(
        "--reports", type=Path, default=Path("reports"), metavar="DIR", help="records and reports"
    )
    return common
