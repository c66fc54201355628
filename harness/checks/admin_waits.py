"""What somebody in the admin waits for: that beat notices, and that it sends."""

from collections.abc import Sequence

from harness.checks.live import LiveCell
from harness.nodes.journal import Send
from harness.proc.wait import DeadlineExceeded


def noticed(cell: LiveCell, since: int) -> bool:
    """Whether beat notices that the schedule is not what it was at `since` changes."""
    changed = cell.clock.now()
    try:
        cell.wait_for_change(since)
    except DeadlineExceeded:
        return False
    # Beat may have noticed an earlier change than the last: its next look counts.
    cell.wait_for_tick(changed)
    return True


def sent_within(cell: LiveCell, entry: str, period: float) -> Sequence[Send]:
    """What beat sends of an entry while the cell lives through a period of its interval, in seconds."""
    known = len(cell.journal.read().sends_of(entry))
    cell.pass_by(cell.clock.now() + period, lambda: len(cell.journal.read().sends_of(entry)) > known)
    cell.settle()
    return cell.journal.sends_of(entry)[known:]
