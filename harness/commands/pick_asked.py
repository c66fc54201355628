"""What `nox -s pick` was asked, read and ready: the wish, and what is known without any record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from packaging.specifiers import SpecifierSet

from harness.answers.circumstances import DEFAULTS, Circumstances
from harness.answers.circumstances import told as told_value
from harness.answers.demands import read_demands
from harness.answers.pick import Calendar, Prefer, Wish
from harness.answers.projects.project import Project
from harness.answers.projects.read import read_project
from harness.answers.resilience import read_required
from harness.answers.settings import with_defaults
from harness.answers.stack import PYTHON, Demands
from harness.commands.places import Places
from harness.commands.settings import read_settings
from harness.errors import UsageError
from harness.matrix.config import Matrix, load_matrix
from harness.matrix.field import Field
from harness.matrix.releases import Releases, load_releases, make_field
from harness.model import DatabaseKind
from harness.report.pick.files import FileKind, kind_of, pythons_of

_ANY_PYTHON = "3.11"  # that markers are asked about, where a project does not say which


@dataclass(frozen=True, kw_only=True)
class PickOptions:
    """What `nox -s pick` was asked for. Relative names are of `folder`.

    `settings` are `NAME=value` words, and one settings module at most; `database` None: what that says, else
    sqlite. `required` are names of promises, or what several begin with. `verify` None: run what is not
    known, if it is little. `origin` is a project's file, `to` what is wanted then, and `words` what must hold
    all the way.
    """

    words: tuple[str, ...] = ()
    folder: Path = Path()
    database: DatabaseKind | None = None
    settings: tuple[str, ...] = ()
    prefer: Prefer = Prefer.NEWEST
    as_of: date | None = None
    required: tuple[str, ...] = ()
    write: str = ""
    hashes: bool = False
    verify: bool | None = None
    origin: str = ""
    to: tuple[str, ...] = ()
    as_json: bool = False


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
    def field(self) -> Field:
        """The field of matrix.toml's series, with what packages declare."""
        return make_field({axis: table.values for axis, table in self.matrix.axes.items()}, self.releases)

    def with_demands(self, demands: Demands) -> Wish:
        """The same wish of other versions."""
        return replace(self.wish, demands=demands)

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


def read_asked(options: PickOptions, places: Places) -> Asked:
    """The question, with what matrix.toml and releases.json know.

    Raises:
        UsageError: a word is no demand or no setting, or options do not go together.
        ProjectError: the file that the project comes from, or a settings module, has mistakes.
        MatrixError: matrix.toml or releases.json cannot be read.
    """
    matrix = load_matrix(places.matrix)
    axes = tuple(matrix.axes)
    if bool(options.origin) != bool(options.to):
        raise UsageError("--from and --to go together", hint='--from requirements.txt --to "django==5.2.*"')
    written = _python_of_written(options)
    words = (*options.words, *(f"{PYTHON}{each}" for each in written))
    held = read_demands(words, axes)
    read = read_demands((*words, *options.to), axes)
    origin = _origin(read_project(options.origin, options.folder), axes) if options.origin else None
    if options.prefer is Prefer.NEAREST and origin is None:
        raise UsageError("nearest to what?", hint="--from requirements.txt says what you have")
    circumstances, told = _circumstances(options)
    return Asked(
        matrix=matrix,
        places=places,
        releases=load_releases(places.releases),
        wish=Wish(
            demands=read.demands,
            circumstances=circumstances,
            prefer=Prefer.NEAREST if origin is not None else options.prefer,
            as_of=options.as_of,
            origin=origin,
            required=read_required(options.required, circumstances.database),
        ),
        held=held.demands,
        readings=(*read.readings, *told, *(f"pyproject.toml is for Python {each}" for each in written)),
    )


def _python_of_written(options: PickOptions) -> tuple[str, ...]:
    """The Pythons that a project is for whose pyproject.toml is to be written: pins for others are no use."""
    kind, name = kind_of(options.write) if options.write else (None, "")
    path = options.folder / name
    if kind is not FileKind.PYPROJECT or not path.exists():
        return ()
    python = pythons_of(path.read_text(encoding="utf-8"))
    return (python,) if python else ()


def _circumstances(options: PickOptions) -> tuple[Circumstances, tuple[str, ...]]:
    """What the user runs under, and how a settings module was read; without one, what startproject writes."""
    given = read_settings(options.settings, options.folder)
    known = with_defaults(given.module, given.words, None)
    told: tuple[str, ...] = ()
    if given.path:
        unread = [f"{name}: {why}" for name, why in known.unread.items() if name in DEFAULTS]
        if unread:
            words = " ".join(f"{name}=..." for name in known.unread if name in DEFAULTS)
            raise UsageError("\n".join(unread), hint=f"say it as words: --settings {given.path} {words}")
        found = {name: known.values.get(name, value) for name, value in DEFAULTS.items()}
        read = ", ".join(f"{name}={told_value(value)}" for name, value in found.items())
        told = (f"{given.path} is read as {read}", *known.notes)
    else:
        # Who names some settings has the others as a new project has them, TIME_ZONE among these.
        found = {name: given.words.get(name, value) for name, value in DEFAULTS.items()}
    return Circumstances(settings=found, database=options.database or known.database or "sqlite"), told


def _origin(project: Project, axes: Sequence[str]) -> dict[str, str]:
    """The versions of axes' packages that a project pins, and its Python if it says one.

    Raises:
        UsageError: it pins none.
    """
    said = [each.version.removesuffix(".*") for each in SpecifierSet(project.python) if each.operator == "=="]
    found = {PYTHON: ".".join(said[0].split(".")[:2])} if said else {}
    pins = {name: allowed.pin for name, allowed in project.on(found.get(PYTHON, _ANY_PYTHON)).items()}
    found |= {axis: pin for axis in axes if (pin := pins.get(axis)) is not None}
    if not found.keys() - {PYTHON}:
        packages = ", ".join(axis for axis in axes if axis != PYTHON)
        raise UsageError(f"{project.file} pins none of {packages}", hint="a pin is like django==4.2.11")
    return found
