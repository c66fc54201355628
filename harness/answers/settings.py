"""The settings that decide about time: from `NAME=value` words, or from a settings module. Pure.

A settings module is Python, and may compute anything; it is read, not run. What is a literal, another name's
literal, or comes from `from .base import *` is known; whatever else is told as unread, and the user may give
it as a word.
"""

import ast
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal
from zoneinfo import available_timezones

from packaging.version import Version

from harness.matrix.select import nearest
from harness.model import DatabaseKind

SWITCHES = ("USE_TZ", "CELERY_ENABLE_UTC", "DJANGO_CELERY_BEAT_TZ_AWARE")
ZONES = ("TIME_ZONE", "CELERY_TIMEZONE")
DATABASE = "database"
NAMES = (*SWITCHES, *ZONES, DATABASE)

_ENGINES: Mapping[str, DatabaseKind] = {
    "sqlite3": "sqlite",
    "postgresql": "postgresql",
    "postgresql_psycopg2": "postgresql",
    "mysql": "mariadb",
}
_DATABASES: Mapping[str, DatabaseKind] = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "mariadb": "mariadb",
    "mysql": "mariadb",
}
_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
# Read by nobody: django-celery-beat asks Django for its own name (its issue 951).
_INEFFECTIVE = {"CELERY_DJANGO_CELERY_BEAT_TZ_AWARE": "DJANGO_CELERY_BEAT_TZ_AWARE"}
# Since Django 5.0 the default of USE_TZ is True; TIME_ZONE has been Chicago's from its beginnings.
_USE_TZ_SINCE = Version("5.0")
_CHICAGO = "America/Chicago"

Given = bool | str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is known of the settings, by name; "" for no CELERY_TIMEZONE. `database` is a kind, "" if unknown.

    `assumed` are the defaults of Django, Celery and django-celery-beat for what is not set, `unread` says of
    a setting, with file and line, why nobody could read it, `notes` what is worth knowing besides.
    """

    values: Mapping[str, Given]
    database: DatabaseKind | Literal[""] = ""
    assumed: tuple[str, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything about time is known."""
        return all(name in self.values for name in (*SWITCHES, *ZONES))


@dataclass(kw_only=True)
class _Module:
    """What the assignments of a module, and of those that it takes everything from, say so far."""

    known: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def parse_words(words: Sequence[str]) -> tuple[dict[str, Given], tuple[str, ...]]:
    """The settings that `NAME=value` words give; and every mistake."""
    given: dict[str, Given] = {}
    mistakes = []
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if name not in NAMES or not equals:
            mistakes.append(f"{word!r}: no such setting{nearest(name, NAMES)}")
        elif name in SWITCHES and value.lower() not in _WORDS:
            mistakes.append(f"{word!r}: {name} is True or False")
        elif name in ZONES and value not in _zones() and (value or name == "TIME_ZONE"):
            mistakes.append(f"{word!r}: no such time zone{nearest(value, sorted(_zones()))}")
        elif name == DATABASE and value not in _DATABASES:
            mistakes.append(f"{word!r}: no such database{nearest(value, _DATABASES)}")
        else:
            given[name] = _WORDS[value.lower()] if name in SWITCHES else value
    return given, tuple(mistakes)


def read_module(path: str, read: Callable[[str], str]) -> Settings:
    """The settings of a module, of those in NAMES; what it does not set is not in `values`.

    `read` gives the text of a file by its path; it raises OSError.

    Raises:
        SyntaxError: it is no Python.
        OSError: it cannot be read.
    """
    module = _Module()
    _read(path, read, module, seen=set())
    values = {name: module.known[name] for name in (*SWITCHES, *ZONES) if name in module.known}
    if values.get("CELERY_TIMEZONE", "") is None:
        values["CELERY_TIMEZONE"] = ""
    unread = {name: why for name, why in module.unread.items() if name in (*NAMES, "DATABASES")}
    for name in [name for name, value in values.items() if not _has_sense(name, value)]:
        unread[name] = f"{path}: {values.pop(name)!r} is no value of {name}"
    return Settings(
        values=values,
        database=_database(module.known.get("DATABASES")),
        unread=unread,
        notes=tuple(module.notes),
    )


def with_defaults(settings: Settings, given: Mapping[str, Given], django: str | None) -> Settings:
    """The settings with what words give, and the defaults for what nobody has set.

    `django` is its version, None if it is not known: the default of USE_TZ depends on it.
    """
    values = {**settings.values, **{name: value for name, value in given.items() if name != DATABASE}}
    unread = {name: why for name, why in settings.unread.items() if name not in given}
    defaults: dict[str, Given] = {
        "TIME_ZONE": _CHICAGO,
        "CELERY_ENABLE_UTC": True,
        "CELERY_TIMEZONE": "",
        "DJANGO_CELERY_BEAT_TZ_AWARE": True,
    }
    if django is not None:
        defaults["USE_TZ"] = Version(django) >= _USE_TZ_SINCE
    assumed = tuple(name for name in defaults if name not in values and name not in unread)
    kind = _DATABASES[str(given[DATABASE])] if DATABASE in given else settings.database
    return Settings(
        values={**{name: defaults[name] for name in assumed}, **values},
        database=kind,
        assumed=assumed,
        unread=unread,
        notes=settings.notes,
    )


def _read(path: str, read: Callable[[str], str], module: _Module, seen: set[str]) -> None:
    if path in seen:
        return
    seen.add(path)
    for statement in ast.parse(read(path), filename=path).body:
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _assign(target, value, path, module)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                _assign(target, value, path, module)
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                _include(statement, path, read, module, seen)
            case ast.FunctionDef() | ast.ClassDef():
                pass  # its names are its own
            case _:
                _forget(statement, path, module)


def _assign(target: ast.expr, value: ast.expr, path: str, module: _Module) -> None:
    if not isinstance(target, ast.Name):
        _forget_target(target, path, module)
        return
    if target.id in _INEFFECTIVE:
        module.notes.append(
            f"{path}, line {target.lineno}: nobody reads {target.id}; the name is {_INEFFECTIVE[target.id]}"
        )
    try:
        module.known[target.id] = _value(value, module.known)
        module.unread.pop(target.id, None)
    except (ValueError, KeyError):
        module.known.pop(target.id, None)
        module.unread[target.id] = f"{path}, line {target.lineno}: it is computed: {ast.unparse(value)}"


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any literal
    """A literal, or what a name stands for. Raises ValueError or KeyError for anything else."""
    match node:
        case ast.Name(id=name):
            return known[name]
        case ast.Dict(keys=keys, values=values):
            return {
                _value(key, known): _value_or_none(value, known)
                for key, value in zip(keys, values, strict=True)
                if key is not None
            }
        case _:
            return ast.literal_eval(node)


def _value_or_none(node: ast.expr, known: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any literal
    """Of a table such as DATABASES one value may be computed, and the others matter all the same."""
    try:
        return _value(node, known)
    except (ValueError, KeyError):
        return None


def _include(
    statement: ast.ImportFrom, path: str, read: Callable[[str], str], module: _Module, seen: set[str]
) -> None:
    """`from .base import *`: what stands beside, or above. Of installed modules nothing is read."""
    name = statement.module or ""
    if statement.level == 0:
        module.notes.append(f"{path}, line {statement.lineno}: what {name} sets is not read")
        return
    folder = posixpath.dirname(path)
    for _ in range(statement.level - 1):
        folder = posixpath.join(folder, "..")
    base = posixpath.normpath(posixpath.join(folder, *name.split(".")))
    for candidate in (f"{base}.py", f"{base}/__init__.py"):
        try:
            _read(candidate, read, module, seen)
        except FileNotFoundError:
            continue
        return
    module.notes.append(f"{path}, line {statement.lineno}: {base}.py is not there")


def _forget(statement: ast.stmt, path: str, module: _Module) -> None:
    """What is set in a condition, a loop or a `try` is not known, nor what it was before."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            module.known.pop(node.id, None)
            module.unread[node.id] = f"{path}, line {node.lineno}: it is set under a condition"


def _forget_target(target: ast.expr, path: str, module: _Module) -> None:
    for name in _names(target):
        module.known.pop(name, None)
        module.unread[name] = f"{path}, line {target.lineno}: it is set in parts"


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def _has_sense(name: str, value: object) -> bool:
    if name in SWITCHES:
        return isinstance(value, bool)
    return isinstance(value, str) and (value in _zones() or (not value and name != "TIME_ZONE"))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _database(databases: object) -> DatabaseKind | Literal[""]:
    default = databases.get("default") if isinstance(databases, dict) else None
    engine = default.get("ENGINE") if isinstance(default, dict) else None
    return _ENGINES.get(str(engine).rpartition(".")[2], "")
