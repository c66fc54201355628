"""A browser is what is on PATH; what is missing is told with the command that adds it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.services.browser import NoBrowser, find_browser


def put(folder: Path, *names: str) -> dict[str, str]:
    for name in names:
        (folder / name).touch(mode=0o755)
    return {"PATH": str(folder)}


def test_both_programs_are_found(tmp_path: Path) -> None:
    found = find_browser(put(tmp_path, "chromium", "chromedriver"))
    assert (found.program, found.driver) == (tmp_path / "chromium", tmp_path / "chromedriver")


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (
            [],
            "no chromium and no chromedriver on PATH; apt-get install chromium chromium-driver",
        ),
        (["chromium"], "no chromedriver on PATH; apt-get install chromium-driver"),
        (["chromedriver"], "no chromium on PATH; apt-get install chromium"),
    ],
)
def test_what_is_missing_is_told_with_its_package(tmp_path: Path, there: Sequence[str], told: str) -> None:
    with pytest.raises(NoBrowser) as missing:
        find_browser(put(tmp_path, *there))
    assert str(missing.value) == told
