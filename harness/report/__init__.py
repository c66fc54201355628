"""One view of what was measured, and its renderings."""
