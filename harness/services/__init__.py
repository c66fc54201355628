"""Servers of a cell: from a URL that was given, a program on PATH, or a bundled one."""
