"""Records as JSON lines. Pure: a value in, a line out, and back."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from harness.model import SCHEMA_VERSION, CellResult, RunFooter, RunHeader

Record = RunHeader | CellResult | RunFooter

_KINDS: dict[str, TypeAdapter[Any]] = {
    "header": TypeAdapter(RunHeader),
    "result": TypeAdapter(CellResult),
    "footer": TypeAdapter(RunFooter),
}
_KIND_OF = {RunHeader: "header", CellResult: "result", RunFooter: "footer"}


class UnreadableRecord(Exception):
    """A line is no record: torn, or of another schema."""


def encode(record: Record) -> str:
    """One line, without its end."""
    kind = _KIND_OF[type(record)]
    body = _KINDS[kind].dump_python(record, mode="json")
    line = {"schema": SCHEMA_VERSION, "kind": kind, **body}
    return json.dumps(line, separators=(",", ":"))


def decode(line: str) -> Record:
    """The record of a line.

    Raises:
        UnreadableRecord: the line is torn, or its schema is not ours.
    """
    try:
        body = json.loads(line)
        if body.pop("schema") != SCHEMA_VERSION:
            raise UnreadableRecord(f"not of schema {SCHEMA_VERSION}")
        adapter = _KINDS[body.pop("kind")]
        return adapter.validate_python(body)  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise UnreadableRecord(str(error).partition("\n")[0]) from None
