"""An attempt as it grows: stages, checks and observations in, one `Attempt` out."""

import contextlib
import time
from collections.abc import Callable, Iterator

from harness.cell.classify import classify_break, classify_check, classify_stage
from harness.checks.events import CheckEnded, Observed, StageEnded, StageStarted
from harness.errors import StageFailed
from harness.model import (
    Attempt,
    CheckResult,
    Failure,
    Observation,
    Reason,
    Stage,
    StageResult,
    Status,
)


class AttemptLog:
    """Collects what happens in one attempt, from our own stages and from the child's events."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._began = time.monotonic()
        self._open: Stage | None = None
        self._stages: list[StageResult] = []
        self._checks: list[CheckResult] = []
        self._observations: list[Observation] = []
        self._failure: Failure | None = None

    @contextlib.contextmanager
    def stage(self, stage: Stage, tell: Callable[[Stage], None]) -> Iterator[None]:
        """A stage that runs in the harness itself."""
        began = time.monotonic()
        tell(stage)
        self._open = stage
        status, evidence, log = Status.PASSED, "", ""
        try:
            yield
        except StageFailed as error:
            status, log = Status.FAILED, error.log
            evidence = error.evidence if error.evidence.strip() else f"{stage} failed without a word"
            raise
        finally:
            seconds = time.monotonic() - began
            self.note(StageEnded(stage=stage, status=status, seconds=seconds, evidence=evidence, log=log))
            self._open = None

    def note(self, event: object) -> None:
        """Take in one event."""
        match event:
            case StageStarted():
                self._open = event.stage
            case StageEnded():
                self._end_stage(event)
            case CheckEnded():
                failure = classify_check(event) if event.status is Status.FAILED else None
                self._checks.append(
                    CheckResult(
                        id=event.id,
                        stage=event.stage,
                        status=event.status,
                        seconds=round(event.seconds, 3),
                        caveat=event.caveat,
                        failure=failure,
                    )
                )
            case Observed():
                self._observations.append(Observation(name=event.name, data=event.data))
            case _:
                raise TypeError(f"no event: {event!r}")

    def broken_off(self, reason: Reason, evidence: str) -> None:
        """The child ended before its work did; what stopped it before that stays the failure."""
        if self._failure is not None:
            return
        self._failure = classify_break(self._open or Stage.SERVICE, reason, evidence)

    def lacked_space(self) -> None:
        """The disk is full: whatever failed, its logs and files could not be written, and nothing counts."""
        stage = self._failure.stage if self._failure is not None else Stage.SHUTDOWN
        excerpt = "the disk was full when the attempt ended"
        self._failure = Failure(
            stage=stage, reason=Reason.NO_SPACE, detail="", excerpt=excerpt, log="checks.log"
        )

    def finish(self) -> Attempt:
        """The attempt. Its status is that of its stages, and of its checks that are no caveats."""
        breaking = [check for check in self._checks if check.failure is not None and not check.caveat]
        status = Status.PASSED
        if self._failure is not None:
            status = self._failure.reason.status
        elif breaking:
            statuses = {check.failure.reason.status for check in breaking if check.failure is not None}
            status = Status.ERRORED if Status.ERRORED in statuses else Status.FAILED
        return Attempt(
            number=self._number,
            status=status,
            seconds=round(time.monotonic() - self._began, 3),
            stages=tuple(self._stages),
            failure=self._failure,
            checks=tuple(self._checks),
            observations=tuple(self._observations),
        )

    def _end_stage(self, event: StageEnded) -> None:
        status = event.status
        if event.evidence:
            self._failure = classify_stage(event)
            status = self._failure.reason.status
        self._stages.append(StageResult(stage=event.stage, status=status, seconds=round(event.seconds, 3)))
