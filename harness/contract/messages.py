"""Rules about messages that are sent without beat; as in `schedules`."""

from harness.contract.span import NotObserved, Span
from harness.contract.wall import how_far_off

EARLY = 0.02  # seconds that two readings of a clock may differ
LATE = 30.0  # seconds that a busy machine may be late


def countdown(span: Span) -> str:
    """Some seconds from now."""
    return _off(span, "countdown")


def aware_eta(span: Span) -> str:
    """An ETA in a zone that is neither the project's nor UTC."""
    return _off(span, "elsewhere")


def naive_eta(span: Span) -> str:
    """An ETA as `datetime.now()` gives it."""
    return _off(span, "naive")


def _off(span: Span, name: str) -> str:
    message = span.messages.get(name)
    if message is None or message.meant is None:
        raise NotObserved("it was not sent")
    if message.ran is None:
        if message.held is None:
            return "did not run"
        return f"is held back to run {how_far_off(message.held, message.meant)}"
    if message.ran < message.meant - EARLY:
        return "ran at once"
    return f"ran {how_far_off(message.ran, message.meant)}" if message.ran > message.meant + LATE else ""
