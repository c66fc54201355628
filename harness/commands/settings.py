"""Settings that a user gives: a module of Django's, or `NAME=value` words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.answers.settings import Given, Settings, parse_words, read_module
from harness.errors import ProjectError, UsageError

_HINT = "--settings mysite/settings.py, mysite.settings, or words such as USE_TZ=False"


@dataclass(frozen=True, kw_only=True)
class GivenSettings:
    """What a settings module sets, and what words say, which comes before it. `path` is "" without one."""

    path: str
    module: Settings
    words: Mapping[str, Given]


def read_settings(words: Sequence[str], folder: Path) -> GivenSettings:
    """A settings module, by its file or its dotted name, and `NAME=value` words.

    Raises:
        UsageError: a word is wrong, or there is no such module.
        ProjectError: the module is no Python.
    """
    given, mistakes = parse_words([word for word in words if "=" in word])
    modules = [word for word in words if "=" not in word]
    if len(modules) > 1:
        mistakes = (*mistakes, f"{' and '.join(modules)}: there can be one settings module")
    if mistakes:
        raise UsageError("\n".join(mistakes), hint=_HINT)
    if not modules:
        return GivenSettings(path="", module=Settings(values={}), words=given)
    path = _module_path(modules[0], folder)
    try:
        module = read_module(path, lambda name: (folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise ProjectError(path, (f"it cannot be read: {error.strerror}",)) from None
    except SyntaxError as error:
        raise ProjectError(
            error.filename or modules[0], (f"line {error.lineno}: it is no Python: {error.msg}",)
        ) from None
    return GivenSettings(path=path, module=module, words=given)


def _module_path(named: str, folder: Path) -> str:
    dotted = named.replace(".", "/")
    for candidate in (named, f"{dotted}.py", f"{dotted}/__init__.py"):
        if (folder / candidate).is_file():
            return candidate
    raise UsageError(f"there is no settings module {named!r}", hint=_HINT)
