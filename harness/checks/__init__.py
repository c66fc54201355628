"""pytest tests that run against a live cell, and the plugin that feeds them."""

from pathlib import Path

CHECKS = Path(__file__).parent
# The modules of checks: a fork server that has imported them saves every child the time.
MODULES = tuple(f"{__name__}.{path.stem}" for path in sorted(CHECKS.glob("check_*.py")))
