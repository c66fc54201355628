"""The environment of supervisord."""

from dataclasses import replace
from pathlib import Path

from harness.env.supervisor import VERSION, build_supervisor
from tests.env.conftest import LookInside, MakeUv
from tests.env.index import VINE, LocalIndex


def test_it_has_supervisor_and_nothing_of_ours(
    index: LocalIndex, make_uv: MakeUv, look_inside: LookInside, tmp_path: Path
) -> None:
    index.add(replace(VINE, name="supervisor", version=VERSION))
    environment = build_supervisor(uv=make_uv(), cache=tmp_path / "cache")
    inside = look_inside(environment)
    assert {each for each in inside.distributions if not each.startswith("setuptools")} == {
        f"supervisor-{VERSION}"
    }
