"""Somebody's own tasks."""

from celery import shared_task


@shared_task  # type: ignore[untyped-decorator] # Celery ships no types
def greet(name: str) -> str:
    return f"Hello, {name}!"
