"""releases.json: what the package index said of the axes' packages. The only place that knows its text.

`make_field` judges from it, without installing anything, which pairs of series no installer accepts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pydantic import TypeAdapter, ValidationError

from harness.errors import MatrixError
from harness.matrix.declared import Declared, why_not_on, why_not_together
from harness.matrix.field import Declaration, Field, Pin, Pins
from harness.matrix.question import is_series
from harness.model import Release

SCHEMA_VERSION = 1
_PACKAGES = TypeAdapter(dict[str, tuple[Release, ...]])


@dataclass(frozen=True, kw_only=True)
class Releases:
    """By package, its releases, oldest first."""

    packages: Mapping[str, tuple[Release, ...]]

    def known(self, package: str, value: str) -> tuple[Release, ...]:
        """The releases that a value of an axis stands for: those of a series, or one."""
        version, every = Version(value), self.packages.get(package, ())
        if is_series(value):
            return tuple(each for each in every if Version(each.version).release[:2] == version.release)
        return tuple(each for each in every if Version(each.version) == version)

    def installable(self, package: str, value: str) -> tuple[Release, ...]:
        """Those that an installer takes for the value: of a series no pre-release and nothing yanked."""
        known = self.known(package, value)
        if not is_series(value):
            return known
        return tuple(
            each for each in known if each.yanked is None and not Version(each.version).is_prerelease
        )


def load_releases(path: Path) -> Releases:
    """Read `path`.

    Raises:
        MatrixError: it cannot be read, or is not what `nox -s update` writes.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise _mistake(path.name, f"cannot be read: {error.strerror}") from None
    return parse_releases(text, name=path.name)


def parse_releases(text: str, *, name: str = "releases.json") -> Releases:
    """The same, from the file's text."""
    try:
        file = json.loads(text)
        if file["schema"] != SCHEMA_VERSION:
            raise _mistake(name, f"is of schema {file['schema']}, not {SCHEMA_VERSION}")
        releases = Releases(packages=_PACKAGES.validate_python(file["packages"]))
        _judge_words(releases)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise _mistake(name, *problems) from None
    except (ValueError, KeyError, TypeError) as error:
        raise _mistake(name, f"is not what `nox -s update` writes: {error}") from None
    return releases


def render_releases(releases: Releases) -> str:
    """Its text: one line a release, so that a difference is one, too."""
    packages = ",\n".join(
        f"    {json.dumps(package)}: [\n"
        + ",\n".join(f"      {json.dumps(_entry(release), ensure_ascii=False)}" for release in every)
        + "\n    ]"
        for package, every in releases.packages.items()
    )
    return f'{{\n  "schema": {SCHEMA_VERSION},\n  "packages": {{\n{packages}\n  }}\n}}\n'


def make_field(axes: Mapping[str, Sequence[str]], releases: Releases) -> Field:
    """The field of the axes' series, and of pre-releases that an axis names, oldest first.

    A pair is forbidden when no release of the one and release of the other can be installed together on any
    Python of the field: by what they declare of each other, and of Python. A value of which releases.json
    knows nothing forbids nothing: what it does is for the resolver to say.
    """
    values = {axis: field_values(all_) for axis, all_ in axes.items()}
    patches: dict[Pin, tuple[Declared, ...]] = {
        (package, value): tuple(
            Declared(package=package, value=value, release=release)
            for release in releases.installable(package, value)
        )
        for package, every in values.items()
        if package != "python"
        for value in every
        if releases.known(package, value)
    }
    field = Field(axes=values, forbidden={})
    forbidden = {
        pair: why for pair in field.pairs if (why := _why_forbidden(pair, patches, values["python"]))
    }
    days = {
        pin: [each.release.uploaded.toordinal() for each in every if each.release.uploaded]
        for pin, every in patches.items()
    }
    return Field(axes=values, forbidden=forbidden, released={pin: min(of) for pin, of in days.items() if of})


def field_values(values: Sequence[str]) -> tuple[str, ...]:
    """Of an axis, what the field varies: its series, and pre-releases, oldest first."""
    chosen = {value for value in values if is_series(value) or Version(value).is_prerelease}
    return tuple(sorted(chosen, key=Version))


def _why_forbidden(
    pair: Pins, patches: Mapping[Pin, tuple[Declared, ...]], pythons: Sequence[str]
) -> Declaration | None:
    for pin in pair:
        if pin in patches and not patches[pin]:
            return Declaration(text=f"{pin[0]} {pin[1]} has no release that installers choose")
    sides = [patches[pin] for pin in pair if pin in patches]
    on = [value for axis, value in pair if axis == "python"]
    match sides, on:
        case [one], [python]:
            return why_not_on(one, python)
        case [one, other], []:
            return why_not_together(one, other, pythons)
        case _:
            return None


def _entry(release: Release) -> dict[str, Any]:
    entry = {
        "version": release.version,
        "uploaded": release.uploaded and release.uploaded.isoformat(),
        "requires_python": release.requires_python,
        "requires": release.requires,
    }
    return entry if release.yanked is None else {**entry, "yanked": release.yanked}


def _judge_words(releases: Releases) -> None:
    """Raise ValueError for a word that is no version, specifier or requirement."""
    for every in releases.packages.values():
        for release in every:
            Version(release.version)
            SpecifierSet(release.requires_python)
            for requirement in release.requires or ():
                Requirement(requirement)


def _mistake(name: str, *problems: str) -> MatrixError:
    error = MatrixError(name, problems)
    error.hint = "take the committed one, or remove it and write it anew: nox -s update"
    return error
