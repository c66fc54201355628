"""What a person who has logged in does in the admin: enter, edit, act on the list, look at a result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from harness.checks.admin_models import add, find_row
from harness.checks.admin_seen import Ran, Shown
from harness.checks.admin_waits import noticed, sent_within
from harness.checks.live import LiveCell, iso
from harness.checks.visitor import Amiss, Visitor
from harness.proc.wait import DeadlineExceeded

TASK = "easytask.tasks.simple_task"  # the article's first
ENTRY = "as in the article"
PERIOD = 10.0  # seconds of the interval that is entered
ENTRIES, RESULTS = "periodictask", "taskresult"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Somebody at one server of the project.

    `models` are the paths of the lists that the admin has, `keys` what they remember of the first rows.
    """

    cell: LiveCell
    visitor: Visitor
    models: Mapping[str, str]
    keys: dict[str, str] = field(default_factory=dict)

    def path(self, model: str) -> str:
        """Where a model's list is.

        Raises:
            Amiss: the admin has none.
        """
        if model not in self.models:
            raise Amiss(f"the admin does not list {model}")
        return self.models[model]

    def key(self, model: str) -> str:
        """What a form calls the first row of a list.

        Raises:
            Amiss: there is none.
        """
        if model not in self.keys:
            rows = self.visitor.open(self.path(model)).must_be_there().rows()
            if not rows:
                raise Amiss(f"there is no {model}")
            self.keys[model] = rows[0]["key"]
        return self.keys[model]

    def row(self, name: str) -> Mapping[str, str]:
        """The row of a periodic task.

        Raises:
            Amiss: the list does not show it.
        """
        return find_row(self.visitor.open(self.path(ENTRIES)), name)

    def enter(self, **values: object) -> None:
        """Enter a periodic task on the interval, unless `values` say otherwise.

        Raises:
            Amiss: the form is not taken.
        """
        chosen = {"regtask": TASK, "interval": self.key("intervalschedule")}
        add(self.visitor, ENTRIES, self.path(ENTRIES), {**chosen, **values})

    def edit(self, **values: str) -> None:
        """Change the periodic task.

        Raises:
            Amiss: the form is not taken.
        """
        page = self.visitor.open(self.row(ENTRY)["href"])
        self.visitor.send(page, page.form(f"{ENTRIES}_form"), "_save", **values).must_say_done()

    def act(self, action: str, name: str) -> str:
        """Select a periodic task in the list, and an action; what "enabled" is shown as then.

        Raises:
            Amiss: the action is not taken.
        """
        page = self.visitor.open(self.path(ENTRIES))
        chosen = {"action": action, "_selected_action": {find_row(page, name)["key"]}}
        done = self.visitor.send(page, page.form("changelist-form"), "index", **chosen).must_say_done()
        return find_row(done, name).get("enabled", "")

    def offers(self, task: str) -> bool:
        """Whether the form lets a task be chosen.

        Raises:
            Amiss: there is no such form.
        """
        form = self.visitor.open(f"{self.path(ENTRIES)}add/").form(f"{ENTRIES}_form")
        return task in form.inputs["regtask"].value_options

    def ask_for(self, ask: Callable[[], object]) -> Ran:
        """Change the schedule, and wait until beat has noticed."""
        changes = len(self.cell.journal.read().changes)
        try:
            ask()
        except Amiss as amiss:
            return Ran(amiss=amiss.told, noticed=False)
        return Ran(noticed=self.noticed(changes))

    def noticed(self, since: int) -> bool:
        """Whether beat notices that the schedule is not what it was at `since` changes."""
        return noticed(self.cell, since)

    def have_it_sent(self, asked: Ran) -> Ran:
        """Live through a period of the interval, and look at the first result."""
        if asked.amiss:
            return asked
        sends = sent_within(self.cell, ENTRY, PERIOD)
        return self.see_result(replace(asked, sent=len(sends)), sends[0].id) if sends else asked

    def sent(self) -> int:
        """How often beat has sent the periodic task."""
        return len(self.cell.journal.read().sends_of(ENTRY))

    def run_selected(self, name: str) -> Ran:
        """Have a periodic task run by the action of that name, and look at its result."""
        known = set(self.cell.journal.read().ended)

        def ended() -> str | None:
            """The task that ended since, if beat has not sent it."""
            journal = self.cell.journal.read()
            by_beat = {send.id for send in journal.sends}
            return next(iter(journal.ended.keys() - known - by_beat), None)

        try:
            self.act("run_tasks", name)
            id_ = self.cell.wait(ended, "the worker to end what was selected")
        except Amiss as amiss:
            return Ran(amiss=amiss.told)
        except DeadlineExceeded as error:
            return Ran(amiss=str(error))
        return self.see_result(Ran(sent=1), id_)

    def see_result(self, ran: Ran, id_: str) -> Ran:
        """What the admin shows of a task that has ended."""
        meant = iso(self.cell.journal.read().accepted[id_][0])
        try:
            row = find_row(self.visitor.open(f"{self.path(RESULTS)}?q={id_}"), id_)
            page = self.visitor.open(row["href"]).must_be_there()
        except Amiss as amiss:
            return replace(ran, unseen=amiss.told)
        texts = {
            "date_done in the list": row.get("date_done"),
            "date_created": page.read_only("date_created"),
            "date_done": page.read_only("date_done"),
        }
        return replace(
            ran,
            status=row.get("status", ""),
            result=page.read_only("result") or "",
            dates={name: Shown(text=text, meant=meant) for name, text in texts.items() if text},
        )
