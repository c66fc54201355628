"""Which browser this machine has: Debian's chromium, with the driver that its own package brings."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# What is looked for on PATH, and the Debian package that brings it.
PACKAGES: Mapping[str, str] = {"chromium": "chromium", "chromedriver": "chromium-driver"}


@dataclass(frozen=True, kw_only=True)
class Browser:
    """A browser, and the program that drives it; both are of the same release where Debian brings them."""

    program: Path
    driver: Path


class NoBrowser(Exception):
    """There is none: `what` is missing, and `remedy` is the one command that adds it. `str()` is both."""

    def __init__(self, what: str, *, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy


def find_browser(environ: Mapping[str, str]) -> Browser:
    """The browser on PATH. Light: nothing is started.

    Raises:
        NoBrowser: it is missing, or its driver is.
    """
    path = environ.get("PATH", os.defpath)
    found = {name: shutil.which(name, path=path) for name in PACKAGES}
    missing = [name for name, where in found.items() if where is None]
    if missing:
        packages = " ".join(PACKAGES[name] for name in missing)
        raise NoBrowser(f"no {' and no '.join(missing)} on PATH", remedy=f"apt-get install {packages}")
    program, driver = (Path(str(found[name])).absolute() for name in PACKAGES)
    return Browser(program=program, driver=driver)
