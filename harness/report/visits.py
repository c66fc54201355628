"""What a person met in the admin, by forms or in a browser, over the series of Django. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from packaging.version import Version

from harness.contract.invariant import Stand, Standing
from harness.model import Attempt, CellResult, CheckResult, Stage, Status
from harness.records.verdict import judging_attempts
from harness.report.kept import Question, names_of, since_of, tell_kept

Visited = Literal[Stage.ADMIN, Stage.BROWSER]
# What is known of the failures of a cell: by signature, addresses and the words that lead there.
Known = Mapping[str, Mapping[str, str]]

# What each check asks, by its name without what it is asked of.
ASKED: Mapping[Visited, Mapping[str, str]] = {
    Stage.ADMIN: {
        "log_in": "a superuser logs in with a password",
        "models": "both packages are listed",
        "list": "every model's list opens",
        "page": "a row's own page opens from it",
        "add": "the page to add a row opens, and a schedule is added by it",
        "filter": "each filter of a list takes a choice",
        "entered": "the form takes a registered task, an interval and JSON arguments",
        "sent": "a running beat takes up what was entered or edited, and sends it",
        "shown_result": "the worker runs it, and its result is found",
        "refused": "what is malformed or has not one schedule is refused with a message",
        "action": "the actions disable, enable and toggle, and beat heeds it",
        "run_selected": "`run selected tasks` has them run",
        "shown_time": "instants are shown as the wall time of TIME_ZONE",
        "added_task": "a task that is added to the code runs once worker and server are started again",
    },
    Stage.BROWSER: {
        "done": "what the article does can be done by who sees and clicks",
        "taken_up": "a running beat takes up what was entered or edited, and sends it",
        "seen_result": "the worker runs it, and its result is seen",
        "console": "the browser's console has no error",
    },
}
_HEADINGS: Mapping[Visited, tuple[str, str]] = {
    Stage.ADMIN: ("In the admin", "0047-the-admin-is-visited"),
    Stage.BROWSER: ("In the admin, by a real browser", "0120-a-browser-that-is-ours"),
}
_SIGNS = {Standing.HELD: "✅", Standing.VIOLATED: "❌", Standing.NOT_OBSERVED: "·"}
_RAISED = "AssertionError: "


@dataclass(frozen=True, kw_only=True)
class VisitPart:
    """How the checks of a visit went in a cell, by name, those of one name taken together.

    `versions` are those of Django, django-celery-beat and Celery that it had, `seconds` what the stage took,
    checks included. `skipped` says why there was no visit. `pictures` are files below the run's folder.
    """

    stage: Visited
    versions: tuple[str, str, str]
    stands: tuple[Stand, ...]
    seconds: float
    skipped: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Its series in words, ever longer, Django's version first."""
        django, beat, celery = self.versions
        shorter = f"{django} with django-celery-beat {beat}"
        return shorter, f"{shorter} and Celery {celery}"


def visits_of(result: CellResult) -> tuple[VisitPart, ...]:
    """What a record says of each visit there was; it must have been read whole, not in outline."""
    attempts = judging_attempts(result)
    if not attempts or result.lock is None:
        return ()
    observed = {each.name: each.data for each in attempts[-1].observations}
    versions = (
        result.lock.version("django") or "0",
        result.lock.version("django-celery-beat") or "0",
        result.lock.version("celery") or "0",
    )
    return tuple(
        _visit(stage, observed[stage], attempts[-1], cell=result.cell, versions=versions)
        for stage in ASKED
        if stage in observed
    )


def tell_visits(visits: Sequence[tuple[VisitPart, Known]]) -> Iterator[str]:
    """A section in Markdown for each stage of which there are visits; each with what is known of its cell."""
    for stage in ASKED:
        yield from _section(stage, [(visit, known) for visit, known in visits if visit.stage == stage])


def _visit(
    stage: Visited, seen: Mapping[str, Any], attempt: Attempt, *, cell: str, versions: tuple[str, str, str]
) -> VisitPart:
    checks = [check for check in attempt.checks if check.stage is stage]
    pictures = seen.get("pictures", {}).values()
    return VisitPart(
        stage=stage,
        versions=versions,
        stands=tuple(
            _stand(name, [check for check in checks if _name(check.id) == name]) for name in ASKED[stage]
        ),
        seconds=sum(each.seconds for each in attempt.stages if each.stage is stage),
        skipped=seen.get("skipped", ""),
        pictures=tuple(f"{cell}/attempt-{attempt.number}/{each['file']}" for each in pictures),
    )


def _name(check: str) -> str:
    return check.partition("-")[0]


def _stand(name: str, checks: Sequence[CheckResult]) -> Stand:
    """The checks of a name, together: violated if one is, held if one is and none is violated."""
    instead: dict[str, list[str]] = {}
    for check in checks:
        if check.failure is not None:
            said = check.failure.excerpt.splitlines()[-1].removeprefix(_RAISED)
            instead.setdefault(said, []).append(check.id.partition("-")[2])
    if instead:
        told = (f"{', '.join(asked)}: {said}" if any(asked) else said for said, asked in instead.items())
        return Stand(invariant=name, standing=Standing.VIOLATED, seen="; ".join(told))
    passed = any(check.status is Status.PASSED for check in checks)
    return Stand(invariant=name, standing=Standing.HELD if passed else Standing.NOT_OBSERVED, seen="")


def _section(stage: Visited, visits: Sequence[tuple[VisitPart, Known]]) -> Iterator[str]:
    if not visits:
        return
    heading, decision = _HEADINGS[stage]
    yield ""
    yield f"### {heading}"
    yield ""
    yield f"Done in each cell, with its own server, worker and beat ([how](../docs/decisions/{decision}.md))."
    yield "*Since* and *until* are said of the series in the table below, in the order of their Django; not"
    yield "which of the packages is to blame."
    skipped = {visit.skipped for visit, _ in visits if visit.skipped}
    parts = sorted(
        (visit for visit, _ in visits if not visit.skipped),
        key=lambda part: [Version(each) for each in part.versions],
    )
    for why in sorted(skipped):
        yield ""
        yield f"Not done: {why}."
    if not parts:
        return
    links: dict[str, dict[str, str]] = {}
    for _, known in visits:
        for signature, addresses in known.items():
            of, _, check = signature.rpartition(":")
            if of.startswith(f"{stage}:"):
                links.setdefault(_name(check), {}).update(addresses)
    questions = [
        Question(id=name, sentence=sentence, links=links.get(name, {}))
        for name, sentence in ASKED[stage].items()
    ]
    where = partial(since_of, names=names_of([part.names for part in parts]), of="Django")
    yield from tell_kept(questions, [part.stands for part in parts], where)
    yield ""
    checks = " | ".join(f"`{name}`" for name in ASKED[stage])
    yield f"| Django | django-celery-beat | Celery | {checks} | seconds |"
    yield f"|{'---|' * 3}{':-:|' * len(ASKED[stage])}--:|"
    for part in parts:
        signs = [_SIGNS[stand.standing] for stand in part.stands]
        yield f"| {' | '.join([*part.versions, *signs, f'{part.seconds:.1f}'])} |"
    yield from _pictures(parts)


def _pictures(parts: Sequence[VisitPart]) -> Iterator[str]:
    if any(part.pictures for part in parts):
        yield ""
        yield "Its pictures are where the run was made, below `.harness/runs/RUN`; two of them are in the"
        yield "[tutorial](../docs/tutorial/first-matrix.md):"
        yield ""
        for part in parts:
            yield f"- Django {part.versions[0]}: {', '.join(f'`{each}`' for each in part.pictures)}"
