"""`nox -s schema`: the JSON schema of matrix.toml, for editors."""

from rich.console import Console

from harness.commands.places import Places
from harness.errors import ExitCode
from harness.matrix.schema import json_schema

PATH = "docs/reference/matrix.schema.json"


def run_schema(check: bool, places: Places, console: Console) -> ExitCode:  # noqa: FBT001 - the flag itself
    """Write the schema; with `check`, return 1 when the committed one differs."""
    path = places.matrix.parent / PATH
    text = json_schema()
    if check:
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if current == text:
            return ExitCode.OK
        console.print(f"{PATH} is not what the code says; run `nox -s schema`")
        return ExitCode.UNEXPECTED
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    console.print(f"wrote {PATH}")
    return ExitCode.OK
