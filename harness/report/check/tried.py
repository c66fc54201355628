"""What was tried with cells that fail, and with their like. Pure."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from harness.answers.facts import Facts
from harness.diagnosis.culprits import diagnose_again
from harness.diagnosis.finding import Finding, Kind
from harness.diagnosis.known import Known, is_failure, signature_of
from harness.model import CellResult
from harness.records.sheets import Entry
from harness.report.check.answer import Mending
from harness.report.culprits import sentence_of


class Tried:
    """Everything in the records, which is not read before something is asked."""

    def __init__(self, facts: Facts, entries: Sequence[Entry]) -> None:
        self._facts = facts
        self._entries = entries

    def near(self, failing: CellResult) -> CellResult | None:
        """The passing cell that differs least from one that fails, on the same Python."""
        return self._known.near(failing)

    def mendings(self, failing: Iterable[CellResult]) -> tuple[Mending, ...]:
        """What mends cells that fail: what was found by running them again, else what mended their like."""
        mendings: dict[str, Mending] = {}
        for result in failing:
            findings = diagnose_again(result, self._known).findings if is_failure(result) else ()
            # Of a cell whose like passes under another name nothing is to be changed.
            findings = tuple(finding for finding in findings if finding.parts)
            tried = bool(findings)
            for finding in findings or self._alike(result):
                lines = finding.lines
                mending = Mending(
                    sentence=sentence_of(finding),
                    lines=lines,
                    constrains=finding.constrains,
                    pins=finding.kind is Kind.VERSIONS,
                    passing=finding.passing,
                    tried=tried,
                )
                known = mendings.get(finding.culprit)
                if known is None or (tried and not known.tried):
                    mendings[finding.culprit] = mending
        return tuple(mendings.values())

    def _alike(self, failing: CellResult) -> list[Finding]:
        """What mended a cell that failed in the same way, with the same to blame installed."""
        return [
            finding
            for other in self._known
            if is_failure(other) and signature_of(other) == signature_of(failing)
            for finding in diagnose_again(other, self._known).findings
            if finding.kind is not Kind.VERSIONS and finding.explains(failing)
        ]

    @cached_property
    def _known(self) -> Known:
        read = map(self._facts.read, self._entries)
        return Known([each for each in read if each is not None])
