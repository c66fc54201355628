"""What the words of a question mean: a cell, a signature, or versions of packages. Pure."""

import difflib
import heapq
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from harness.errors import UsageError
from harness.matrix.select import nearest

_CELL = re.compile(r"[^\s@:<>=!~;,]+@[^\s@:<>=!~;,]+")
_SIGNATURE = re.compile(r"[a-z]+:.+")
# Names that are so much alike are the same name, misspelt.
_ALIKE = 0.75
_SHOWN = 5
_CANDIDATES = 200  # names with most parts in common: to compare all of many letter by letter takes long
_PARTS = re.compile(r"[@+:/-]")
# What people call a package of the axes.
_ALSO = {
    "beat": "django-celery-beat",
    "results": "django-celery-results",
    "redis-py": "redis",
    "py": "python",
    "cpython": "python",
}
_EXAMPLE = "a cell (izone@izone), a signature (worker:missing-module:packaging) or versions (celery==5.4)"


@dataclass(frozen=True)
class CellAsked:
    """A cell, by its id."""

    word: str


@dataclass(frozen=True)
class SignatureAsked:
    """A signature."""

    word: str


@dataclass(frozen=True)
class VersionsAsked:
    """Versions of packages, of `python` as well; each package once."""

    demands: tuple[Requirement, ...]


def read_words(words: Sequence[str], stacks: Iterable[str]) -> CellAsked | SignatureAsked | VersionsAsked:
    """What was asked for. `stacks` are the names of matrix.toml's: the name of one alone is no question.

    Raises:
        UsageError: it is none of the three, with everything that is wrong with it.
    """
    if len(words) == 1 and _CELL.fullmatch(words[0]):
        return CellAsked(words[0])
    if len(words) == 1 and _SIGNATURE.fullmatch(words[0]):
        return SignatureAsked(words[0])
    demands: dict[str, Requirement] = {}
    mistakes: list[str] = []
    known = set(stacks)
    for word in words:
        if _CELL.fullmatch(word) or _SIGNATURE.fullmatch(word):
            mistakes.append(f"{word!r} can only be asked for alone")
            continue
        if word in known:
            mistakes.append(f"{word!r} is a stack; a cell is a stack under a profile, {word}@izone")
            continue
        try:
            demand = Requirement(word)
        except InvalidRequirement as error:
            mistakes.append(f"{word!r} is no requirement: {str(error).partition(chr(10))[0]}")
            continue
        demand.name = canonicalize_name(demand.name)
        if demand.name in demands:
            demand.specifier &= demands[demand.name].specifier
        demands[demand.name] = demand
    if mistakes or not demands:
        raise UsageError("\n".join(mistakes) or "nothing was asked for", hint=f"ask for {_EXAMPLE}")
    return VersionsAsked(tuple(demands.values()))


def alike(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names most like a word, the likeliest first; a few at most, and none that is unlike."""
    parts = set(_PARTS.split(word))
    few = heapq.nlargest(
        _CANDIDATES, known, key=lambda name: (len(parts.intersection(_PARTS.split(name))), -len(name))
    )
    return tuple(difflib.get_close_matches(word, few, n=_SHOWN))


def read_as(word: str, known: Iterable[str]) -> str | None:
    """The one known name that a word is surely a misspelling of; None where there is none, or several."""
    near = alike(word, known)
    ratios = [difflib.SequenceMatcher(None, each, word).ratio() for each in near[:2]]
    if not ratios or ratios[0] < _ALIKE or ratios[1:] == ratios[:1]:
        return None
    return near[0]


def package_named(name: str, known: Iterable[str]) -> str:
    """The package that a name stands for: itself, what people call so, or one that is misspelt.

    Raises:
        UsageError: nothing is called so, or nearly so.
    """
    candidates = list(known)
    if is_known(name, candidates):
        return name if name in candidates else _ALSO[name]
    found = read_as(name, candidates)
    if found is None:
        raise UsageError(
            f"nothing is measured of {name!r}{nearest(name, candidates)}", hint=f"ask for {_EXAMPLE}"
        )
    return found


def is_known(name: str, known: Collection[str]) -> bool:
    """Whether a name is that of a package, or what people call one."""
    return name in known or _ALSO.get(name, "") in known


def is_misspelt(name: str, package: str, known: Collection[str]) -> bool:
    """Whether a name that was read as a package is neither its name nor what people call it."""
    return name != package and not is_known(name, known)
