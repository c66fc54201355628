"""What the agent can do. An operation takes JSON values and returns one; its name is its function's."""

import datetime
import io
import json

import celery
import django
from celery import chain, chord, group, states
from celery.result import AsyncResult
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone
from django_celery_beat import models as beat
from django_celery_beat.schedulers import DatabaseScheduler
from django_celery_results.models import TaskResult

from agent.instants import as_entered, from_wire, to_wire
from agent.pages import admin_list, admin_page
from easytask import tasks
from izone.celery import app

OPERATIONS = {}

# Results still waited for, by task id: a group's or a chord's result is more than an id.
_sent = {}


def operation(function):
    """Register a function under its own name."""
    OPERATIONS[function.__name__] = function
    return function


@operation
def hello():
    """Which versions answer."""
    return {"django": django.get_version(), "celery": celery.__version__}


@operation
def check():
    """`manage.py check`; raises what it finds."""
    out = io.StringIO()
    call_command("check", stdout=out, stderr=out)
    return {"output": out.getvalue()}


@operation
def migrate():
    """`manage.py migrate`."""
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()  # as when the command is run by hand and ends
    return {}


@operation
def missing_migrations():
    """What `manage.py makemigrations` would write, as the article runs it; empty when nothing."""
    out = io.StringIO()
    try:
        call_command("makemigrations", check_changes=True, dry_run=True, stdout=out, stderr=out)
    except SystemExit:
        return {"output": out.getvalue()}
    return {"output": ""}


@operation
def delay(task, args=(), kwargs=None):
    """`task.delay(*args, **kwargs)`. Returns the task id."""
    return _remember(getattr(tasks, task).delay(*args, **(kwargs or {})))


@operation
def send_notes(task, tokens, seconds=0, **options):
    """Send one of the tasks that tell when they run for each token. Returns their ids, in order."""
    send = getattr(tasks, task).apply_async
    return [send(args=[token, seconds], **options).id for token in tokens]


@operation
def apply_async(task, args=None, kwargs=None, eta=None, expires=None, **options):
    """`task.apply_async`; `eta` and `expires` are instants. Returns the task id."""
    if eta is not None:
        options["eta"] = from_wire(eta)
    if expires is not None:
        options["expires"] = from_wire(expires)
    return _remember(getattr(tasks, task).apply_async(args=args, kwargs=kwargs, **options))


@operation
def send_eta(task, instant, how):
    """`task.apply_async(eta=...)` with an instant as people write it. Returns the task id.

    `how` is "elsewhere", aware in a zone that is nobody's here, or "naive", the local time of
    `datetime.now()`.
    """
    eta = from_wire(instant)
    if how == "naive":
        eta = eta.astimezone(timezone.get_default_timezone()).replace(tzinfo=None)
    else:
        eta = eta.astimezone(datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)))
    return _remember(getattr(tasks, task).apply_async(eta=eta))


@operation
def send_by_name(name):
    """Send a task that this process does not have, as `app.send_task` does. Returns the task id."""
    return _remember(app.send_task(name))


@operation
def send_canvas(kind, numbers):
    """A group, chain or chord of `simple_task` over `numbers`. Returns the id to ask the result of."""
    header = [tasks.simple_task.s(number, number) for number in numbers]
    if kind == "group":
        result = group(header)()
    elif kind == "chord":
        result = chord(header)(tasks.total.s())
    else:
        steps = [tasks.simple_task.s(number) for number in numbers[1:]]
        result = chain(tasks.simple_task.s(numbers[0], 0), *steps)()
    return _remember(result)


@operation
def save_group(numbers):
    """A group of `simple_task` over `numbers` whose result is kept, by `GroupResult.save`. Returns its id."""
    sent = group([tasks.simple_task.s(number, number) for number in numbers])()
    sent.save()
    return sent.id


@operation
def result(id, seconds):
    """Wait for the result of something sent. `{"value": ...}` or `{"error": type, "message": ...}`."""
    waiting = _sent.get(id) or AsyncResult(id, app=app)
    try:
        return {"value": waiting.get(timeout=seconds, interval=0.02)}
    except Exception as error:  # the task's own exception, or the time is over
        return {"error": type(error).__name__, "message": str(error)}


@operation
def state(id):
    """The state of a task by its result row: PENDING when there is none."""
    row = TaskResult.objects.filter(task_id=id).first()
    return row.status if row else states.PENDING


@operation
def outcomes(ids):
    """The status and the result of tasks by their rows, by id; nothing of those that have none."""
    found = {}
    for start in range(0, len(ids), 500):  # SQLite takes no more than 999 of them at once
        rows = TaskResult.objects.filter(task_id__in=ids[start : start + 500])
        found.update({id: [status, result] for id, status, result in rows.values_list(*_OUTCOME)})
    return found


@operation
def result_rows(ids):
    """The TaskResult rows of tasks, by id, as the admin reads them."""
    rows = TaskResult.objects.filter(task_id__in=ids)
    return {
        row.task_id: {
            "status": row.status,
            "result": row.result,
            "task_name": row.task_name,
            "task_args": row.task_args,
            "task_kwargs": row.task_kwargs,
            "traceback": row.traceback,
            "date_created": to_wire(getattr(row, "date_created", None)),
            "date_done": to_wire(row.date_done),
            "periodic_task_name": getattr(row, "periodic_task_name", None),
        }
        for row in rows
    }


@operation
def ping(seconds):
    """`celery inspect ping`: what the workers answer."""
    replies = app.control.ping(timeout=seconds, limit=1)
    return [answer["ok"] for reply in replies for answer in reply.values()]


@operation
def active(seconds):
    """`celery inspect active`: the ids of the tasks that the workers have in hand."""
    replies = app.control.inspect(timeout=seconds, limit=1).active() or {}
    return [request["id"] for requests in replies.values() for request in requests]


@operation
def held(seconds):
    """`celery inspect scheduled`: by task id, until when workers hold what has an ETA, in Celery's text."""
    replies = app.control.inspect(timeout=seconds, limit=1).scheduled() or {}
    return {entry["request"]["id"]: entry["eta"] for entries in replies.values() for entry in entries}


@operation
def revoke(id):
    """Tell the workers to pass over a task."""
    app.control.revoke(id)
    return {}


@operation
@transaction.atomic
def create_interval(name, task, every, args=None, kwargs=None, period="seconds"):
    """A periodic task on an interval, in one transaction, as an admin page or a fixture makes it."""
    schedule, _ = beat.IntervalSchedule.objects.get_or_create(every=every, period=period)
    return _create(name, task, args, kwargs, interval=schedule)


@operation
@transaction.atomic
def create_crontab(name, task, args=None, kwargs=None, **fields):
    """A periodic task on a crontab; `fields` are its minute, hour, ..., and timezone."""
    schedule, _ = beat.CrontabSchedule.objects.get_or_create(**fields)
    return _create(name, task, args, kwargs, crontab=schedule)


@operation
@transaction.atomic
def create_clocked(name, task, instant, args=None, kwargs=None):
    """A one-off periodic task at an instant."""
    schedule, _ = beat.ClockedSchedule.objects.get_or_create(clocked_time=as_entered(instant))
    return _create(name, task, args, kwargs, clocked=schedule, one_off=True)


@operation
@transaction.atomic
def enable(name, enabled):
    """Enable or disable a periodic task, as a person does in the admin."""
    entry = beat.PeriodicTask.objects.get(name=name)
    entry.enabled = enabled
    entry.save()
    return {}


@operation
def silence():
    """Disable every periodic task and empty the queue."""
    beat.PeriodicTask.objects.update(enabled=False)
    beat.PeriodicTasks.update_changed()
    app.control.purge()
    return {}


@operation
def clear():
    """Delete every periodic task with its schedules, and empty the queue."""
    beat.PeriodicTask.objects.all().delete()
    for kind in _KINDS.values():
        if hasattr(beat, kind):
            getattr(beat, kind).objects.all().delete()
    beat.PeriodicTasks.update_changed()
    return purge()


@operation
def purge():
    """Empty the queue."""
    app.control.purge()
    return {}


@operation
def enter(task, entries):
    """Enter many periodic tasks. Returns by name why an entry was refused, "" when it was not.

    An entry has a `name`, a `kind` (interval, crontab, clocked or solar), the schedule's `fields` and the
    periodic task's `options`; values are text, as in a form, and instants are those of the wire.
    """
    refused = {}
    with transaction.atomic():  # one change for beat to notice
        for entry in entries:
            try:
                with transaction.atomic():
                    _enter(task, **entry)
                refused[entry["name"]] = ""
            except Exception as error:  # a version that does not know the kind, the field or the option
                refused[entry["name"]] = "{}: {}".format(type(error).__name__, error)
    return refused


@operation
@transaction.atomic
def change(what, name, fields):
    """What a person does in the admin: edit a crontab, enable, disable or delete a periodic task."""
    entry = beat.PeriodicTask.objects.get(name=name)
    if what == "delete":
        entry.delete()
        return {}
    if what == "edit":
        entry.crontab, _ = beat.CrontabSchedule.objects.get_or_create(**fields)
    else:
        entry.enabled = what == "enable"
    entry.save()
    return {}


@operation
def enter_defaults():
    """Enter Celery's own periodic tasks, by the code with which beat enters them when it starts."""
    DatabaseScheduler(app=app, lazy=True).install_default_entries({})
    return {}


@operation
@transaction.atomic
def plant_results(done):
    """Results that were done at these instants, by task id."""
    for id, instant in done.items():
        TaskResult.objects.create(task_id=id, status=states.SUCCESS, result="0")
        TaskResult.objects.filter(task_id=id).update(date_done=as_entered(instant))
    return {}


@operation
def create_superuser(name, password):
    """What `manage.py createsuperuser` does."""
    get_user_model().objects.create_superuser(name, "nobody@example.org", password)
    return {}


@operation
def pages(result, entry):
    """What the admin shows of a result, by task id, and of a periodic task, by name; see `agent.pages`."""
    row = TaskResult.objects.filter(task_id=result).first()
    return {
        "lists": {
            "task results": admin_list(TaskResult),
            "periodic tasks": admin_list(beat.PeriodicTask),
        },
        "result": admin_page(row, ["date_created", "date_done"]) if row else {},
        "entry": admin_page(beat.PeriodicTask.objects.get(name=entry), ["last_run_at"]),
    }


@operation
def backdate(name, instant):
    """Have a periodic task have run last at an instant."""
    beat.PeriodicTask.objects.filter(name=name).update(last_run_at=as_entered(instant))
    return {}


@operation
def touch():
    """Have beat read the schedule again."""
    beat.PeriodicTasks.update_changed()
    return {}


@operation
def periodic_tasks():
    """Every periodic task as the database has it."""
    return {
        entry.name: {
            "enabled": entry.enabled,
            "total_run_count": entry.total_run_count,
            "last_run_at": to_wire(entry.last_run_at),
        }
        for entry in beat.PeriodicTask.objects.all()
    }


def _remember(sent):
    _sent[sent.id] = sent
    return sent.id


_OUTCOME = ("task_id", "status", "result")
_KINDS = {
    "interval": "IntervalSchedule",
    "crontab": "CrontabSchedule",
    "clocked": "ClockedSchedule",
    "solar": "SolarSchedule",
}
_READ = {
    "start_time": as_entered,
    "expires": as_entered,
    "expire_seconds": int,
    "enabled": lambda text: text == "true",
    "one_off": lambda text: text == "true",
}


def _enter(task, name, kind, fields, options, **_planned):
    if kind == "clocked":
        fields = {"clocked_time": as_entered(fields["instant"])}
        options = dict(options, one_off="true")
    schedule, _ = getattr(beat, _KINDS[kind]).objects.get_or_create(**fields)
    # Beat would leave out, without a word, what cannot be made: a solar event without ephem.
    assert type(schedule).objects.get(pk=schedule.pk).schedule
    values = {option: _READ[option](value) for option, value in options.items()}
    return _create(name, task, [name], None, **dict(values, **{kind: schedule}))


def _create(name, task, args, kwargs, **schedule):
    entry = beat.PeriodicTask(
        name=name,
        task="easytask.tasks." + task,
        args=json.dumps(args or []),
        kwargs=json.dumps(kwargs or {}),
        **schedule,
    )
    entry.full_clean()
    entry.save()
    return {"id": entry.pk}
