"""Which distribution a failure names, to be tried before others. A guess: what it is worth a cell shows."""

import re
from collections.abc import Iterable

from harness.model import Reason

# Distributions by what they provide, where that has another name.
_PROVIDERS = {
    "cgi": "legacy-cgi",
    "dateutil": "python-dateutil",
    "distutils": "setuptools",
    "entrypoints": "importlib-metadata",
    "mysqldb": "mysqlclient",
    "pkg-resources": "setuptools",
    "psycopg2": "psycopg2-binary",
}


def missing_distribution(signature: str) -> str:
    """The distribution that probably has the module which is missing; "" for any other failure."""
    _, _, rest = signature.partition(":")
    reason, _, module = rest.partition(":")
    return _distribution(module.partition(".")[0]) if reason == Reason.MISSING_MODULE else ""


def is_renamed(name: str) -> bool:
    """Whether a distribution is known by what it provides, so that its name is no guess."""
    return name in _PROVIDERS.values()


def named_first(distributions: Iterable[str], told: Iterable[str]) -> list[str]:
    """Those that some texts name, the first named first."""
    words = [_distribution(word) for text in told for word in re.findall(r"\w+(?:-\w+)*", text)]
    places = {word: place for place, word in reversed(list(enumerate(words)))}
    return sorted((each for each in distributions if each in places), key=places.__getitem__)


def _distribution(word: str) -> str:
    """A name as the index writes it, or the one of what provides it."""
    name = re.sub(r"[-_.]+", "-", word).lower().strip("-")
    return _PROVIDERS.get(name, name)
