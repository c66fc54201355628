"""What the article says, on observations under which it is so, and under which it is not."""

import copy
from collections.abc import Callable

import pytest

from harness.contract.claims import CLAIMS
from harness.contract.invariant import Standing, find
from harness.contract.span import PREFIX, read_spans
from harness.contract.wall import HOUR
from tests.contract.spans import Observation, faultless, message, shift

Spans = dict[str, Observation]
BY_ID = {claim.id: claim for claim in CLAIMS}
DIED = "exited with code 1"


def article(spans: Spans) -> None:
    """The article's settings that its claims are about."""
    for span in spans.values():
        span["settings"].update(CELERY_ENABLE_UTC=False)


def mysql(spans: Spans) -> None:
    for span in spans.values():
        span["database"] = "mariadb"


def case(claim: str, standing: Standing, words: str, *changes: Callable[[Spans], object]) -> object:
    return pytest.param(claim, standing, words, changes, id=f"{claim}: {words or standing}")


@pytest.mark.parametrize(
    ("claim", "standing", "words", "changes"),
    [
        case("utc-entry", Standing.NOT_OBSERVED, "CELERY_ENABLE_UTC is not False"),
        case("utc-entry", Standing.VIOLATED, "fired at the time that was entered", article),
        case("utc-entry", Standing.HELD, "", article, lambda s: shift(s["day"], "crontab", 8 * HOUR)),
        case(
            "utc-entry",
            Standing.VIOLATED,
            "fired 9 h early",
            article,
            lambda s: shift(s["day"], "crontab", -HOUR),
        ),
        case("unaware-on-mysql", Standing.NOT_OBSERVED, "the database is sqlite"),
        case("unaware-on-mysql", Standing.VIOLATED, "day: it may be True: beat lived, and kept time", mysql),
        case("unaware-on-mysql", Standing.HELD, "", mysql, lambda s: s["day"]["ended"].update(beat=DIED)),
        case(
            "unaware-on-mysql",
            Standing.NOT_OBSERVED,
            "DJANGO_CELERY_BEAT_TZ_AWARE is False",
            mysql,
            lambda s: [each["settings"].update(DJANGO_CELERY_BEAT_TZ_AWARE=False) for each in s.values()],
        ),
        case("results-shown-off", Standing.VIOLATED, "it shows them in local time"),
        case(
            "results-shown-off",
            Standing.HELD,
            "",
            lambda s: s["day"]["pages"]["result"].update(date_done="2028年2月29日 02:00"),
        ),
        case(
            "results-shown-off", Standing.NOT_OBSERVED, "the admin does", lambda s: s["day"].update(pages={})
        ),
        case("last-run-shown-off", Standing.VIOLATED, "it shows them in local time"),
        case(
            "last-run-shown-off",
            Standing.HELD,
            "",
            lambda s: s["day"]["pages"]["entry"].update(last_run_at="2028年2月29日 02:00"),
        ),
        case("added-in-the-admin", Standing.HELD, ""),
        case(
            "added-in-the-admin", Standing.VIOLATED, "nothing that was", lambda s: s["day"].update(sends={})
        ),
        case(
            "added-in-the-admin",
            Standing.NOT_OBSERVED,
            "beat exited with code 1",
            lambda s: s["day"]["ended"].update(beat=DIED),
        ),
        case("added-in-the-code", Standing.HELD, ""),
        case(
            "added-in-the-code",
            Standing.VIOLATED,
            "it ran without a restart",
            lambda s: s["additions"]["messages"].update({"before a restart": message("SUCCESS")}),
        ),
        case(
            "added-in-the-code",
            Standing.VIOLATED,
            "after a restart it is FAILURE all the same",
            lambda s: s["additions"]["messages"].update({"after a restart": message("FAILURE")}),
        ),
        case(
            "added-in-the-code",
            Standing.NOT_OBSERVED,
            "no task was added",
            lambda s: s["additions"].update(messages={}),
        ),
    ],
)
def test_a_claim_is_so_or_not_so_in_words(
    claim: str, standing: Standing, words: str, changes: tuple[Callable[[Spans], object], ...]
) -> None:
    spans = copy.deepcopy(faultless())
    for change in changes:
        change(spans)
    finding = find(BY_ID[claim], read_spans({PREFIX + name: span for name, span in spans.items()}))
    assert finding.standing is standing, finding.seen
    assert words in finding.seen
