"""`nox -s reference`: the pages that follow from the code, and the check that they still do."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from rich.console import Console

from harness import errors
from harness.cell.classify import RULES
from harness.commands.places import Places
from harness.errors import ExitCode, HarnessError
from harness.gate.compare import Difference
from harness.matrix.schema import MatrixFile, json_schema
from harness.model import CellResult, Reason, RunFooter, RunHeader, Stage, Status, Verdict
from harness.report import explain_data
from harness.report.check.whole import CheckAnswer
from harness.report.pick.view import PickView
from harness.report.view import View

_FOLDER = "docs/reference"
_NOTE = "<!-- Written by `nox -s reference`; changes here are lost. -->"


def run_reference(
    *, check: bool, help_texts: Mapping[str, str], places: Places, console: Console
) -> ExitCode:
    """Write the pages; with `check`, say which differ and return 1 if any does."""
    folder = places.matrix.parent / _FOLDER
    pages: dict[str, Callable[[], str]] = {
        "matrix.schema.json": json_schema,
        "explain.schema.json": explain_data.json_schema,
        "matrix.md": _matrix_page,
        "check.schema.json": _check_schema,
        "pick.schema.json": _pick_schema,
        "commands.md": lambda: _commands_page(help_texts),
        "records.md": _records_page,
        "words.md": _words_page,
    }
    stale = []
    for name, render in pages.items():
        path, text = folder / name, render()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(f"{_FOLDER}/{name}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        console.print(
            f"{name}: {'is not what the code says; run `nox -s reference`' if check else 'written'}"
        )
    return ExitCode.UNEXPECTED if check and stale else ExitCode.OK


def _check_schema() -> str:
    """What `nox -s check -- --json` says."""
    return json.dumps(TypeAdapter(CheckAnswer).json_schema(), indent=1) + "\n"


def _pick_schema() -> str:
    """What `nox -s pick -- --json` says."""
    return json.dumps(TypeAdapter(PickView).json_schema(), indent=1) + "\n"


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([_NOTE, "", f"# {title}", "", *lines]) + "\n"


def _matrix_page() -> str:
    def lines() -> Iterator[str]:
        yield "Every table and key of `matrix.toml`. Editors that read its first line complete and check"
        yield "it by [matrix.schema.json](matrix.schema.json)."
        schema = MatrixFile.model_json_schema(by_alias=True)
        for table, entry in schema["properties"].items():
            name = str(entry).rpartition("#/$defs/")[2].partition("'")[0]
            definition = schema["$defs"][name]
            many = "patternProperties" in entry or "additionalProperties" in entry
            heading = f"[{table}.NAME]" if many else f"[{table}]"
            heading = f"[{heading}]" if entry.get("type") == "array" else heading
            yield from ("", f"## `{heading}`", "", definition["description"], "")
            yield "| key | value | default | |"
            yield "|---|---|---|---|"
            required = definition.get("required", [])
            for key, property_ in definition["properties"].items():
                default = "required" if key in required else f"`{property_.get('default', '')}`"
                what = property_.get("description", "")
                yield f"| `{key}` | {_type_of(property_)} | {default} | {what} |"

    return _page("matrix.toml", lines())


def _type_of(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type_of(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "const" in schema:
        return f"`{schema['const']}`"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].lower()
    kind = str(schema.get("format") or schema.get("type", ""))
    return f"list of {_type_of(schema['items'])}s" if kind == "array" and "items" in schema else kind


def _commands_page(help_texts: Mapping[str, str]) -> str:
    def lines() -> Iterator[str]:
        yield "Every session takes its options after `--`, as nox has it: `nox -s matrix -- --list`."
        for verb, text in help_texts.items():
            yield from ("", f"## {verb}", "", "```text", text.rstrip(), "```")
        yield from ("", "## Exit codes", "", "| code | name | |", "|---|---|---|")
        for code in ExitCode:
            raised = ", ".join(f"`{name}`" for name in _errors_with(code))
            yield f"| {int(code)} | {code.name.lower()} | {raised} |"

    return _page("Commands", lines())


def _errors_with(code: ExitCode) -> Iterator[str]:
    for name, value in vars(errors).items():
        own = isinstance(value, type) and issubclass(value, HarnessError) and "exit_code" in vars(value)
        if own and value is not HarnessError and value.exit_code is code:
            yield name


def _records_page() -> str:
    def lines() -> Iterator[str]:
        yield "A run is a file of JSON lines in `reports/runs`: a header, a result per cell, a footer unless"
        yield "it was interrupted. Every line has `schema` (the version of this page, 1) and `kind`."
        for kind, record in (("header", RunHeader), ("result", CellResult), ("footer", RunFooter)):
            yield from ("", f"## `{kind}`", "", str(record.__doc__), "")
            yield from _fields_table(record)
        definitions = TypeAdapter(CellResult).json_schema()["$defs"]
        for name in ("Lock", "Attempt", "StageResult", "CheckResult", "Failure", "Observation"):
            yield from ("", f"### {name}", "", definitions[name].get("description", ""), "")
            yield "| field | |"
            yield "|---|---|"
            for field, schema in definitions[name]["properties"].items():
                yield f"| `{field}` | {_type_of(schema)} |"
        yield from ("", "## The report as JSON", "", "`reports/PLAN.json` holds these keys:", "")
        yield from _fields_table(View)

    return _page("Records", lines())


def _fields_table(record: type) -> Iterator[str]:
    hints = get_type_hints(record)
    yield "| field | |"
    yield "|---|---|"
    for field in fields(record):
        hint = hints[field.name]
        yield f"| `{field.name}` | {getattr(hint, '__name__', str(hint)).replace('|', 'or')} |"


def _words_page() -> str:
    def lines() -> Iterator[str]:
        yield "The closed sets of words that records and reports use."
        for words in (Stage, Status, Verdict, Difference):
            yield from ("", f"## {words.__name__}", "", str(words.__doc__).partition("\n")[0], "")
            yield ", ".join(f"`{word}`" for word in words)
        yield from ("", "## Reason", "", "Why a stage failed, in the order in which the rules are tried.", "")
        yield "| reason | about | where |"
        yield "|---|---|---|"
        for reason in dict.fromkeys([*(rule.reason for rule in RULES), *Reason]):
            about = "the machine" if reason.status is Status.ERRORED else "the versions"
            stages = {stage for rule in RULES if rule.reason is reason for stage in rule.stages}
            where = "everywhere" if stages == set(Stage) else ", ".join(s for s in Stage if s in stages)
            yield f"| `{reason}` | {about} | {where} |"

    return _page("Words", lines())
