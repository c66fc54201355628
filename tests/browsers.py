"""Whether there is a browser to test with."""

import os

import pytest

from harness.services.browser import NoBrowser, find_browser


def _why_not() -> str:
    try:
        find_browser(os.environ)
    except NoBrowser as missing:
        return str(missing)
    return ""


NEEDS_BROWSER = pytest.mark.skipif(bool(_why_not()), reason=_why_not() or "there is one")
