"""From a stack's pins to a lock: every distribution with its version, as uv chooses them.

The outcome is cached by everything it depends on: requirements, interpreter, resolution and the index's
date, which for `today` is the day itself. A failure is not cached: it is asked again.
"""

import json
import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from harness.env.interpreters import Interpreter
from harness.env.remembered import digest, index, remember
from harness.env.uv import Uv
from harness.errors import StageFailed
from harness.model import Lock, Question, Resolution
from harness.proc.wait import DeadlineExceeded


def resolve(
    question: Question, *, interpreter: Interpreter, uv: Uv, cache: Path, today: date | None = None
) -> Lock:
    """The lock uv answers with.

    Raises:
        StageFailed: there is none; the evidence is what uv says.
    """
    today = today or datetime.now(UTC).date()
    index_date = None
    if question.resolution is Resolution.ERA:
        index_date = min(question.as_of or _era(question, interpreter, uv, cache, today), today)
    path = cache / f"{digest(_asked(question, interpreter), index_date or today)}.json"
    if path.exists():
        known = json.loads(path.read_text())
        return Lock(
            distributions=tuple(known["distributions"]), python=known["python"], index_date=index_date
        )
    arguments = ["--exclude-newer", f"{index_date}T23:59:59Z"] if index_date else []
    if question.resolution is Resolution.OVERRIDE:
        overrides = uv.log.parent / "overrides.txt"
        overrides.write_text("\n".join(question.pinned) + "\n")
        arguments += ["--overrides", str(overrides)]
    output = _compile(question.requirements, interpreter, uv, *arguments)
    lock = Lock(
        distributions=tuple(re.findall(r"^([A-Za-z0-9._-]+==\S+)", output, flags=re.MULTILINE)),
        python=interpreter.version,
        index_date=index_date,
    )
    remember(path, {"distributions": lock.distributions, "python": lock.python})
    return lock


def _era(question: Question, interpreter: Interpreter, uv: Uv, cache: Path, today: date) -> date:
    """The day of the youngest of the pinned releases, as the index says, plus the grace.

    A release's day does not change; which release is the newest of a series does, so that is asked daily.
    """
    of_a_series = any(requirement.endswith(".*") for requirement in question.pinned)
    path = cache / f"era-{digest(question.pinned, index(), today if of_a_series else None)}.json"
    if path.exists():
        newest = date.fromisoformat(json.loads(path.read_text()))
    else:
        newest = _newest_pin(question, interpreter, uv)
        remember(path, newest.isoformat())
    return newest + timedelta(days=question.grace_days)


def _newest_pin(question: Question, interpreter: Interpreter, uv: Uv) -> date:
    """The youngest release's day; a release is as old as its first file."""
    output = _compile(question.pinned, interpreter, uv, "--no-deps", "--format", "pylock.toml")
    packages = tomllib.loads(output[output.index("lock-version") :])["packages"]
    uploads: list[datetime] = []
    for package in packages:
        files = (*package.get("wheels", ()), package.get("sdist"))
        times = [file["upload-time"] for file in files if file and "upload-time" in file]
        uploads += [min(times)] if times else []
    if not uploads:
        raise StageFailed("the package index serves no upload times, so there is no era", log=uv.log.name)
    return max(uploads).astimezone(UTC).date()


def _compile(requirements: Sequence[str], interpreter: Interpreter, uv: Uv, *arguments: str | Path) -> str:
    source = uv.log.parent / "requirements.in"
    source.write_text("\n".join(requirements) + "\n")
    try:
        options = ["--quiet", "--no-header", "--no-annotate", "--python", str(interpreter.path)]
        finished = uv("pip", "compile", *options, *arguments, source)
    except DeadlineExceeded as error:
        raise StageFailed(str(error), log=uv.log.name) from None
    if finished.exit_code != 0:
        raise StageFailed(finished.output, log=uv.log.name)
    return finished.output


def _asked(question: Question, interpreter: Interpreter) -> list[object]:
    return [question.requirements, question.pinned, question.resolution, interpreter.version, index()]
