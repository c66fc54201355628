"""Names chosen by globs, as in `--select 'izone*'`. Pure."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate

from harness.errors import UsageError

_SHOWN = 12


@dataclass(frozen=True)
class Selector:
    """Callable on a name: whether one of the globs matches it. No globs match everything."""

    globs: tuple[str, ...]

    def __call__(self, name: str) -> bool:
        """Whether `name` is selected."""
        return not self.globs or any(fnmatchcase(name, glob) for glob in self.globs)


def unmatched(globs: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """The globs that match no name: each is a misspelling, or asks for something that is not there."""
    known = list(names)
    # Expectations name thousands of cells between them: each glob is looked up once, not for every name.
    return tuple(glob for glob in globs if not any(map(re.compile(translate(glob)).match, known)))


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown `word`: what was probably meant, or what there is."""
    candidates = list(known)
    near = difflib.get_close_matches(word, candidates, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    shown = [*candidates[:_SHOWN], "…"] if len(candidates) > _SHOWN else candidates
    return f"; there are {', '.join(shown)}" if shown else ""


def require_matches(globs: Sequence[str], names: Iterable[str], *, what: str) -> None:
    """Raise UsageError when a glob matches none of `names`."""
    known = list(names)
    missing = unmatched(globs, known)
    if missing:
        raise UsageError(
            "\n".join(f"{glob!r} matches no {what}{nearest(glob, known)}" for glob in missing),
            hint="`nox -s matrix -- --list` shows the plan; quote globs in the shell",
        )
