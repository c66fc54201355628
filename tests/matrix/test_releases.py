from datetime import date
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from harness.errors import MatrixError
from harness.matrix.config import load_matrix
from harness.matrix.field import Declaration, Field
from harness.matrix.releases import Releases, load_releases, make_field, parse_releases, render_releases
from harness.model import Release
from tests.conftest import AssertExpected

PYTHONS = ("3.8", "3.9", "3.10")


def release(version: str, *requires: str, python: str = "", yanked: str | None = None) -> Release:
    return Release(
        version=version,
        uploaded=date(2024, 3, 4),
        requires_python=python,
        requires=requires,
        yanked=yanked,
    )


def field_of(axes: dict[str, tuple[str, ...]], **packages: list[Release]) -> Field:
    named = {name.replace("_", "-"): tuple(releases) for name, releases in packages.items()}
    return make_field({"python": PYTHONS, **axes}, Releases(packages=named))


def why(field: Field, **row: str) -> str:
    return field.why_not({axis.replace("_", "-"): value for axis, value in row.items()})


# --- the file -------------------------------------------------------------------------------------

RELEASES = st.builds(
    Release,
    version=st.sampled_from(["2.2", "2.2.1", "6.2a1"]),
    uploaded=st.none() | st.dates(),
    requires_python=st.sampled_from(["", ">=3.8,!=3.9.0"]),
    requires=st.none()
    | st.lists(st.sampled_from(["celery", 'Django>=2.2,<4.0; python_version < "3.8"'])).map(tuple),
    yanked=st.none() | st.text(),
)


@given(
    st.dictionaries(
        st.sampled_from(["django", "redis"]), st.lists(RELEASES, max_size=3).map(tuple), min_size=1
    )
)
def test_what_is_written_is_read_again(packages: dict[str, tuple[Release, ...]]) -> None:
    releases = Releases(packages=packages)
    assert parse_releases(render_releases(releases)) == releases


def test_a_release_is_a_line(assert_expected: AssertExpected) -> None:
    releases = Releases(
        packages={
            "django": (release("2.2", python=">=3.5"), release("2.2.1", yanked="broken")),
            "django-celery-beat": (
                release("2.2.0", "Django>=2.2,<4.0", 'celery>=4.4; python_version < "4"'),
            ),
        }
    )
    assert_expected(render_releases(releases), Path(__file__).parent / "releases.expected")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is not what `nox -s update` writes: Expecting value"),
        ("[]", "is not what `nox -s update` writes"),
        ('{"packages": {}}', "is not what `nox -s update` writes: 'schema'"),
        ('{"schema": 2, "packages": {}}', "is of schema 2, not 1"),
        ('{"schema": 1, "packages": {"django": [{}]}}', "django.0.version: Field required"),
        (render_releases(Releases(packages={"django": (release("new"),)})), "Invalid version: 'new'"),
        (
            render_releases(Releases(packages={"django": (release("1.0", python="3"),)})),
            "Invalid specifier: '3'",
        ),
        (render_releases(Releases(packages={"django": (release("1.0", "?"),)})), "is not what"),
    ],
)
def test_a_file_of_something_else_is_a_mistake(text: str, problem: str) -> None:
    with pytest.raises(MatrixError) as raised:
        parse_releases(text)
    assert problem in str(raised.value)
    assert "nox -s update" in raised.value.hint


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(MatrixError, match=r"releases\.json has a mistake:\n  cannot be read: No such file"):
        load_releases(tmp_path / "releases.json")


def test_the_releases_of_this_project_are_those_of_its_axes(pytestconfig: pytest.Config) -> None:
    """As `nox -s update` leaves them: each value has releases, and each release that counts a value."""
    file = pytestconfig.rootpath / "releases.json"
    axes = load_matrix(pytestconfig.rootpath / "matrix.toml").axes
    releases = load_releases(file)
    assert file.read_text() == render_releases(releases)
    assert [axis for axis in axes if axis != "python"] == list(releases.packages)
    for package, every in releases.packages.items():
        assert all(releases.installable(package, value) for value in axes[package].values)
        stood_for = [each for value in axes[package].values for each in releases.known(package, value)]
        assert {each for each in every if each.yanked is None} <= set(stood_for)


# --- what a value stands for ----------------------------------------------------------------------

DJANGO = Releases(
    packages={
        "django": (
            release("4.2"),
            release("4.2.1"),
            release("4.2.2", yanked=""),
            release("4.20"),
            release("5.0a1"),
        )
    }
)


@pytest.mark.parametrize(
    ("value", "versions"),
    [
        ("4.2", ["4.2", "4.2.1"]),
        ("4.2.0", ["4.2"]),
        ("4.2.1", ["4.2.1"]),
        ("4.2.2", ["4.2.2"]),
        ("5.0", []),
        ("5.0a1", ["5.0a1"]),
        ("6.0", []),
    ],
)
def test_an_installer_takes_for_a_value(value: str, versions: list[str]) -> None:
    """Of a series no pre-release and nothing yanked; what is named itself whatever it is."""
    assert [each.version for each in DJANGO.installable("django", value)] == versions


# --- the field ------------------------------------------------------------------------------------


def test_the_field_has_series_and_pre_releases_oldest_first() -> None:
    axes = {"python": PYTHONS, "django": ("5.2", "4.2.11", "10.0", "6.2a1", "4.2", "6.2")}
    assert make_field(axes, Releases(packages={})).axes == {
        "python": PYTHONS,
        "django": ("4.2", "5.2", "6.2a1", "6.2", "10.0"),
    }


BEAT = {"django": ("3.2", "4.2"), "django-celery-beat": ("2.2",)}


def test_a_cap_forbids_and_is_named() -> None:
    field = field_of(
        BEAT,
        django=[release("3.2.1"), release("4.2.0"), release("4.2.1")],
        django_celery_beat=[release("2.2.0", "Django>=2.2"), release("2.2.1", "Django>=2.2,<4.0")],
    )
    assert field.forbidden == {}
    field = field_of(
        BEAT,
        django=[release("3.2.1"), release("4.2.0"), release("4.2.1")],
        django_celery_beat=[release("2.2.0", "Django<3.9"), release("2.2.1", "Django>=2.2,<4.0")],
    )
    assert field.forbidden == {
        (("django", "4.2"), ("django-celery-beat", "2.2")): Declaration(
            text="django-celery-beat 2.2 declares Django>=2.2,<4.0", upper_cap_only=True
        )
    }


def test_a_floor_is_no_cap() -> None:
    field = field_of(
        BEAT,
        django=[release("3.2.1"), release("4.2.0")],
        django_celery_beat=[release("2.2.1", "Django>=4.0,<5.0")],
    )
    [declaration] = field.forbidden.values()
    assert declaration == Declaration(text="django-celery-beat 2.2 declares Django>=4.0,<5.0")


@pytest.mark.parametrize("requirement", ["Django==3.2.*", "Django~=3.2.0", "Django<=3.2.1", "Django==3.2.1"])
def test_whatever_has_an_upper_end_is_a_cap(requirement: str) -> None:
    field = field_of(
        {"django": ("3.2", "4.2"), "django-celery-beat": ("2.2",)},
        django=[release("3.2.1"), release("4.2.0")],
        django_celery_beat=[release("2.2.1", requirement)],
    )
    assert [declaration.upper_cap_only for declaration in field.forbidden.values()] == [True]


def test_one_patch_that_is_accepted_is_enough() -> None:
    field = field_of(
        BEAT,
        django=[release("4.2.0"), release("4.2.1")],
        django_celery_beat=[release("2.2.1", "Django!=4.2.1")],
    )
    assert field.forbidden == {}


def test_either_side_may_forbid() -> None:
    field = field_of(
        BEAT, django=[release("4.2.0", "django_celery.beat>=2.3")], django_celery_beat=[release("2.2.1")]
    )
    assert why(field, django="4.2", django_celery_beat="2.2") == "django 4.2 declares django_celery.beat>=2.3"


def test_the_declaration_named_is_rather_one_that_refuses_the_whole_series() -> None:
    field = field_of(
        {"celery": ("5.2",), "django-celery-beat": ("2.2",)},
        celery=[release("5.2.0", "django-celery-beat<2.2"), release("5.2.1", "django-celery-beat!=2.2.1")],
        django_celery_beat=[release("2.2.0", "celery<5"), release("2.2.1", "celery<5.2")],
    )
    assert why(field, celery="5.2", django_celery_beat="2.2") == "django-celery-beat 2.2 declares celery<5.2"


def test_requires_python_is_for_some_patch_of_some_late_python() -> None:
    field = field_of(
        {"django": ("4.2", "5.0")},
        django=[
            release("4.2.0", python=">=3.8"),
            release("4.2.1", python=">=3.9.2,!=3.10.0"),
            release("5.0.0", python=">=3.10"),
            release("5.0.1", python=">=3.10,<3.12"),
        ],
    )
    assert field.forbidden == {
        (("python", python), ("django", "5.0")): Declaration(text="django 5.0 declares Python>=3.10,<3.12")
        for python in ("3.8", "3.9")
    }


def test_an_upper_end_of_pythons_is_a_cap() -> None:
    field = field_of({"django": ("4.2",)}, django=[release("4.2.0", python="<3.10")])
    assert [declaration.upper_cap_only for declaration in field.forbidden.values()] == [True]


@pytest.mark.parametrize(("python", "forbidden"), [("", False), ("<3.10", True)])
def test_a_requirement_for_some_pythons_forbids_only_what_no_python_gets_around(
    python: str, *, forbidden: bool
) -> None:
    field = field_of(
        BEAT,
        django=[release("4.2.0")],
        django_celery_beat=[release("2.2.0", 'Django<4; python_version < "3.10"', python=python)],
    )
    declared = "django-celery-beat 2.2 declares Django<4" if forbidden else ""
    assert why(field, django="4.2", django_celery_beat="2.2") == declared


def test_markers_are_not_those_of_the_machine_that_plans() -> None:
    field = field_of(
        BEAT,
        django=[release("4.2.0")],
        django_celery_beat=[
            release("2.2.0", 'Django<4; sys_platform != "linux" or platform_machine == "arm"')
        ],
    )
    assert field.forbidden == {}


def test_two_values_without_a_python_in_common_exclude_each_other() -> None:
    field = field_of(
        {"django": ("4.2",), "redis": ("3.5",)},
        django=[release("4.2.0", python=">=3.9")],
        redis=[release("3.5.0", python="<3.9")],
    )
    declared = "django 4.2 declares Python>=3.9, redis 3.5 declares Python<3.9"
    assert why(field, django="4.2", redis="3.5") == declared


def test_a_series_without_a_release_for_installers_goes_with_nothing() -> None:
    field = field_of(
        {"django": ("6.2", "6.3"), "redis": ("8.1",)},
        django=[release("6.2a1"), release("6.3.0", yanked="")],
        redis=[release("8.1.0")],
    )
    assert why(field, django="6.2", redis="8.1") == "django 6.2 has no release that installers choose"
    assert len(field.forbidden) == 2 * (len(PYTHONS) + 1)


def test_a_pre_release_that_is_named_is_judged_as_it_is() -> None:
    axes = {"django": ("6.1", "6.2a1"), "django-celery-beat": ("2.9",)}
    django = [release("6.1.0"), release("6.2a1")]
    for requirement, forbidden in (("Django<6.2", True), ("Django>=6.1", False)):
        field = field_of(axes, django=django, django_celery_beat=[release("2.9.0", requirement)])
        assert bool(why(field, django="6.2a1", django_celery_beat="2.9")) is forbidden


def test_what_is_not_known_forbids_nothing() -> None:
    unknown = Release(version="2.2.0", uploaded=None, requires_python="", requires=None)
    assert field_of(BEAT, django=[release("4.2.0")], django_celery_beat=[unknown]).forbidden == {}
    assert field_of(BEAT, django=[release("4.2.0")]).forbidden == {}


SPECIFIERS = st.sampled_from(["", "<2", ">=1.1", ">=1,<2", "!=1.0.1", "==1.0.*", "~=1.1"])
MARKERS = st.sampled_from(["", '; python_version < "3.9"', '; python_version >= "3.9"'])
SOME_PYTHONS = st.sampled_from(["", ">=3.9", "<3.9", ">=3.10"])
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "2.0.0")


@st.composite
def packages_of_two(draw: st.DrawFn) -> dict[str, tuple[Release, ...]]:
    def one(version: str, other: str) -> Release:
        requirement = f"{other}{draw(SPECIFIERS)}{draw(MARKERS)}"
        return release(version, requirement, python=draw(SOME_PYTHONS))

    return {
        a: tuple(one(version, b) for version in VERSIONS) for a, b in (("one", "other"), ("other", "one"))
    }


def goes(one: Release, other: Release, python: str) -> bool:
    """Written anew, as simply as can be."""
    for declaring, refused in ((one, other), (other, one)):
        if f"{python}.999" not in SpecifierSet(declaring.requires_python):
            return False
        [requirement] = map(Requirement, declaring.requires or ())
        applies = requirement.marker is None or requirement.marker.evaluate({"python_version": python})
        if applies and refused.version not in requirement.specifier:
            return False
    return True


@given(packages_of_two())
def test_a_pair_is_forbidden_exactly_when_no_two_releases_go_together(
    packages: dict[str, tuple[Release, ...]],
) -> None:
    series = ("1.0", "1.1", "2.0")
    field = make_field({"python": PYTHONS, "one": series, "other": series}, Releases(packages=packages))
    for a, b in product(series, series):
        ones = [each for each in packages["one"] if each.version.startswith(f"{a}.")]
        others = [each for each in packages["other"] if each.version.startswith(f"{b}.")]
        together = any(goes(*row) for row in product(ones, others, PYTHONS))
        assert ((("one", a), ("other", b)) in field.forbidden) is not together
