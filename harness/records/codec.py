"""Records as JSON lines. Pure: a value in, a line out, and back; whole, or in outline."""

import json
from typing import Any

import msgspec
from pydantic import TypeAdapter, ValidationError

from harness.model import SCHEMA_VERSION, CellResult, RunFooter, RunHeader
from harness.records.outline import outlined, read_outline

Record = RunHeader | CellResult | RunFooter

_KINDS: dict[str, TypeAdapter[Any]] = {
    "header": TypeAdapter(RunHeader),
    "result": TypeAdapter(CellResult),
    "footer": TypeAdapter(RunFooter),
}
_KIND_OF = {RunHeader: "header", CellResult: "result", RunFooter: "footer"}
# How the line of a result begins that `encode` wrote, and what reads such a line at once.
_RESULT = f'{{"schema":{SCHEMA_VERSION},"kind":"result",'.encode()
_WHOLE = msgspec.json.Decoder(CellResult)


class UnreadableRecord(Exception):
    """A line is no record: torn, or of another schema."""


def encode(record: Record) -> str:
    """One line, without its end."""
    kind = _KIND_OF[type(record)]
    body = _KINDS[kind].dump_python(record, mode="json")
    line = {"schema": SCHEMA_VERSION, "kind": kind, **body}
    return json.dumps(line, separators=(",", ":"))


def decode(line: str | bytes, *, outline: bool = False) -> Record:
    """The record of a line; a result whole, or in `outline`: of its attempts only how they ended.

    What an outline leaves out is not looked at, but that it is JSON.

    Raises:
        UnreadableRecord: the line is torn, or its schema is not ours.
    """
    data = line.encode() if isinstance(line, str) else line
    if data.startswith(_RESULT):
        try:
            return read_outline(data) if outline else _WHOLE.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass  # the slow way says what is wrong with it, or knows of numbers that this one does not
    record = _decode_slowly(data.decode(errors="replace"))
    return outlined(record) if outline and isinstance(record, CellResult) else record


def _decode_slowly(line: str) -> Record:
    try:
        body = json.loads(line)
        if body.pop("schema") != SCHEMA_VERSION:
            raise UnreadableRecord(f"not of schema {SCHEMA_VERSION}")
        adapter = _KINDS[body.pop("kind")]
        return adapter.validate_python(body)  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise UnreadableRecord(str(error).partition("\n")[0]) from None
