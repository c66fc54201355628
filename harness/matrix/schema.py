"""The shape of matrix.toml, one class per table. The only place that knows its keys.

The classes check types and unknown keys; `harness.matrix.config` checks what one table says of
another. The JSON schema for editors is generated from here.
"""

import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_snake

from harness.model import USUAL_CHECKS, DatabaseKind, Experiment, Installer, Resolution

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
Name = Annotated[str, Field(pattern=NAME)]
# A part of a stack's name, beside the versions.
StyleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$")]
Seconds = Annotated[float, Field(gt=0)]


def _kebab(field: str) -> str:
    return to_snake(field).replace("_", "-")


class Table(BaseModel):
    """Any table: its keys are kebab-case, and a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=_kebab)


class ResolutionTable(Table):
    """How stacks are resolved."""

    grace_days: Annotated[int, Field(ge=0)] = Field(
        default=30, description="days added to a stack's newest pin when it is resolved as of its era"
    )


class ProjectTable(Table):
    """The Django project that runs in every cell."""

    path: str | None = Field(
        default=None, description="its folder, from matrix.toml's own; without it, the bundled sample project"
    )


class TimeoutsTable(Table):
    """Deadlines in seconds. None of them is waited out when the thing waited for happens."""

    index: Seconds = Field(default=30, description="one answer of the package index, to `nox -s update`")
    resolve: Seconds = Field(default=120, description="choosing all versions of a stack")
    build: Seconds = Field(default=600, description="installing a stack, source builds included")
    service: Seconds = Field(default=20, description="a server's first answer")
    import_: Seconds = Field(default=60, alias="import", description="loading Django and the project")
    migrate: Seconds = Field(default=120, description="creating the database")
    worker: Seconds = Field(default=60, description="the worker's `ready.`")
    beat: Seconds = Field(default=60, description="beat's first tick")
    check: Seconds = Field(default=45, description="one answer of the cell: a result, a tick, a log line")
    shutdown: Seconds = Field(default=30, description="a warm shutdown")
    cell: Seconds = Field(default=900, description="one attempt of a cell, all stages together")


class AxisTable(Table):
    """One package (or Python) and the values it may take in a stack."""

    values: tuple[str, ...] = Field(
        min_length=1, description='series ("4.2": its newest patch) or releases ("2.2.28")'
    )
    since: Annotated[str, Field(pattern=r"^\d+\.\d+$")] | None = Field(
        default=None,
        description="the oldest series that `nox -s update` looks for; without it, the oldest of `values`",
    )
    requirements: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="further requirements (PEP 508) that a value of this axis cannot be installed without",
    )


def _is_setting(value: object) -> object:
    # pydantic tells one mistake for each type of a union, at places that are not in the file.
    if not isinstance(value, bool | str):
        raise ValueError("input should be a boolean or a string")  # noqa: TRY004 - pydantic's way
    return value


Setting = Annotated[bool | str, BeforeValidator(_is_setting)]


class ProfileTable(Table):
    """Settings a stack runs under."""

    reason: str = Field(min_length=1)
    settings: dict[str, Setting] = Field(description="Django settings by their own names")
    database: DatabaseKind = "sqlite"
    broker: Literal["redis"] = "redis"


class DatabaseTable(Table):
    """What a database needs in a cell's environment."""

    requirements: tuple[str, ...] = Field(
        min_length=1, description="its driver, as PEP 508 requirements beside the stack's own"
    )


class StackTable(Table):
    """One set of pinned versions. Beside these keys it takes one key per axis."""

    model_config = ConfigDict(extra="allow", frozen=True, alias_generator=_kebab)
    __pydantic_extra__: dict[str, Any]

    reason: str = Field(min_length=1, description="why anyone runs this set")
    like: str | None = Field(default=None, description="take over the keys of that stack")
    extras: dict[str, tuple[str, ...]] | None = Field(
        default=None, description='extras by axis: { celery = ["redis"] } asks for celery[redis]'
    )
    requirements: tuple[str, ...] | None = Field(default=None, description="further requirements, PEP 508")
    resolution: Resolution | None = Field(default=None, description="today, era or override")
    as_of: date | None = Field(
        default=None, description="with resolution era: this date instead of the pins' own"
    )


class ConstraintTable(Table):
    """Cells a plan leaves out, with the reason and where it is known from."""

    when: dict[str, tuple[str, ...]] = Field(
        min_length=1,
        description="by axis or profile key (database, broker), the values it applies to; globs allowed",
    )
    reason: str = Field(min_length=1)
    source: str = Field(min_length=1, description="a link or a document")


class ExpectationTable(Table):
    """A known failure. It must be seen in every cell it names, until it expires."""

    cells: tuple[str, ...] = Field(min_length=1, description="globs over cell ids")
    signature: str = Field(description="glob over failure signatures, stage:reason[:detail]")
    reason: str = Field(min_length=1)
    link: str = Field(pattern=r"^https?://", description="where it is discussed")
    expires: date = Field(description="from that day on the failure counts again")


class PlanTable(Table):
    """Each of `stacks` under each of `profiles`, and `cells` besides.

    With `each` also a stack for every series of that axis, on every Python that releases.json admits for it,
    in each of `styles`, by each of `installers`.
    """

    reason: str = Field(min_length=1)
    stacks: tuple[str, ...] = Field(default=(), description="globs over stack names")
    profiles: tuple[str, ...] = Field(min_length=1, description="globs over profile names")
    cells: tuple[str, ...] = Field(default=(), description="globs over the ids of further cells")
    checks: tuple[Experiment, ...] = Field(
        default=USUAL_CHECKS, min_length=1, description="what is looked at in a cell that lives"
    )
    attempts: Annotated[int, Field(ge=1)] = Field(
        default=1,
        description="how often each cell is tried at least, also if nothing failed: what is flaky shows",
    )
    settle_pairs: bool = Field(
        default=False,
        description="after these cells choose rows of the axes' series, under the plan's one profile, until"
        " every pair of values works or has a cause",
    )
    cover: tuple[str, ...] = Field(
        default=(), description="with settle-pairs: three axes of which every combination is run as well"
    )
    over_caps: bool = Field(
        default=False,
        description="choose rows with pairs of series that only an upper cap forbids, under the plan's one"
        " profile, and install them with resolution override, until of every such pair it is known whether it"
        " works so",
    )
    each: str | None = Field(
        default=None,
        description="an axis, such as django: each of its series on each Python is a stack of this plan, with"
        " all other versions left to the installer",
    )
    styles: dict[StyleName, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="with each: what people write beside it, by a name for it; axes, with their extras",
    )
    installers: tuple[Installer, ...] = Field(
        default=(), description="with each: who chooses; pip is the one that comes with the Python"
    )


class CiTable(Table):
    """What `nox -s ci` writes for GitHub or GitLab to run."""

    plan: Name = Field(default="default", description="the plan to run")
    shards: Annotated[int, Field(ge=1, le=200)] = Field(
        default=1, description="on so many machines, whose records are merged"
    )
    schedule: Annotated[str, Field(pattern=r"^[0-9*/,-]+( [0-9*/,-]+){4}$")] = Field(
        default="17 4 * * 1",
        description="when to run by itself and to look for releases, as cron has it, UTC; GitHub's only",
    )
    requirement: Annotated[str, Field(pattern=r"^[^\n]+$")] | None = Field(
        default=None,
        description="what pip installs to get the harness: its name, a link or a path; without it this"
        " checkout is the harness, with a noxfile and a lock of its own",
    )


def _has_python(axes: dict[str, AxisTable]) -> dict[str, AxisTable]:
    if "python" not in axes:
        raise ValueError("the axis python is missing")
    return axes


class MatrixFile(Table):
    """matrix.toml."""

    project: ProjectTable = ProjectTable()
    resolution: ResolutionTable = ResolutionTable()
    timeouts: TimeoutsTable = TimeoutsTable()
    # What a file leaves out as a whole of axes, profiles and plans: harness.matrix.defaults.
    axes: Annotated[dict[Name, AxisTable], AfterValidator(_has_python)]
    databases: dict[DatabaseKind, DatabaseTable] = {}
    profiles: dict[Name, ProfileTable] = Field(min_length=1)
    stacks: dict[Name, StackTable] = Field(min_length=1)
    constraints: tuple[ConstraintTable, ...] = ()
    expectations: tuple[ExpectationTable, ...] = ()
    plans: dict[Name, PlanTable] = Field(min_length=1)
    ci: CiTable = CiTable()


def json_schema() -> str:
    """The JSON schema of matrix.toml, as the text committed for editors."""
    schema: dict[str, Any] = MatrixFile.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
