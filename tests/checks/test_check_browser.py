"""What each check of the browser says of what was seen; that it is seen is for tests/mini/test_browser.py."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from harness.checks import check_browser
from harness.checks.admin_seen import Ran
from harness.checks.browser_seen import STEPS, BrowserExperiment

RAN = Ran(sent=1, status="SUCCESS", result="10")
GOOD = BrowserExperiment(browser="chrome 1", steps=dict.fromkeys(STEPS, ""), ran={"list": RAN, "dict": RAN})


def ran(**changes: Any) -> BrowserExperiment:  # noqa: ANN401 - any field
    return replace(GOOD, ran={**GOOD.ran, "list": replace(RAN, **changes)})


@pytest.mark.parametrize(
    ("check", "asked", "seen", "told"),
    [
        (
            check_browser.check_done,
            ("list",),
            replace(GOOD, steps={"list": "input[name=_save]: element not interactable"}),
            "element not interactable",
        ),
        (check_browser.check_taken_up, ("list",), ran(noticed=False), "beat did not notice"),
        (check_browser.check_taken_up, ("list",), ran(sent=0), "sent nothing within an interval"),
        (check_browser.check_seen_result, ("list",), ran(result="11"), "shown are 'SUCCESS' and '11'"),
        (check_browser.check_seen_result, ("list",), ran(status="FAILURE"), "shown are 'FAILURE' and '10'"),
        (check_browser.check_console, (), replace(GOOD, errors=("x is not defined",)), "x is not defined"),
    ],
)
def test_it_fails_and_says_what_was_seen(
    check: Callable[..., None], asked: tuple[str, ...], seen: BrowserExperiment, told: str
) -> None:
    check(GOOD, *asked)
    with pytest.raises(AssertionError, match=told.replace("[", r"\[")):
        check(seen, *asked)


@pytest.mark.parametrize(
    "check", [check_browser.check_done, check_browser.check_taken_up, check_browser.check_seen_result]
)
def test_what_nobody_came_to_is_skipped(check: Callable[..., None]) -> None:
    stuck = BrowserExperiment(browser="chrome 1", steps={"log_in": "nobody gets in"})
    with pytest.raises(pytest.skip.Exception):
        check(stuck, "list")


def test_the_record_says_why_it_was_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    observed: dict[str, Mapping[str, Any]] = {}
    seen = check_browser.seen.__wrapped__  # type: ignore[attr-defined] # what pytest made a fixture of
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium chromium-driver"):
        seen(None, observed.__setitem__)
    reason = "no chromium and no chromedriver on PATH; apt-get install chromium chromium-driver"
    assert observed == {"browser": {"skipped": reason}}
