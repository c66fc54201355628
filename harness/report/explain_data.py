"""What `nox -s explain` says, for programs: each answer as JSON, and the schema of all of them. Pure."""

import json
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from harness.model import SCHEMA_VERSION
from harness.report.explain_cell import CellAnswer
from harness.report.explain_signature import SignatureAnswer
from harness.report.explain_versions import VersionsAnswer

Answer = CellAnswer | SignatureAnswer | VersionsAnswer
ANSWERS: TypeAdapter[Answer] = TypeAdapter(Annotated[Answer, Field(discriminator="kind")])


def render(answer: Answer) -> str:
    """The whole answer; what its page shortens is here in full."""
    line = {"schema": SCHEMA_VERSION, **asdict(answer)}
    return json.dumps(line, indent=1, ensure_ascii=False, default=str) + "\n"


def json_schema() -> str:
    """The JSON schema of the answers, told apart by `kind`."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `nox -s explain -- … --json` says",
        **ANSWERS.json_schema(mode="serialization"),
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
