from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cell.placeholders import Placeholders
from harness.model import Observation, Reason, Stage
from tests.values import FAILED, FAILURE

PLACES = {
    "/srv/x": "{home}",
    "/srv/x/runs/1/a@p": "{work}",
    "/srv/x/runs": "{runs}",
    "/opt/py": "{interpreter}",
}
HIDE = Placeholders(PLACES, host="builder")


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ("nothing of this machine", "nothing of this machine"),
        ('File "/srv/x/runs/1/a@p/manage.py", line 1', 'File "{work}/manage.py", line 1'),
        ("/srv/x/runs/1/b@p and /srv/x/.cache", "{runs}/1/b@p and {home}/.cache"),
        ("/opt/py:/opt/py/bin", "{interpreter}:{interpreter}/bin"),
        ("celery@builder ready.", "celery@{host} ready."),
        ("celery@builders, gen1@builder-2", "celery@builders, gen1@{host}-2"),
        ("the builder of the builder", "the builder of the builder"),
        ("/srv/x-2/a and /opt/python", "/srv/x-2/a and /opt/python"),
    ],
)
def test_a_text_names_no_place_of_the_machine(seen: str, told: str) -> None:
    assert HIDE(seen) == told


@given(st.lists(st.sampled_from([*PLACES, "@builder", "/", ":", '"', " ", "{", "}"])).map("".join))
def test_no_place_is_left_in_any_text(text: str) -> None:
    told = HIDE(text)
    assert not any(place in told for place in PLACES)
    assert HIDE(told) == told


def test_a_host_with_a_dot_is_taken_literally() -> None:
    hide = Placeholders({}, host="ci.example")
    assert hide("celery@ci.example, celery@cixexample") == "celery@{host}, celery@cixexample"


def test_every_text_within_a_value_is_told_without_the_machine() -> None:
    seen = replace(
        FAILED,
        failure=replace(FAILURE, excerpt="no /opt/py/bin/python"),
        observations=(
            Observation(
                name="rows", data={"origin": ["gen1@builder", 1, None, True], "at": {"path": "/srv/x"}}
            ),
        ),
    )
    told = replace(
        FAILED,
        failure=replace(FAILURE, excerpt="no {interpreter}/bin/python"),
        observations=(
            Observation(
                name="rows", data={"origin": ["gen1@{host}", 1, None, True], "at": {"path": "{home}"}}
            ),
        ),
    )
    assert HIDE.within(seen) == told


def test_a_word_of_a_closed_set_stays_one() -> None:
    hide = Placeholders({"worker": "{x}", "exited": "{y}", "worker.log": "{x}.log"}, host="")
    told = hide.within(FAILURE)
    assert (told.stage, told.reason) == (Stage.WORKER, Reason.EXITED)
    assert isinstance(told.stage, Stage)
    assert told.log == "{x}.log"


def test_what_is_different_in_each_attempt_is_replaced_as_a_whole_word() -> None:
    placeholders = Placeholders({}, host="", names={"harness_1_2": "{database}", "": "{password}"})
    assert placeholders("Table 'harness_1_2.t' is not in harness_1_23") == (
        "Table '{database}.t' is not in harness_1_23"
    )
