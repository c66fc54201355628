"""Progress of a run: a live picture on a terminal, a line a cell elsewhere."""

import threading
import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from harness.commands.feed import Feed
from harness.model import CellResult, Stage
from harness.records.verdict import Judgement
from harness.report.terminal import STYLES
from harness.report.words import duration


class Progress:
    """Told of every stage and every result; a context manager while the run goes on."""

    def __init__(self, feed: Feed, *, done: int, expects: bool, console: Console) -> None:
        self._console = console
        self._feed = feed
        self._expects = expects
        self._done_before = done
        self._done = 0
        self._began = time.monotonic()
        self._running: dict[str, tuple[Stage, float]] = {}
        self._lock = threading.Lock()
        self._live = (
            Live(get_renderable=self._picture, console=console, refresh_per_second=4, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def stage(self, cell: str, stage: Stage) -> None:
        """A cell climbs a rung."""
        with self._lock:
            self._running[cell] = (stage, time.monotonic())

    def result(self, result: CellResult, judgement: Judgement) -> None:
        """A cell is done."""
        with self._lock:
            self._running.pop(result.cell, None)
            self._done += 1
            number = self._done_before + self._done
        total = None if self._feed.total is None else self._done_before + self._feed.total
        place = f"{number}" if total is None else f"{number:>{len(str(total))}}/{total}"
        detail = judgement.failures[0].failure.signature if judgement.failures else judgement.reason
        # Who asks what nobody knows expects nothing.
        mark = " !" if self._expects and not judgement.as_expected else ""
        self._console.print(
            Text.assemble(
                f"[{place}] {result.cell:<32} ",
                (str(judgement.verdict), STYLES[judgement.verdict]),
                (f"  {detail}" if detail else "", "dim"),
                (mark, "bold red"),
                (f"  {result.seconds:.1f} s", "dim"),
            ),
            soft_wrap=True,
        )

    def _picture(self) -> Group:
        with self._lock:
            running, done = dict(self._running), self._done
        elapsed = time.monotonic() - self._began
        table = Table.grid(padding=(0, 2))
        for cell, (stage, since) in running.items():
            table.add_row("  ", cell, str(stage), f"{time.monotonic() - since:.0f} s")
        done_and_running = f"{self._done_before + done} done, {len(running)} running"
        if self._feed.total is None:
            return Group(table, Text(f"{done_and_running}; {self._feed.open}"))
        left = self._feed.total - done
        estimate = f"about {duration(elapsed / done * left)} left" if done else "no estimate yet"
        bar = ProgressBar(total=max(1, self._feed.total), completed=done, width=60)
        return Group(table, bar, Text(f"{done_and_running}, {left - len(running)} waiting; {estimate}"))
