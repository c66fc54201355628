"""What `nox -s pick` was asked, read and ready: the wish, and what is known without any record."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from harness.answers.pick import Calendar, Wish
from harness.answers.stack import Demands
from harness.commands.places import Places
from harness.matrix.config import Matrix
from harness.matrix.field import Field
from harness.matrix.releases import Releases, load_releases, make_field


@dataclass(frozen=True, kw_only=True)
class Asked:
    """All of a question but the records.

    `held` is what every step of an upgrade must meet; `readings` say how some words were read.
    """

    matrix: Matrix
    places: Places
    releases: Releases
    wish: Wish
    held: Demands
    readings: tuple[str, ...]

    @cached_property
    def calendar(self) -> Calendar:
        """The days of all releases."""
        return Calendar(
            days={
                (package, release.version): release.uploaded
                for package, every in self.releases.packages.items()
                for release in every
                if release.uploaded is not None
            }
        )


def make_asked(
    matrix: Matrix, places: Places, wish: Wish, *, held: Demands, readings: Sequence[str]
) -> Asked:
    """With what releases.json knows.

    Raises:
        MatrixError: releases.json cannot be read.
    """
    return Asked(
        matrix=matrix,
        places=places,
        releases=load_releases(places.releases),
        wish=wish,
        held=held,
        readings=tuple(readings),
    )


def field_of(asked: Asked) -> Field:
    """The field of matrix.toml's series, with what packages declare."""
    axes = {axis: table.values for axis, table in asked.matrix.axes.items()}
    return make_field(axes, asked.releases)
