"""What each check of the admin says of what was seen; that it is seen is for tests/mini/test_admin.py."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.checks import check_admin
from harness.checks.admin_models import Kind, Walk
from harness.checks.admin_seen import Acted, AdminExperiment, Ran, Refused

WALK: Walk = {"add": "", "list": "", "open": "", "filter": None}
RAN = Ran(sent=1, status="SUCCESS", result="10")
GOOD = AdminExperiment(
    login="",
    walks=dict.fromkeys(check_admin.MODELS, WALK),
    ran={"list": RAN, "dict": RAN, "selected": RAN, "added": replace(RAN, result='"added"')},
    refused={"args": Refused(amiss="", complaint="No JSON.", taken=False)},
    acted={
        "disable": Acted(enabled="False", sent=0),
        "enable": Acted(enabled="True", sent=2),
        "toggle": Acted(enabled="False"),
    },
    offered={"nothing": False, "the worker": False, "worker and server": True},
)


def ran(name: str, **changes: Any) -> AdminExperiment:  # noqa: ANN401 - any field
    return replace(GOOD, ran={**GOOD.ran, name: replace(GOOD.ran[name], **changes)})


def acted(name: str, **changes: Any) -> AdminExperiment:  # noqa: ANN401 - any field
    return replace(GOOD, acted={**GOOD.acted, name: replace(GOOD.acted[name], **changes)})


def walked(model: str, kind: Kind, amiss: str | None) -> AdminExperiment:
    return replace(GOOD, walks={**GOOD.walks, model: {**WALK, kind: amiss}})


def refused(**changes: Any) -> AdminExperiment:  # noqa: ANN401 - any field
    return replace(GOOD, refused={"args": replace(GOOD.refused["args"], **changes)})


@pytest.mark.parametrize(
    ("check", "asked", "seen", "told"),
    [
        (
            check_admin.check_models,
            (),
            walked("newschedule", "open", "status 500"),
            "newschedule, open: status 500",
        ),
        (check_admin.check_list, ("taskresult",), walked("taskresult", "list", "status 500"), "status 500"),
        (check_admin.check_entered, ("list",), ran("list", amiss="refused: no"), "refused: no"),
        (check_admin.check_sent, ("dict",), ran("dict", noticed=False, sent=0), "beat did not notice"),
        (check_admin.check_sent, ("dict",), ran("dict", sent=0), "beat noticed, and sent nothing within"),
        (check_admin.check_shown_result, ("list",), ran("list", unseen="not listed"), "not listed"),
        (check_admin.check_shown_result, ("list",), ran("list", result="11"), "shown are 'SUCCESS' and '11'"),
        (check_admin.check_refused, ("args",), refused(amiss="status 500"), "status 500"),
        (check_admin.check_refused, ("args",), refused(taken=True), "it is taken"),
        (check_admin.check_refused, ("args",), refused(complaint=""), "it is refused without a word"),
        (check_admin.check_action, ("disable",), acted("disable", amiss="status 500"), "status 500"),
        (check_admin.check_action, ("disable",), acted("disable", sent=None), "beat did not notice"),
        (check_admin.check_action, ("disable",), acted("disable", sent=1), "beat sent it 1 times"),
        (check_admin.check_action, ("enable",), acted("enable", sent=0), "beat sent nothing within two"),
        (check_admin.check_action, ("toggle",), acted("toggle", enabled="True"), "is shown as 'True'"),
        (check_admin.check_run_selected, (), ran("selected", amiss="not found"), "not found"),
        (
            check_admin.check_added_task,
            (),
            replace(GOOD, offered={**GOOD.offered, "worker and server": False}),
            "the form does not offer it",
        ),
        (check_admin.check_added_task, (), ran("added", status="FAILURE"), "its status is 'FAILURE'"),
    ],
)
def test_it_fails_and_says_what_was_seen(
    check: Callable[..., None], asked: tuple[str, ...], seen: AdminExperiment, told: str
) -> None:
    check(GOOD, *asked)
    with pytest.raises(AssertionError, match=told):
        check(seen, *asked)


@pytest.mark.parametrize(
    ("check", "asked", "seen"),
    [
        (check_admin.check_page, "groupresult", walked("groupresult", "open", None)),
        (check_admin.check_filter, "groupresult", replace(GOOD, walks={})),
        (check_admin.check_sent, "list", ran("list", amiss="refused: no")),
        (check_admin.check_shown_result, "list", ran("list", sent=0)),
    ],
)
def test_what_cannot_be_seen_is_skipped(
    check: Callable[..., None], asked: str, seen: AdminExperiment
) -> None:
    with pytest.raises(pytest.skip.Exception):
        check(seen, asked)


def test_nothing_is_said_of_an_enabled_entry_that_never_was_sent() -> None:
    never = ran("list", sent=0)
    check_admin.check_action(replace(never, acted=acted("enable", sent=0).acted), "enable")
