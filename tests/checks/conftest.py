"""What tests of checks start."""

from tests.proc.processes import marker

__all__ = ["marker"]
