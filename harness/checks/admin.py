"""The admin experiment: what a person does there, over HTTP, with the cell's own server, beat and worker.

What is found amiss is noted, and told by the checks; only a process that ends breaks it off.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from harness.checks.admin_models import Walk, find_models, walk
from harness.checks.admin_seen import Acted, AdminExperiment, Ran, Refused, Shown
from harness.checks.admin_visit import ENTRIES, ENTRY, PERIOD, Visit
from harness.checks.live import LiveCell, iso
from harness.checks.messages import ADDED
from harness.checks.visitor import Amiss, Page, Refusal, Visitor
from harness.nodes.agent import AgentError
from harness.nodes.web import WebEnded, WebServer, started_web
from harness.proc.logs import read_log

NAME, PASSWORD = "person", "what a person types"
ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "list": {"args": "[1, 9]", "kwargs": "{}"},
    "dict": {"args": "[]", "kwargs": '{"x": 1, "y": 9}'},
}
SCHEDULES = ("intervalschedule", "crontabschedule", "clockedschedule", "solarschedule")
NEW = "added_in_the_admin"  # the task that is added to the code, and the entry that has it run
_HOUR, _DAY = 3600, 86400


def run_admin_experiment(cell: LiveCell) -> AdminExperiment:
    """Log in, see every page, have tasks run, do wrong, act on the list, add a task to the code."""
    with started_web(lambda: cell.start_web("web")) as server, answering(server):
        prepare(cell)
        visitor = Visitor(server.url(timeout=cell.check_timeout), timeout=cell.check_timeout)
        door = visitor.open("/admin/")
        # This server has loaded the code. Who is started now knows of more, and boots while pages are seen.
        new = _add_to_the_code(cell)
        with started_web(lambda: cell.start_web("web-again")) as knowing, answering(knowing):
            boots = _start_worker_again(cell)
            try:
                index = _log_in(visitor, door)
            except Amiss as amiss:
                return AdminExperiment(login=amiss.told)
            visit = Visit(cell=cell, visitor=visitor, models=find_models(index))
            offered = _offers(visit, new, "nothing")
            walks = {model: _walk(visit, model) for model in SCHEDULES if model in visit.models}
            refused = _do_wrong(visit)
            asked = visit.ask_for(lambda: visit.enter(name=ENTRY, **ARGUMENTS["list"]))
            walks |= {model: _walk(visit, model) for model in visit.models if model not in SCHEDULES}
            cell.wait(boots, "the worker to be ready again")
            offered |= _offers(visit, new, "the worker")
            ran, shown = _have_it_run(visit, asked)
            acted, ran["selected"] = _act(visit)
            again = replace(visit, visitor=visitor.elsewhere(knowing.url(timeout=cell.check_timeout)))
            offered |= _offers(again, new, "worker and server")
            ran["added"] = _have_new_run(again, new)
        return AdminExperiment(
            login="", walks=walks, ran=ran, refused=refused, acted=acted, shown=shown, offered=offered
        )


@contextmanager
def answering(server: WebServer) -> Iterator[None]:
    """Nobody answers any more: because the server has ended, if it has.

    Raises:
        WebEnded: so it is.
    """
    try:
        yield
    except OSError:
        if server.child.exit_code is not None:
            raise WebEnded(server.child) from None
        raise


def prepare(cell: LiveCell) -> None:
    """Somebody to log in, results to look at, and a beat that knows of an empty schedule."""
    cell.ask("clear")
    cell.ask("create_superuser", name=NAME, password=PASSWORD)
    with suppress(AgentError):  # a version that keeps no groups has no page of them
        cell.ask("save_group", numbers=[1, 2])
    cell.let_worker_pass(cell.clock.now())
    cell.wait_for_tick(cell.clock.now())


def _log_in(visitor: Visitor, door: Page) -> Page:
    """The admin's first page, as it is shown to who has logged in."""
    page = visitor.send(door, door.form("login-form"), "", username=NAME, password=PASSWORD)
    if page.must_be_there().complaints:
        raise Refusal(page.complaints)
    return page


def _walk(visit: Visit, model: str) -> Walk:
    """The pages of a model; of each kind of schedule one is entered."""
    zone = ZoneInfo(str(visit.cell.settings["TIME_ZONE"]))
    tomorrow = datetime.fromtimestamp(_tomorrow(visit.cell), zone)
    values: Mapping[str, Mapping[str, str]] = {
        "intervalschedule": {"every": f"{PERIOD:.0f}", "period": "seconds"},
        "crontabschedule": {"minute": "30", "hour": "10"},
        "clockedschedule": {
            "clocked_time_0": f"{tomorrow:%Y-%m-%d}",
            "clocked_time_1": f"{tomorrow:%H:%M:%S}",
        },
        "solarschedule": {"event": "sunrise", "latitude": "39.9", "longitude": "116.4"},
    }
    return walk(visit.visitor, model, visit.models[model], values.get(model))


def _tomorrow(cell: LiveCell) -> int:
    """A whole hour some time tomorrow."""
    return int(cell.clock.now() + _DAY) // _HOUR * _HOUR


def _have_it_run(visit: Visit, asked: Ran) -> tuple[dict[str, Ran], dict[str, Shown]]:
    """Have the task run that was entered with arguments, give it others, have it run again."""
    first = visit.have_it_sent(asked)
    second = visit.ask_for(lambda: visit.edit(**ARGUMENTS["dict"]))
    # Beat has saved when it sent, since it has noticed a change; later it may have sent again.
    shown = {**_clocked(visit), **_last_run(visit)}
    return {"list": first, "dict": visit.have_it_sent(second)}, shown


def _clocked(visit: Visit) -> dict[str, Shown]:
    """The clocked time that was entered, in the list and in its own form."""
    with suppress(Amiss):  # the walk has told
        row = visit.visitor.open(visit.path("clockedschedule")).must_be_there().rows()[0]
        form = visit.visitor.open(row["href"]).form("clockedschedule_form")
        entered = f"{form.fields['clocked_time_0']} {form.fields['clocked_time_1']}"
        meant = iso(_tomorrow(visit.cell))
        return {
            "clocked_time in the list": Shown(text=row["clocked_time"], meant=meant),
            "clocked_time": Shown(text=entered, meant=meant),
        }
    return {}


def _last_run(visit: Visit) -> dict[str, Shown]:
    """When the entry was sent last."""
    sends = visit.cell.journal.read().sends_of(ENTRY)
    if not sends:
        return {}
    with suppress(Amiss):  # the walk tells
        row = visit.row(ENTRY)
        texts = {
            "last_run_at in the list": row.get("last_run_at"),
            "last_run_at": visit.visitor.open(row["href"]).read_only("last_run_at"),
        }
        meant = iso(sends[-1].instant)
        return {name: Shown(text=text, meant=meant) for name, text in texts.items() if text}
    return {}


def _do_wrong(visit: Visit) -> dict[str, Refused]:
    """Fill in the form as it must not be; afterwards see what was taken."""
    answers = {
        "args": _answer(visit, "args", lambda: {"args": "[1, 9"}),
        "kwargs": _answer(visit, "kwargs", lambda: {"kwargs": '{"x": 1, '}),
        "two-schedules": _answer(visit, "two-schedules", lambda: {"crontab": visit.key("crontabschedule")}),
        "no-schedule": _answer(visit, "no-schedule", lambda: {"interval": ""}),
    }
    rows = visit.visitor.open(visit.path(ENTRIES)).rows() if ENTRIES in visit.models else ()
    shown = [text for row in rows for text in row.values()]
    return {
        name: replace(answer, taken=any(text.startswith(name) for text in shown))
        for name, answer in answers.items()
    }


def _answer(visit: Visit, name: str, wrong: Callable[[], Mapping[str, str]]) -> Refused:
    try:
        # Disabled: what is taken all the same is not to be sent by beat.
        visit.enter(name=name, enabled=False, **wrong())
    except Refusal as refusal:
        return Refused(amiss="", complaint=str(refusal), taken=False)
    except Amiss as amiss:
        return Refused(amiss=amiss.told, complaint="", taken=False)
    return Refused(amiss="", complaint="", taken=True)


def _act(visit: Visit) -> tuple[dict[str, Acted], Ran]:
    """Disable the entry, have it run all the same, enable it, toggle it."""
    disabled = _acted(visit, "disable_tasks", look=True)
    selected = visit.run_selected(ENTRY)
    enabled = _acted(visit, "enable_tasks", look=True)
    toggled = _acted(visit, "toggle_tasks", look=False)
    return {"disable": disabled, "enable": enabled, "toggle": toggled}, selected


def _acted(visit: Visit, action: str, *, look: bool) -> Acted:
    changes = len(visit.cell.journal.read().changes)
    try:
        enabled = visit.act(action, ENTRY)
    except Amiss as amiss:
        return Acted(amiss=amiss.told)
    if not look or not visit.noticed(changes):
        return Acted(enabled=enabled)
    known = visit.sent()
    visit.cell.look_at(visit.cell.clock.now() + 2 * PERIOD)
    visit.cell.settle()
    return Acted(enabled=enabled, sent=visit.sent() - known)


def _add_to_the_code(cell: LiveCell) -> str:
    """Add a task to the code of a project that runs, and give its name."""
    name = f"{cell.additions.stem}.{NEW}"
    with cell.additions.open("a", encoding="utf-8") as code:
        code.write(ADDED.format(name=name))
    return name


def _offers(visit: Visit, task: str, restarted: str) -> dict[str, bool]:
    """Whether the form lets a task be chosen, by what was started again since it is in the code."""
    with suppress(Amiss):  # the walk has told
        return {restarted: visit.offers(task)}
    return {}


def _start_worker_again(cell: LiveCell) -> Callable[[], bool]:
    """Start another worker in place of the one that is at rest; whether it is ready.

    How a worker stops that is asked to is for the stage shutdown.
    """
    log = cell.worker.child.command.log
    cell.worker.child.kill()
    size = len(read_log(log))
    cell.worker.start()
    return lambda: " ready." in read_log(log)[size:]


def _have_new_run(visit: Visit, task: str) -> Ran:
    """Enter a task that is new in the code, and have it run."""
    try:
        visit.enter(name=NEW, regtask=task)
    except Amiss as amiss:
        return Ran(amiss=amiss.told)
    return visit.run_selected(NEW)
