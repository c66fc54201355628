import json
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from harness.matrix.schema import NAME, Name, json_schema
from harness.model import Resolution


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(json_schema())
    return parsed


def test_the_committed_schema_is_the_one_of_the_code(pytestconfig: pytest.Config) -> None:
    committed = pytestconfig.rootpath / "docs" / "reference" / "matrix.schema.json"
    assert committed.read_text(encoding="utf-8") == json_schema()


def test_editors_complain_of_unknown_keys_but_for_the_axes_in_a_stack(schema: dict[str, Any]) -> None:
    open_ended = {name for name, table in schema["$defs"].items() if table.get("additionalProperties", True)}
    assert open_ended == {"StackTable", "Resolution", "Installer"}
    assert schema["additionalProperties"] is False


def test_keys_are_kebab_case(schema: dict[str, Any]) -> None:
    keys = {key for table in schema["$defs"].values() for key in table.get("properties", {})}
    assert {"as-of", "grace-days", "import"} <= keys
    assert not any("_" in key for key in keys)


def test_editors_offer_every_resolution(schema: dict[str, Any]) -> None:
    assert schema["$defs"]["Resolution"]["enum"] == list(Resolution)


@given(st.from_regex(NAME, fullmatch=True).filter(lambda name: not name.endswith("\n")))
def test_a_name_is_safe_in_files_and_shells(name: str) -> None:
    assert TypeAdapter(Name).validate_python(name) == shlex.quote(name)


@pytest.mark.parametrize("name", ["", ".hidden", "-x", "a b", "a/b", "a@b", "a*", "a\n", "ä"])
def test_a_name_is_nothing_else(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(name)
