"""Interpreters, locks and environments, all by uv."""
