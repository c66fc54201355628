"""A run whose cells are run by other machines: begun, recorded and told of as ever."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from harness.cell.runner import MOST_ATTEMPTS, untried
from harness.commands.places import Places
from harness.commands.progress import Progress
from harness.commands.undertaking import Wanted, begin, make_feed, record, tell_beginning
from harness.errors import MachineError, ToolMissing
from harness.fleet.address import Address
from harness.fleet.app import make_app
from harness.fleet.board import Board
from harness.fleet.dispatch import (
    Answer,
    BrokenOff,
    Dispatcher,
    Failed,
    Listener,
    Ran,
    Unserved,
    wait_for_machines,
)
from harness.fleet.offer import missing_pythons, slots_of
from harness.fleet.order import Order
from harness.fleet.travel import pack_project, write_logs
from harness.matrix.question import make_question
from harness.model import (
    Attempt,
    Cell,
    CellResult,
    ClockKind,
    Failure,
    Reason,
    RunHeader,
    Settled,
    Stage,
    Status,
)
from harness.records.codec import decode
from harness.records.join import join_facts
from harness.records.store import Run
from harness.records.verdict import expectations_for
from harness.report.words import count_of
from harness.schedule import Crashed, run_begun

# Seconds beyond the deadlines of an attempt's stages: what is between them.
_BETWEEN = 60.0


def carry_out_on_fleet(
    wanted: Wanted, runs: Sequence[Run], places: Places, name: str, address: Address, console: Console
) -> None:
    """Have the machines of a fleet run every waiting cell; each result is on the disk before it is told of.

    Raises:
        MachineError: the fleet has no machine, or its Redis does not answer.
        UsageError: the address is none.
    """

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    board = Board(address.url, lease=address.lease)
    board.check()
    offers = wait_for_machines(board, address.version, say)
    clock = _clock(wanted, {kind for offer in offers for kind in offer.clocks})
    begun = begin(
        wanted, runs, places, name, clock=clock, facts=join_facts([offer.facts for offer in offers])
    )
    header, matrix = begun.header, wanted.matrix
    pythons = wanted.field.axes["python"] if wanted.field else ()
    feed = make_feed(wanted, begun.waiting, runs, missing=missing_pythons(pythons, offers))
    make_order = _orders(wanted, header, address.version)
    slots = f"{slots_of(offers)} at a time on {count_of(len(offers), 'machine')}"
    tell_beginning(header, matrix, begun.done, slots, console)
    dispatcher = Dispatcher(
        make_app(address.url, lease=address.lease),
        board,
        run=header.run,
        project=(header.project, pack_project(places.work / header.run / "project")),
        version=address.version,
    )
    with Progress(feed, done=begun.done, expects=wanted.plan.expects, console=console) as progress:

        def stage(order: Order, text: str) -> None:
            # A machine has a cell in hand before its first stage, and a word of its own for that.
            if text in set(Stage):
                progress.stage(order.cell.id, Stage(text))

        def send(cell: Cell, done: Callable[[CellResult | Crashed[Cell]], None]) -> None:
            order = make_order(cell)

            def told(answer: Answer) -> None:
                try:
                    done(_result(order, answer, places))
                except Exception as error:  # noqa: BLE001 - a full disk, say: handed to the caller, who raises it
                    done(Crashed(cell, error))

            dispatcher.begin(order, told)

        def room() -> float:
            if wanted.jobs is not None:
                return wanted.jobs
            # All that is known is put where machines find it, which know best what they can run; what
            # follows from results waits for them.
            return max(1, slots_of(dispatcher.offers)) if feed.open else float("inf")

        with dispatcher.tells(Listener(stage=stage, say=say)):
            results = run_begun(feed.next_cell, send, room=room)
            record(results, header, matrix, feed=feed, progress=progress, places=places)


def _clock(wanted: Wanted, offered: set[ClockKind]) -> ClockKind:
    """The clock to run under: the wanted one, else a fake one where a machine has it.

    Raises:
        ToolMissing: no machine has the clock that is wanted.
    """
    clock = wanted.clock or (ClockKind.FAKE if ClockKind.FAKE in offered else ClockKind.REAL)
    lives_through_days = bool({Stage.TIME, Stage.SCREEN}.intersection(wanted.plan.checks))
    if clock not in offered or (lives_through_days and clock is ClockKind.REAL):
        raise ToolMissing(
            f"the plan {wanted.plan.name!r} cannot be run under a {clock} clock by this fleet",
            hint="libfaketime is missing on its machines (nox -s doctor), or leave out --clock real",
        )
    return clock


def _orders(wanted: Wanted, header: RunHeader, version: str) -> Callable[[Cell], Order]:
    matrix, plan = wanted.matrix, wanted.plan
    today = datetime.now(UTC).date()
    timeouts = matrix.timeouts
    # Who asks pip asks uv, too, and may build what it asks.
    attempt = 2 * timeouts["resolve"] + 2 * timeouts["build"] + timeouts["cell"] + _BETWEEN
    limit = attempt * max(MOST_ATTEMPTS, plan.attempts + 1)

    def make_order(cell: Cell) -> Order:
        return Order(
            version=version,
            run=header.run,
            project=header.project,
            cell=cell,
            question=make_question(cell, matrix),
            clock=header.clock,
            timeouts=timeouts,
            checks=plan.checks,
            attempts=plan.attempts,
            expectations=expectations_for(cell.id, plan.checks, matrix.expectations, today),
            keep=wanted.keep,
            limit=limit,
        )

    return make_order


def _result(order: Order, answer: Answer, places: Places) -> CellResult | Crashed[Cell]:
    """The result that an answer is; its logs are where those of a cell of this machine would be."""
    nothing = untried(order.cell, order.question, run=order.run, clock=order.clock, checks=order.checks)
    match answer:
        case Ran():
            result = decode(answer.record)
            if not isinstance(result, CellResult):
                return Crashed(order.cell, MachineError(f"{answer.machine} answered with no result"))
            write_logs(answer.logs, places.work / order.run / order.cell.id)
            return result
        case Unserved():
            return replace(nothing, skipped=answer.why)
        case BrokenOff():
            failure = Failure(
                stage=Stage.SERVICE,
                reason=Reason.CELL_TIMEOUT,
                detail="",
                excerpt=f"broken off after {answer.seconds:.0f} s, by the machine that ran it",
                log="",
            )
            attempt = Attempt(number=1, status=Status.ERRORED, seconds=answer.seconds, failure=failure)
            return replace(
                nothing, attempts=(attempt,), settled=Settled.MACHINE, seconds=round(answer.seconds, 3)
            )
        case Failed():
            return Crashed(order.cell, answer.error)
