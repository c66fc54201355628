"""`nox -s update`: what the package index has that matrix.toml and releases.json have not, and the change."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version
from rich.console import Console

from harness.commands.files import write
from harness.commands.interrupt import stopping_on_signals
from harness.commands.places import Places
from harness.env.index import fetch_releases, open_index
from harness.env.interpreters import find_interpreters, pyenv_folders
from harness.env.uv import Uv
from harness.errors import ExitCode, UsageError
from harness.matrix.config import Matrix, load_matrix, parse_matrix
from harness.matrix.defaults import PYPROJECT
from harness.matrix.edit import with_values
from harness.matrix.field import Pin
from harness.matrix.news import News, find_news, with_pythons
from harness.matrix.product import count_product
from harness.matrix.releases import Releases, load_releases, make_field, render_releases
from harness.matrix.schema import AxisTable
from harness.proc.marker import Marker


def run_update(*, check: bool, places: Places, console: Console) -> ExitCode:
    """Tell the news and write it into both files; with `check`, only tell it and return 1 if there is any.

    Raises:
        UsageError: the file has no axes of its own, or is not ours alone.
    """
    _require_axes(places)
    matrix = load_matrix(places.matrix)
    old = load_releases(places.releases) if places.releases.exists() else Releases(packages={})
    marker = Marker.of_this_harness("update")
    with stopping_on_signals(marker), console.status("asking the package index"):
        new = _ask_index(matrix, old)
        pythons = _pythons(places, marker)
    axes = {axis: table.values for axis, table in matrix.axes.items()}
    news = with_pythons(find_news(axes, _in_use(matrix), old=old, new=new), axes["python"], pythons)
    changed = _changed_texts(news, new, places)
    for line in news.lines:
        _print(line, console)
    if not changed:
        count = sum(map(len, new.packages.values()))
        _print(f"nothing is new: {count} releases of {len(new.packages)} packages are noted", console)
        return ExitCode.OK
    for path, text in changed.items():
        if not check:
            write(path, text)
        _print(f"{path.name}: {'is behind; run `nox -s update`' if check else 'written'}", console)
    return ExitCode.UNEXPECTED if check else ExitCode.OK


def _require_axes(places: Places) -> None:
    if places.matrix.name == PYPROJECT:
        raise UsageError(
            "nox -s update writes into matrix.toml, and here is a pyproject.toml",
            hint="move the tables into a matrix.toml beside it",
        )
    load_matrix(places.matrix)  # its mistakes come first
    if "axes" not in tomllib.loads(places.matrix.read_text(encoding="utf-8")):
        raise UsageError(
            "matrix.toml has no axes of its own, so that there is nothing to bring up to date",
            hint='write [axes.django], with since = "4.2" and the values of your stacks, and so on',
        )


def run_explain(places: Places, console: Console) -> ExitCode:
    """Say how many rows the whole product has, and how many which declaration forbids; asks no index."""
    matrix = load_matrix(places.matrix)
    axes = {axis: table.values for axis, table in matrix.axes.items()}
    field = make_field(axes, load_releases(places.releases))
    count = count_product(field)
    factors = " x ".join(f"{len(values)} {axis}" for axis, values in field.axes.items())
    _print(f"{count.rows:>11,}  rows in the whole product: {factors}", console)
    _print(f"{count.admitted:>11,}  of them are admitted by what the packages declare", console)
    capped = sum(why.upper_cap_only for why in field.forbidden.values())
    _print(
        f"{len(field.forbidden)} of {len(field.pairs):,} pairs are forbidden, {capped} by an upper end alone",
        console,
    )
    _print("The others, each by the first declaration that forbids it:", console)
    for text, rows in count.forbidden.items():
        _print(f"{rows:>11,}  {text}", console)
    return ExitCode.OK


def _ask_index(matrix: Matrix, old: Releases) -> Releases:
    since = {axis: _since(table) for axis, table in matrix.axes.items() if axis != "python"}
    # What a release requires of an axis that was not there yet has not been noted.
    known = old.packages if set(old.packages) == set(since) else {}
    with open_index(os.environ, timeout=matrix.timeouts["index"]) as index:
        return Releases(packages=fetch_releases(since, known, index))


def _since(table: AxisTable) -> str:
    oldest = min(map(Version, table.values))
    return table.since or ".".join(map(str, oldest.release[:2]))


def _pythons(places: Places, marker: Marker) -> dict[str, str]:
    """The versions of this machine's CPythons, by series."""
    places.state.mkdir(parents=True, exist_ok=True)
    uv = Uv(
        log=places.state / "update.log", marker=marker, timeout=600, path_prefix=pyenv_folders(os.environ)
    )
    return {series: found.version for series, found in find_interpreters(uv).items()}


def _in_use(matrix: Matrix) -> frozenset[Pin]:
    """The values that something in matrix.toml names."""

    def named() -> Iterator[Pin]:
        for stack in matrix.stacks.values():
            yield from stack.pins.items()
        for axis, table in matrix.axes.items():
            yield from ((axis, value) for value in table.requirements)
        for constraint in matrix.constraints:
            yield from ((axis, glob) for axis, globs in constraint.when.items() for glob in globs)

    return frozenset(named())


def _changed_texts(news: News, new: Releases, places: Places) -> dict[Path, str]:
    """The files that are not as they should be, and how they should be.

    Raises:
        MatrixError: matrix.toml would have mistakes with the change.
    """
    before = places.matrix.read_text(encoding="utf-8")
    texts = {places.matrix: with_values(before, news.added, news.gone), places.releases: render_releases(new)}
    parse_matrix(texts[places.matrix], name=places.matrix.name)
    return {
        path: text
        for path, text in texts.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def _print(line: str, console: Console) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)
