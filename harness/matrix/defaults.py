"""What a short matrix.toml does not say: the axes, a profile, a plan, a place in pyproject.toml. Pure."""

from collections.abc import Mapping
from typing import Any

PYPROJECT = "pyproject.toml"
TABLE = "django-celery-matrix"  # below [tool] of pyproject.toml

# The oldest series that the sample project runs on: what an axis has of which no stack names a value.
_AXES = {
    "python": "3.6",
    "django": "2.2",
    "celery": "4.3",
    "django-celery-beat": "1.6",
    "django-celery-results": "1.2",
    "redis": "3.2",
}
_PROFILES = {
    "startproject": {
        "reason": "what `startproject` writes, and the defaults of Celery and django-celery-beat",
        "settings": {
            "USE_TZ": True,
            "TIME_ZONE": "UTC",
            "CELERY_ENABLE_UTC": True,
            "CELERY_TIMEZONE": "",
            "DJANGO_CELERY_BEAT_TZ_AWARE": True,
        },
    }
}
_PLANS = {"default": {"reason": "all there is", "stacks": ["*"], "profiles": ["*"]}}


def with_defaults(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The file's tables, and those it leaves out as a whole: stacks alone are enough.

    The values of an axis are then those that some stack names.
    """
    return {"axes": _axes(raw), "profiles": _PROFILES, "plans": _PLANS, **raw}


def table_of_pyproject(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What pyproject.toml says to us; None when it says nothing."""
    tool = raw.get("tool")
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _axes(raw: Mapping[str, Any]) -> dict[str, Any]:
    stacks = raw.get("stacks")
    tables = (
        [table for table in stacks.values() if isinstance(table, dict)] if isinstance(stacks, dict) else []
    )
    return {axis: {"values": _values(axis, tables) or [oldest]} for axis, oldest in _AXES.items()}


def _values(axis: str, tables: list[dict[str, Any]]) -> list[str]:
    named = (table.get(axis) for table in tables)
    return list(dict.fromkeys(value for value in named if isinstance(value, str) and value not in ("*", "-")))
