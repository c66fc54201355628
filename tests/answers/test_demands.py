import pytest
from packaging.specifiers import SpecifierSet

from harness.answers.demands import read_demands
from harness.errors import UsageError
from tests.answers.world import AXES


@pytest.mark.parametrize(
    ("word", "axis", "specifiers"),
    [
        ("django==4.2.*", "django", "==4.2.*"),
        ("Django == 4.2.11", "django", "==4.2.11"),
        ("django_celery_beat>=2.5,<2.8", "django-celery-beat", ">=2.5,<2.8"),
        ("beat==2.8.0", "django-celery-beat", "==2.8.0"),
        ("python==3.11", "python", "==3.11.*"),
        ("python<=3.11", "python", "<3.12"),
        ("python>3.11", "python", ">=3.12"),
        ("python>=3.10", "python", ">=3.10"),
    ],
)
def test_a_demand_is_read_as_people_mean_it(word: str, axis: str, specifiers: str) -> None:
    assert read_demands([word], AXES).demands == {axis: SpecifierSet(specifiers)}


def test_a_series_is_told_to_be_read_as_one() -> None:
    assert read_demands(["django==4.2"], AXES).readings == ("django==4.2 is read as django==4.2.*",)
    assert read_demands(["django==4.2.0", "python==3.11"], AXES).readings == ()


def test_a_misspelt_package_is_read_as_the_nearest_and_that_is_said() -> None:
    read = read_demands(["djagno==4.2", "celry>=5"], AXES)
    assert read.demands == {"django": SpecifierSet("==4.2.*"), "celery": SpecifierSet(">=5")}
    assert read.readings == ("djagno==4.2 is read as django==4.2.*", "celry>=5 is read as celery>=5")


def test_several_demands_of_one_package_hold_together() -> None:
    assert read_demands(["redis>=5", "redis<6"], AXES).demands == {"redis": SpecifierSet(">=5,<6")}


def test_every_word_that_is_no_demand_is_told_at_once() -> None:
    with pytest.raises(UsageError) as error:
        read_demands(["flask==3", "python=3.11", 'celery==5.4; python_version > "3"', "redis"], AXES)
    assert str(error.value).splitlines() == [
        "nothing is measured of 'flask'; there are python, django, celery, django-celery-beat, redis",
        "'python=3.11' is no requirement",
        "'celery==5.4; python_version > \"3\"' says more than a package and its versions",
    ]
