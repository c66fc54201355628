"""Admin: what a person does there, as in the article, page by page."""

from collections.abc import Callable
from typing import get_args

import pytest

from harness.checks.admin import run_admin_experiment
from harness.checks.admin_models import Kind
from harness.checks.admin_seen import AdminExperiment, Ran
from harness.checks.live import LiveCell
from harness.contract.results import shown_amiss
from harness.contract.wall import from_iso

pytestmark = pytest.mark.stage("admin")

BEAT = ("intervalschedule", "crontabschedule", "clockedschedule", "solarschedule", "periodictask")
RESULTS = ("taskresult", "groupresult")
MODELS = (*BEAT, *RESULTS)
ASKED = ("list", "dict")


@pytest.fixture(scope="session")
def experiment(cell: LiveCell, observe: Callable[..., None]) -> AdminExperiment:
    """The admin experiment, run once."""
    try:
        experiment = run_admin_experiment(cell)
    except Exception:
        observe("admin", cell.so_far())
        raise
    observe("admin", experiment.data())
    return experiment


@pytest.fixture
def admin(experiment: AdminExperiment) -> AdminExperiment:
    """What was seen inside, if anybody got in."""
    if experiment.login:
        pytest.skip("nobody could log in")
    return experiment


def check_log_in(experiment: AdminExperiment) -> None:
    """A superuser logs in with a password."""
    assert not experiment.login, experiment.login


def check_models(admin: AdminExperiment) -> None:
    """The admin lists both packages, and each page of a model that is new there opens."""
    missing = {"intervalschedule", "crontabschedule", "periodictask", "taskresult"} - set(admin.walks)
    assert not missing, f"it does not list {', '.join(sorted(missing))}"
    new = [(model, kind) for model in admin.walks if model not in MODELS for kind in get_args(Kind)]
    amiss = [
        f"{model}, {kind}: {admin.walks[model][kind]}" for model, kind in new if admin.walks[model][kind]
    ]
    assert not amiss, "; ".join(amiss)


@pytest.mark.parametrize("model", MODELS)
def check_list(admin: AdminExperiment, model: str) -> None:
    """A model's list opens, and shows what is there."""
    _assert_walked(admin, model, "list")


@pytest.mark.parametrize("model", MODELS)
def check_page(admin: AdminExperiment, model: str) -> None:
    """A row's own page opens from the list."""
    _assert_walked(admin, model, "open")


@pytest.mark.parametrize("model", MODELS)
def check_add(admin: AdminExperiment, model: str) -> None:
    """The page to add a row opens; a schedule is added by it."""
    _assert_walked(admin, model, "add")


@pytest.mark.caveat("a filter of a list in the admin does not work")
@pytest.mark.parametrize("model", MODELS)
def check_filter(admin: AdminExperiment, model: str) -> None:
    """Each filter of a list takes a choice."""
    _assert_walked(admin, model, "filter")


@pytest.mark.parametrize("asked", ASKED)
def check_entered(admin: AdminExperiment, asked: str) -> None:
    """The form of a periodic task takes a registered task, an interval and JSON arguments."""
    assert not admin.ran[asked].amiss, admin.ran[asked].amiss


@pytest.mark.parametrize("asked", ASKED)
def check_sent(admin: AdminExperiment, asked: str) -> None:
    """A running beat takes up what was entered or edited, and sends it within its interval."""
    ran = _entered(admin, asked)
    assert ran.noticed, "beat did not notice"
    assert ran.sent, "beat noticed, and sent nothing within an interval"


@pytest.mark.parametrize("asked", ASKED)
def check_shown_result(admin: AdminExperiment, asked: str) -> None:
    """The worker runs it, and its result is found among the task results."""
    _assert_shown(_sent(admin, asked))


@pytest.mark.caveat("the admin takes a periodic task that it should refuse, or does not say why it refuses")
@pytest.mark.parametrize("wrong", ["args", "kwargs", "two-schedules", "no-schedule"])
def check_refused(admin: AdminExperiment, wrong: str) -> None:
    """Malformed JSON, two schedules at once and no schedule are refused with a message."""
    answer = admin.refused[wrong]
    assert not answer.amiss, answer.amiss
    assert not answer.taken, "it is taken"
    assert answer.complaint, "it is refused without a word"


@pytest.mark.caveat("an action on the list of periodic tasks does not do what it says")
@pytest.mark.parametrize("action", ["disable", "enable", "toggle"])
def check_action(admin: AdminExperiment, action: str) -> None:
    """The actions on the list disable, enable and toggle, and a running beat heeds it."""
    acted = admin.acted[action]
    assert not acted.amiss, acted.amiss
    expected = "True" if action == "enable" else "False"
    assert acted.enabled == expected, f"enabled is shown as {acted.enabled!r}"
    if action == "disable":
        assert acted.sent is not None, "beat did not notice"
        assert not acted.sent, f"beat sent it {acted.sent} times after it had noticed"
    if action == "enable" and admin.ran["list"].sent:
        assert acted.sent, "beat sent nothing within two intervals"


@pytest.mark.caveat("the action `run selected tasks` does not run them")
def check_run_selected(admin: AdminExperiment) -> None:
    """The action `run selected tasks` has the worker run them, be they enabled or not."""
    selected = admin.ran["selected"]
    assert not selected.amiss, selected.amiss
    _assert_shown(selected)


@pytest.mark.caveat("the admin shows instants that are not those of TIME_ZONE")
@pytest.mark.parametrize("field", ["clocked_time", "last_run_at", "date_created", "date_done"], ids=str)
def check_shown_time(admin: AdminExperiment, cell: LiveCell, field: str) -> None:
    """What the lists and the pages show of instants is the wall time of TIME_ZONE."""
    shown = {**admin.shown, **admin.ran["selected"].dates, **admin.ran["list"].dates}
    texts = {where: each for where, each in shown.items() if where.partition(" ")[0] == field}
    if not texts:
        pytest.skip("it is not shown")
    zone = str(cell.settings["TIME_ZONE"])
    amiss = {where: shown_amiss(each.text, from_iso(each.meant), zone) for where, each in texts.items()}
    assert not any(amiss.values()), "; ".join(
        f"{where} is shown {how}" for where, how in amiss.items() if how
    )


@pytest.mark.caveat("a task that is added to the code cannot be chosen, even after a restart")
def check_added_task(admin: AdminExperiment) -> None:
    """A task that is added to the code can be chosen, and runs, once worker and server are started again."""
    assert not admin.ran["added"].amiss, admin.ran["added"].amiss
    assert admin.offered["worker and server"], "the form does not offer it"
    assert not admin.ran["added"].unseen, admin.ran["added"].unseen
    assert admin.ran["added"].status == "SUCCESS", f"its status is {admin.ran['added'].status!r}"


def _assert_walked(admin: AdminExperiment, model: str, kind: Kind) -> None:
    amiss = admin.walks[model][kind] if model in admin.walks else None
    if amiss is None:
        pytest.skip("there is none")
    assert not amiss, amiss


def _entered(admin: AdminExperiment, asked: str) -> Ran:
    if admin.ran[asked].amiss:
        pytest.skip("it was not entered")
    return admin.ran[asked]


def _sent(admin: AdminExperiment, asked: str) -> Ran:
    if not _entered(admin, asked).sent:
        pytest.skip("it was not sent")
    return admin.ran[asked]


def _assert_shown(ran: Ran) -> None:
    assert not ran.unseen, ran.unseen
    assert (ran.status, ran.result) == ("SUCCESS", "10"), f"shown are {ran.status!r} and {ran.result!r}"
