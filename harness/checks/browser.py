"""The article's flow in the admin by a real browser, beside a live beat and worker."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from harness.checks.admin import ARGUMENTS, NAME, PASSWORD, answering, prepare
from harness.checks.admin_models import find_row
from harness.checks.admin_seen import Ran
from harness.checks.admin_visit import ENTRY, PERIOD, TASK
from harness.checks.admin_waits import noticed, sent_within
from harness.checks.browser_seen import PICTURES, BrowserExperiment
from harness.checks.live import LiveCell
from harness.checks.person import Person
from harness.checks.visitor import Amiss, Refusal, path_of
from harness.nodes.browser import started_browser
from harness.nodes.web import started_web
from harness.services.browser import Browser

_BEAT, _RESULTS = "/admin/django_celery_beat/", "/admin/django_celery_results/"
_SAVE = "input[name=_save]"


def run_browser_experiment(cell: LiveCell, browser: Browser) -> BrowserExperiment:
    """Log in, enter a task with arguments, see its result, give it others, see that one's result.

    Raises:
        BrowserFailed: the browser does not come up, or ends.
        WebEnded: the project's server has ended.
    """
    with (
        started_web(lambda: cell.start_web("web", threads=True)) as server,
        answering(server),
        started_browser(
            browser, log=cell.work / "browser.log", marker=cell.marker, timeout=cell.check_timeout
        ) as driver,
    ):
        prepare(cell)
        person = Person(
            driver,
            server.url(timeout=cell.check_timeout),
            folder=cell.work / PICTURES,
            timeout=cell.check_timeout,
        )
        return _Flow(cell, person).experiment()


class _Flow:
    """What a person does, step by step; the first that cannot be done is the last."""

    def __init__(self, cell: LiveCell, person: Person) -> None:
        self._cell = cell
        self._person = person
        self._steps: dict[str, str] = {}
        self._ran: dict[str, Ran] = {}

    def experiment(self) -> BrowserExperiment:
        """All of it."""
        try:
            with self._step("log_in"):
                self._log_in()
            with self._step("interval"):
                self._add_interval()
            self._have_it_run("list", self._enter)
            self._have_it_run("dict", self._edit)
        except Amiss:  # it has been noted
            with suppress(Amiss):
                self._person.take_picture("stuck")
        return BrowserExperiment(
            browser=self._person.browser,
            steps=self._steps,
            ran=self._ran,
            errors=self._person.errors(),
            pictures=self._person.pictures,
        )

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        try:
            yield
        except Amiss as amiss:
            self._steps[name] = amiss.told
            raise
        self._steps[name] = ""

    def _have_it_run(self, name: str, change: Callable[[], None]) -> None:
        changes = len(self._cell.journal.read().changes)
        with self._step(name):
            change()
        took = noticed(self._cell, changes)
        sends = sent_within(self._cell, ENTRY, PERIOD)
        self._ran[name] = Ran(noticed=took, sent=len(sends))
        if sends:
            with self._step(f"look_up-{name}"):
                self._look_up(name, sends[0].id)

    def _log_in(self) -> None:
        self._person.open("/admin/")
        self._person.write("#id_username", NAME)
        self._person.write("#id_password", PASSWORD)
        self._person.press("#login-form [type=submit]")
        page = self._person.page().must_be_there()
        if page.complaints:
            raise Refusal(page.complaints)

    def _add_interval(self) -> None:
        """By the button beside the choice of an interval, as somebody does who has none yet."""
        self._person.press(f"#content-main a[href='{_BEAT}periodictask/add/']")
        self._person.in_popup("#add_id_interval", self._fill_in_interval)
        if not self._person.chosen("#id_interval"):
            raise Amiss("the interval that was added is not chosen")

    def _fill_in_interval(self) -> None:
        self._person.write("#id_every", f"{PERIOD:.0f}")
        self._person.choose("#id_period", "seconds")
        self._person.click(_SAVE)

    def _enter(self) -> None:
        self._person.write("#id_name", ENTRY)
        self._person.choose("#id_regtask", TASK)
        self._fill_in("list")
        self._save()

    def _edit(self) -> None:
        self._person.open(f"{_BEAT}periodictask/")
        self._follow(ENTRY)
        self._fill_in("dict")
        self._save()

    def _fill_in(self, arguments: str) -> None:
        for name, text in ARGUMENTS[arguments].items():
            self._person.write(f"#id_{name}", text)
        self._person.take_picture(f"form-{arguments}")

    def _save(self) -> None:
        self._person.press(_SAVE)
        find_row(self._person.page().must_say_done(), ENTRY)

    def _look_up(self, name: str, id_: str) -> None:
        self._person.open("/admin/")
        self._person.press(f"#content-main a[href='{_RESULTS}taskresult/']")
        self._person.write("#searchbar", id_)
        self._person.press("#changelist-search [type=submit]")
        status = self._follow(id_).get("status", "")
        page = self._person.page().must_be_there()
        self._person.take_picture(f"result-{name}")
        ran = self._ran[name]
        self._ran[name] = replace(ran, status=status, result=page.read_only("result") or "")

    def _follow(self, name: str) -> Mapping[str, str]:
        """Click a row of a list by its name; the row."""
        row = find_row(self._person.page(), name)
        self._person.press(f"#result_list a[href^='{path_of(row['href'])}']")
        return row
