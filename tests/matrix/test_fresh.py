from harness.matrix.config import parse_matrix
from harness.matrix.fresh import fresh_stacks
from harness.matrix.plan import make_plan
from harness.matrix.question import make_question
from harness.model import Installer
from tests.report.small_fresh import MATRIX, plan, subject

ADMITTED = {("3.8", "2.2"), ("3.9", "2.2"), ("3.12", "2.2"), ("3.12", "5.2"), ("3.12", "6.1")}


def test_every_pair_that_is_not_forbidden_is_asked_for_in_every_style_by_every_installer() -> None:
    cells = plan().cells
    assert {(cell.stack.python, cell.stack.pins["django"]) for cell in cells} == ADMITTED
    assert len(cells) == len(ADMITTED) * 4 == len({cell.id for cell in cells})
    assert {cell.profile.name for cell in cells} == {"plain"}


def test_a_name_says_what_is_asked_for() -> None:
    assert [cell.id for cell in plan().cells][:4] == [
        "fresh-3.8-2.2-celery+redis@plain",
        "fresh-3.8-2.2-celery+redis-pip@plain",
        "fresh-3.8-2.2-extra@plain",
        "fresh-3.8-2.2-extra-pip@plain",
    ]


def test_the_resolver_is_asked_for_what_a_person_types() -> None:
    asked = {cell.stack.name: make_question(cell, MATRIX) for cell in plan().cells}
    both, extra = asked["fresh-3.12-5.2-celery+redis"], asked["fresh-3.12-5.2-extra-pip"]
    assert both.requirements == ("django==5.2.*", "celery", "django-celery-beat", "redis")
    assert extra.requirements == ("django==5.2.*", "celery[redis]", "django-celery-beat")
    assert both.pinned == extra.pinned == ("django==5.2.*",)


def test_who_chooses_is_a_part_of_the_stack() -> None:
    by_pip = [cell for cell in plan().cells if cell.stack.installer is Installer.PIP]
    assert [cell.stack.name for cell in by_pip] == [
        cell.stack.name for cell in plan().cells if cell.stack.name.endswith("-pip")
    ]
    assert by_pip[0].stack.reason == (
        "what pip gives on Python 3.8 for django==2.2.* celery django-celery-beat redis"
    )


def test_a_plan_of_an_axis_alone_has_no_stack_of_the_file_and_expects_nothing() -> None:
    assert not [cell for cell in plan().cells if cell.stack.name == "other"]
    assert not plan().expects


def test_another_plan_has_none_of_them() -> None:
    text = """
[plans.default]
reason = "everything"
stacks = ["*"]
profiles = ["*"]
"""
    matrix = parse_matrix(_TEXT + text)
    assert list(fresh_stacks("default", matrix, subject().field)) == []
    assert [cell.id for cell in make_plan(matrix, "default").cells] == ["other@plain"]
    assert make_plan(matrix, "default").expects


_TEXT = """\
[axes.python]
values = ["3.9"]

[axes.django]
values = ["2.2"]

[profiles.plain]
reason = "the defaults"
settings = { USE_TZ = true }

[stacks.other]
reason = "another"
python = "3.9"
django = "2.2"
"""
