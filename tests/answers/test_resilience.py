from typing import Any

import pytest

from harness.answers.resilience import Resilience, groups, kept_and_lost, read_required
from harness.contract.invariant import Standing
from harness.contract.resilience import PROMISES
from harness.errors import UsageError
from harness.model import CellResult, Failure, Reason, Stage
from tests.answers.world import NEW, OLD, cell, facts
from tests.contract.test_resilience import ROUND, SEEN

LOCK = ("celery==5.5.0", "kombu==5.5.4", "redis==6.2.0")
DEAF = {**SEEN, "killed": {"rounds": [{**ROUND, "consumes": None, "consumes_when_restarted": True}]}}
BY_ID = {each.id: each for each in PROMISES}


def broken(
    *,
    name: str = "broken",
    celery: str = "5.5.0",
    kombu: str = "5.5.4",
    redis: str = "6.2.0",
    database: str = "sqlite",
    seen: Any = SEEN,  # noqa: ANN401 - JSON
) -> CellResult:
    """A cell under which things were broken, and nothing else."""
    return cell(
        {**NEW, "celery": celery, "redis": redis},
        name=name,
        beside=(f"kombu=={kombu}",),
        checks=(Stage.RESILIENCE,),
        database=database,
        seen=seen,
    )


def known(*results: CellResult, database: str = "sqlite") -> Resilience:
    return Resilience(facts(*results), database)


def names(found: Resilience, lock: tuple[str, ...] = LOCK) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.stack.cell, each.beside) for each in found.of(lock)]


def test_what_was_seen_with_the_same_versions_is_told_as_it_is() -> None:
    other = broken(name="other", redis="6.1.0")
    assert names(known(other, broken())) == [("broken@startproject", ())]


def test_another_release_of_the_same_series_or_another_minor_of_redis_py_tells_of_itself() -> None:
    found = known(broken(celery="5.5.3", redis="6.0.0"))
    assert names(found) == [
        ("broken@startproject", ("Celery 5.5.3, kombu 5.5.4 and redis-py 6.0.0",)),
    ]


@pytest.mark.parametrize("other", [{"celery": "5.4.0"}, {"kombu": "5.4.2"}, {"redis": "5.3.1"}])
def test_other_series_say_nothing(other: dict[str, str]) -> None:
    assert names(known(broken(**other))) == []


def test_a_database_server_is_broken_for_who_has_it_and_redis_for_everybody() -> None:
    results = (broken(), broken(name="served", database="mariadb", kombu="5.4.0"))
    assert [name for name, _ in names(known(*results))] == ["broken@startproject"]
    assert [name for name, _ in names(known(*results, database="mariadb"))] == [
        "broken@startproject",
        "served@startproject",
    ]
    redis, server = known(*results, database="mariadb").of(LOCK)
    assert redis.standing(BY_ID["reconnect-killed"]) is Standing.HELD
    # SQLite's locks are no matter to who has MariaDB.
    assert redis.standing(BY_ID["stored-locked-5"]) is Standing.NOT_OBSERVED
    assert server.standing(BY_ID["stored-server-gone"]) is Standing.HELD


def test_what_is_required_is_lacking_where_it_was_not_kept_or_nothing_like_it_was_broken() -> None:
    required = read_required(["reconnect"], "sqlite")
    assert known(broken()).lacking("mine", LOCK, required) == ()
    (lack,) = known(broken(seen=DEAF)).lacking("mine", LOCK, required)
    assert (lack.cell, lack.promise.id) == ("mine", "reconnect-killed")
    assert lack.endured is not None
    assert lack.endured.stack.cell == "broken@startproject"
    unknown = known(broken()).lacking("mine", ("celery==5.3.6", "kombu==5.3.4", "redis==5.0.3"), required)
    assert [each.promise for each in unknown] == list(required)
    assert {each.endured for each in unknown} == {None}


def test_promises_are_required_by_their_ids_or_by_what_they_begin_with() -> None:
    assert [each.id for each in read_required(["twice-killed", "pidfile"], "sqlite")] == [
        "twice-killed",
        "pidfile-stale",
        "pidfile-held",
    ]
    assert {"reconnect", "lost", "visibility"} <= set(groups("sqlite"))


def test_what_names_no_promise_is_refused_with_what_was_meant() -> None:
    with pytest.raises(UsageError) as refused:
        read_required(["reconect", "stored-server-gone", "lost"], "sqlite")
    assert "'reconect' on sqlite; did you mean 'reconnect'?" in str(refused.value)
    assert "'stored-server-gone'" in str(refused.value)
    assert "'lost'" not in str(refused.value)


def test_between_two_stacks_is_told_what_turned() -> None:
    was, is_ = known(broken()).of(LOCK), known(broken(seen=DEAF)).of(LOCK)
    assert kept_and_lost(was, is_) == ((), (BY_ID["reconnect-killed"],))
    assert kept_and_lost(is_, was) == ((BY_ID["reconnect-killed"],), ())
    assert kept_and_lost(was, ()) == ((), ())


def test_a_record_of_what_goes_beyond_neither_hides_nor_contradicts_that_versions_work() -> None:
    late = Failure(
        stage=Stage.RESILIENCE, reason=Reason.CHECK, detail="played-boot", excerpt="it broke off", log=""
    )
    works = cell(NEW)
    beyond = cell(
        NEW, checks=(Stage.RESILIENCE,), fails=late, started="2026-09-01T10:00:00Z", beside=("kombu==5.5.4",)
    )
    found = facts(works, beyond)
    assert works.cell == beyond.cell
    assert [each.works for each in found.having(NEW)] == [True]
    # What did not even boot is another matter.
    dead = cell(NEW, checks=(Stage.RESILIENCE,), fails=MISSING_AT_BOOT, started="2026-09-01T10:00:00Z")
    assert [each.works for each in facts(works, dead).having(NEW)] == [False]
    # Nor does one hide what another asked.
    seen = cell(NEW, name="broken", checks=(Stage.ADMIN,), started="2026-09-01T10:00:00Z")
    assert [each.cell for each in facts(cell(OLD), broken(), seen).with_check(Stage.RESILIENCE)] == [
        "broken@startproject"
    ]


MISSING_AT_BOOT = Failure(
    stage=Stage.WORKER, reason=Reason.MISSING_MODULE, detail="packaging", excerpt="No module", log=""
)
