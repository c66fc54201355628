"""Changing the values of axes in the text of matrix.toml; all else, comments too, stays as it is. Pure."""

from collections.abc import Collection, Mapping
from typing import cast

import tomlkit
from packaging.version import Version
from tomlkit.items import Array, Table

from harness.matrix.question import is_series


def with_values(text: str, added: Mapping[str, Collection[str]], gone: Mapping[str, Collection[str]]) -> str:
    """The text with values added to axes and others taken out; each new one stands before a newer one."""
    document = tomlkit.parse(text)
    axes = cast("Table", document["axes"])
    for axis in {**added, **gone}:
        values = cast("Array", cast("Table", axes[axis])["values"])
        for value in gone.get(axis, ()):
            values.remove(value)
        for value in sorted(added.get(axis, ()), key=age):
            _insert(values, value)
    return tomlkit.dumps(document)


def age(value: str) -> tuple[Version, bool]:
    """To sort values by: a series stands before its releases."""
    return Version(value), not is_series(value)


def _insert(values: Array, value: str) -> None:
    newer = (index for index, other in enumerate(values) if age(str(other)) > age(value))
    place = next(newer, len(values))
    if place == 0 and "\n" not in values.as_string():
        # On one line tomlkit forgets the blank after a first value.
        values.insert(1, str(values[0]))
        values[0] = value
    else:
        values.insert(place, value)
