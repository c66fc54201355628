"""What the words of a question mean, and what a misspelt one does."""

import pytest

from harness.answers.asked import (
    CellAsked,
    SignatureAsked,
    VersionsAsked,
    package_named,
    read_as,
    read_words,
)
from harness.errors import UsageError

CELLS = ("izone@izone", "izone@startproject", "django-4.2@izone", "today-3.9-4.1-5.4-2.4@startproject")
PACKAGES = ("python", "django", "celery", "django-celery-beat", "redis")


@pytest.mark.parametrize(
    "word", ["izone@izone", "today-3.12-5.1-5.4-2.7-2.4-5.1+kombu-below-5.7@startproject", "a+b@c"]
)
def test_a_cell_has_a_profile(word: str) -> None:
    assert read_words([word], ["izone"]) == CellAsked(word)


@pytest.mark.parametrize("word", ["worker:missing-module:packaging", "wroker:exited", "a:b:c/d e"])
def test_a_signature_has_a_stage(word: str) -> None:
    assert read_words([word], []) == SignatureAsked(word)


def test_all_else_are_versions() -> None:
    asked = read_words(["celery==5.4", "Django_Celery.Beat >= 2", "python"], [])
    assert isinstance(asked, VersionsAsked)
    assert [str(each) for each in asked.demands] == ["celery==5.4", "django-celery-beat>=2", "python"]


def test_a_package_that_is_named_twice_is_asked_for_once() -> None:
    asked = read_words(["celery>=5", "celery<6"], [])
    assert isinstance(asked, VersionsAsked)
    [demand] = asked.demands
    assert "5.4" in demand.specifier
    assert "6.0" not in demand.specifier


def test_every_mistake_is_told() -> None:
    with pytest.raises(UsageError) as raised:
        read_words(["izone", "celery=5", "old@plain", "task:check"], ["izone"])
    told = str(raised.value).splitlines()
    assert [line.partition(" is ")[0].partition(" can ")[0] for line in told] == [
        "'izone'",
        "'celery=5'",
        "'old@plain'",
        "'task:check'",
    ]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("izne@izone", "izone@izone"),
        ("django-4.2@izon", "django-4.2@izone"),
        ("nothing@alike", None),
        ("django-4.2@izone-mariadb-too", None),
    ],
)
def test_a_misspelt_name_is_read_as_the_one_it_is_surely_of(word: str, meant: str | None) -> None:
    assert read_as(word, CELLS) == meant


def test_a_name_that_is_as_near_to_two_is_read_as_neither() -> None:
    assert read_as("old@plan", ["old@plane", "old@plant"]) is None


@pytest.mark.parametrize(
    ("name", "package"),
    [("celery", "celery"), ("beat", "django-celery-beat"), ("redis-py", "redis"), ("celerie", "celery")],
)
def test_a_package_may_be_called_by_its_short_name(name: str, package: str) -> None:
    assert package_named(name, PACKAGES) == package


def test_what_is_no_package_is_told_with_what_there_is() -> None:
    with pytest.raises(UsageError, match="nothing is measured of 'flask'"):
        package_named("flask", PACKAGES)
