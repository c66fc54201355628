"""From evidence to a failure. One ordered table of rules; the first that matches decides.

A rule looks at the whole evidence, or, where a Python program failed, at the line of its last
exception. Each has one real log in `tests/cell/logs`. What no rule matches is `unknown`, never a guess.
"""

import re
from dataclasses import dataclass

from harness.checks.events import CheckEnded, StageEnded
from harness.model import Failure, Reason, Stage

_INSTALL = frozenset({Stage.RESOLVE, Stage.BUILD})
_PROGRAMS = frozenset(Stage) - _INSTALL - {Stage.SERVICE}
_EVERYWHERE = frozenset(Stage)

# What follows the frames of a traceback, whatever it is called, to the end of its line.
_TRACEBACK_END = re.compile(
    r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*(?P<line>[A-Za-z_][\w.]*(?::.*)?)$",
    re.MULTILINE,
)
# `package.module.SomeError: message`, at the start of a line: an exception without its traceback.
_EXCEPTION = re.compile(
    r"^(?:[\w.]+\.)?(?P<type>[A-Z]\w*(?:Error|Exception|Warning|Configured|Exists|Exist|Found|Interrupt|Exit))"
    r"(?::[ ]?(?P<message>.*))?$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Rule:
    """In `stages`, evidence that matches `pattern` means `reason`; its named groups make the detail."""

    reason: Reason
    stages: frozenset[Stage]
    pattern: re.Pattern[str]
    exception_only: bool = False

    def match(self, stage: Stage, evidence: str) -> re.Match[str] | None:
        """The last match in the evidence, or None."""
        if stage not in self.stages:
            return None
        subject = _last_exception(evidence) if self.exception_only else evidence
        return next(reversed(list(self.pattern.finditer(subject))), None)


def _anywhere(reason: Reason, stages: frozenset[Stage], pattern: str) -> Rule:
    return Rule(reason, stages, re.compile(pattern))


def _exception(reason: Reason, pattern: str) -> Rule:
    return Rule(reason, _PROGRAMS, re.compile(rf"^(?:[\w.]+\.)?(?:{pattern})"), exception_only=True)


RULES = (
    _anywhere(Reason.NO_SPACE, _EVERYWHERE, r"No space left on device|disk is full|Disk quota exceeded"),
    _anywhere(
        Reason.INDEX_UNREACHABLE,
        _INSTALL,
        r"error sending request|dns error|Failed to fetch|operation timed out|request failed"
        r"|network was disabled|was not found in the cache|Retrying \(Retry\(total=0\b",
    ),
    # An index that does not have a package says nothing about its versions.
    _anywhere(
        Reason.NO_SUCH_PACKAGE, _INSTALL, r"(?P<package>[\w.-]+) was not found in the package registry"
    ),
    # A machine without the library that a package is built on says nothing about the package.
    _anywhere(
        Reason.BUILD_TOOLS,
        _INSTALL,
        r"(?P<tool>pg_config) executable not found"
        r"|(?P<config>mysql_config)(?:: command)? not found"
        r"|Can not find valid (?P<finder>pkg-config) name|(?P<venv>ensurepip) is not\s+available",
    ),
    _anywhere(
        Reason.SOURCE_BUILD,
        _INSTALL,
        r"Failed to build `?(?P<package>[\w.-]+)"
        # pip names the folder in which it builds, and what the build raised some lines below.
        r"|/pip-install-[^/\s]+/(?P<built>[\w.-]+?)(?:_[0-9a-f]{32})?/setup\.py\", line (?:.*\n)+?"
        r"\s*[\w.]*(?:Error|Exception)\b.*",
    ),
    _anywhere(
        Reason.PYTHON_UNSUPPORTED,
        _INSTALL,
        r"does not satisfy Python\S+ and (?:you require |all versions of )?(?P<package>[\w.-]+)"
        r"|(?P<wheel>[\w.-]+?)(?:[<>=!]\S+)? has no wheels with a matching Python",
    ),
    _anywhere(
        Reason.NO_SUCH_VERSION,
        _INSTALL,
        r"there (?:is no version|are no versions) of (?P<package>[\w.-]+)\S* and you require (?P=package)"
        r"|Because only (?:the following versions of )?(?P<older>[\w.-]+)\S* (?:is|are) available:?"
        r"(?:\s+(?P=older)\S+)*\s+and you require (?P=older)\S*,"
        r" we can conclude that your requirements are unsat"
        r"|No matching distribution found for (?P<unmatched>[\w.-]+)",
    ),
    _anywhere(
        Reason.CONFLICT,
        _INSTALL,
        r"(?P<package>[\w.-]+)(?:\[\w+\])?(?:[<>=!]\S+|[ ]\d\S*)? depends? on (?P<other>[\w.-]+)"
        r"|Because you require (?P<twice>[\w.-]+)\S* and (?P=twice)\b|No solution found",
    ),
    _anywhere(Reason.SERVER, frozenset({Stage.SERVICE}), r"\S.*"),
    _anywhere(Reason.SERVER, frozenset({Stage.BROWSER}), r"the browser fails: .*"),
    _anywhere(Reason.LOG_FLOOD, _PROGRAMS, r"\S+ is longer than \d+ MiB"),
    _anywhere(Reason.STORM, _PROGRAMS, r"beat sent (?P<entry>\S+) \d+ times within"),
    _anywhere(Reason.EXITED, _PROGRAMS, r"(?P<name>\w+) ended with code (?P<code>-\d+)"),
    _anywhere(Reason.SYSTEM_CHECK, _PROGRAMS, r"\S+: \((?P<id>[\w.]+\.[EC]\d+)\) .*"),
    _exception(Reason.MISSING_MODULE, r"ModuleNotFoundError: No module named '(?P<module>[^']+)'"),
    _exception(
        Reason.IMPORT_NAME,
        r"ImportError: cannot import name '(?P<name>\w+)'"
        r"(?: from (?:partially initialized module )?'(?P<module>[\w.]+)')?",
    ),
    _exception(
        Reason.MISSING_ATTRIBUTE,
        r"AttributeError: (?:type object |(?:partially initialized )?module )?'(?P<owner>[\w.]+)'"
        r"(?: object)? has no attribute '(?P<name>\w+)'",
    ),
    _exception(Reason.WRONG_CALL, r"TypeError: (?P<function>[\w.<>]+)\(\) "),
    _exception(Reason.SYNTAX, r"SyntaxError"),
    _exception(Reason.SETTINGS, r"ImproperlyConfigured"),
    _exception(
        Reason.DATABASE,
        r"(?:db\.utils|sqlite3)"
        r"\.(?P<type>(?:Operational|Programming|Integrity|Database|Interface|NotSupported)Error)",
    ),
    _exception(Reason.RAISED, r"(?P<type>[A-Za-z_]\w*)"),
    _anywhere(Reason.EXITED, _PROGRAMS, r"(?P<name>\w+)(?: has)? ended(?: with code (?P<code>-?\d+))?"),
    _anywhere(Reason.INSTALL_TIMEOUT, _INSTALL, r"not within \S+ s"),
    _anywhere(Reason.NOT_READY, _PROGRAMS, r"not within \S+ s"),
)


def classify_break(stage: Stage, reason: Reason, evidence: str) -> Failure:
    """Why a child broke off: `reason`, unless its last words say that the disk is full."""
    failure = _classify(stage, evidence, "checks.log")
    if failure.reason is Reason.NO_SPACE:
        return failure
    return Failure(stage=stage, reason=reason, detail="", excerpt=_last_line(evidence), log="checks.log")


def classify_stage(event: StageEnded) -> Failure:
    """Why a rung did not hold."""
    return _classify(event.stage, event.evidence, event.log)


def classify_check(event: CheckEnded) -> Failure:
    """Why a check failed: what its evidence says, else the check's own assertion."""
    if event.evidence:
        return _classify(event.stage, f"{event.message}\n{event.evidence}", "checks.log")
    return Failure(
        stage=event.stage, reason=Reason.CHECK, detail=event.id, excerpt=event.message, log="checks.log"
    )


def _classify(stage: Stage, evidence: str, log: str) -> Failure:
    for rule in RULES:
        match = rule.match(stage, evidence)
        if match:
            detail = "/".join(filter(None, match.groupdict().values()))
            return Failure(
                stage=stage, reason=rule.reason, detail=detail, excerpt=_line_around(match), log=log
            )
    return Failure(stage=stage, reason=Reason.UNKNOWN, detail="", excerpt=_last_line(evidence), log=log)


def _last_line(evidence: str) -> str:
    lines = [line.strip() for line in evidence.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _last_exception(evidence: str) -> str:
    found = [(match.start("line"), match["line"]) for match in _TRACEBACK_END.finditer(evidence)]
    found += [(match.start(), match[0]) for match in _EXCEPTION.finditer(evidence)]
    return max(found)[1] if found else ""


def _line_around(match: re.Match[str]) -> str:
    text = match.string
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return text[start : end if end != -1 else len(text)].strip()
