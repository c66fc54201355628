"""One way to break each invariant, for the worker, the beat or the agent of one cell. Keys are invariants."""

import datetime
import logging
import os

from celery import Task, schedules
from django.contrib import admin
from django.db.models.signals import post_init, post_save
from django.utils import timezone
from django_celery_beat.clockedschedule import clocked
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry
from django_celery_beat.tzcrontab import TzAwareCrontab
from django_celery_results.backends.database import DatabaseBackend
from django_celery_results.models import TaskResult

HOURS = datetime.timedelta(hours=1)
BREAKS = {}
BREAKS_OF_THE_AGENT = {}


def breaking(invariant, breaks=BREAKS):
    def register(function):
        breaks[invariant] = function
        return function

    return register


def breaking_the_agent(invariant):
    return breaking(invariant, BREAKS_OF_THE_AGENT)


def on_load(name, change):
    """Have `change` done to the entry called `name`, whenever beat reads it from the database."""
    load = ModelEntry.__init__

    def __init__(self, *args, **kwargs):
        load(self, *args, **kwargs)
        if self.name == name:
            change(self)

    ModelEntry.__init__ = __init__


def on_send(name, change):
    """Have `change` done when the entry called `name` has been sent."""
    send = DatabaseScheduler.apply_entry

    def apply_entry(self, entry, producer=None):
        send(self, entry, producer=producer)
        if entry.name == name:
            change(self, entry, producer)

    DatabaseScheduler.apply_entry = apply_entry


def sent_twice(name):
    send = DatabaseScheduler.apply_entry
    on_send(name, lambda scheduler, entry, producer: send(scheduler, entry, producer=producer))


def an_hour_later(entry):
    entry.schedule = TzAwareCrontab(
        minute=entry.schedule._orig_minute,
        hour=str(int(entry.schedule._orig_hour) + 1),
        day_of_week=entry.schedule._orig_day_of_week,
        tz=entry.schedule.tz,
    )


@breaking("interval")
def slow_down():
    def change(entry):
        entry.schedule = schedules.schedule(3 * HOURS, nowfun=entry.schedule.nowfun, app=entry.app)

    on_load("interval", change)


@breaking("interval-by-night")
def slow_down_by_night():
    def change(entry):
        entry.schedule = schedules.schedule(3 * HOURS, nowfun=entry.schedule.nowfun, app=entry.app)

    on_load("by-night", change)


@breaking("crontab")
def shift_crontab():
    on_load("crontab", an_hour_later)


@breaking("own-zone")
def shift_own_zone():
    on_load("own:UTC", an_hour_later)


@breaking("no-storm")
def send_twice():
    sent_twice("start-time")


@breaking("calendar")
def shift_weekday():
    on_load("weekday", an_hour_later)


@breaking("clocked")
def shift_clocked():
    def change(entry):
        entry.schedule = clocked(clocked_time=entry.schedule.clocked_time + HOURS)

    on_load("clocked", change)


@breaking("start-time")
def forget_start_time():
    def change(entry):
        entry.model.start_time = None

    on_load("start-time", change)


@breaking("expires")
def forget_expires():
    def change(entry):
        entry.model.expires = None
        entry.options.pop("expires", None)

    on_load("expires", change)


@breaking("expire-seconds")
def expire_at_once():
    def change(entry):
        entry.options["expires"] = -1

    on_load("expire-seconds", change)


@breaking("one-off")
def forget_one_off():
    def change(entry):
        entry.model.one_off = False

    on_load("one-off", change)


@breaking("changes")
def ignore_disabling():
    enabled = DatabaseScheduler.enabled_models

    def enabled_models(self):
        ignored = list(PeriodicTask.objects.filter(name="disabled", enabled=False))
        for model in ignored:
            model.enabled = True
        return enabled(self) + ignored

    DatabaseScheduler.enabled_models = enabled_models


@breaking("restart")
def forget_last_run():
    def change(entry):
        if entry.total_run_count:
            entry.last_run_at -= 24 * HOURS

    on_load("at-five", change)


@breaking("missed")
def make_up_twice():
    sent_twice("at-six")


@breaking("odd-hour")
def shift_odd_hour():
    on_load("odd-hour", an_hour_later)


@breaking("after-the-change")
def shift_noon():
    on_load("noon", an_hour_later)


@breaking("last-run-at")
def save_another_time():
    save = ModelEntry.save

    def save_later(self):
        last = self.model.last_run_at
        if last is not None:
            self.model.last_run_at = last + 8 * HOURS
        save(self)
        self.model.last_run_at = last

    ModelEntry.save = save_later


@breaking("result-instants")
def date_another_time():
    def change(instance, **kwargs):
        done = instance.date_done + 8 * HOURS
        TaskResult.objects.filter(pk=instance.pk).update(date_done=done)

    post_save.connect(change, sender=TaskResult, weak=False)


@breaking("named-results")
def name_another():
    def change(instance, **kwargs):
        TaskResult.objects.filter(pk=instance.pk).update(periodic_task_name="another")

    post_save.connect(change, sender=TaskResult, weak=False)


@breaking("solar")
def go_to_the_equator():
    def change(entry):
        entry.schedule = schedules.solar("sunset", 0, 0, nowfun=entry.schedule.nowfun, app=entry.app)

    on_load("solar", change)


def later_by(hours, chosen):
    send = Task.apply_async

    def apply_async(self, args=None, kwargs=None, countdown=None, eta=None, **options):
        if chosen == "countdown" and countdown:
            countdown += hours * 3600
        if chosen == "eta" and eta is not None and timezone.is_aware(eta):
            eta += hours * HOURS
        return send(self, args, kwargs, countdown=countdown, eta=eta, **options)

    Task.apply_async = apply_async


@breaking_the_agent("countdown")
def count_longer():
    later_by(1, "countdown")


@breaking_the_agent("aware-eta")
def arrive_later():
    later_by(1, "eta")


@breaking("cleanup-time")
def shift_cleanup():
    def change(entry):
        an_hour_later(entry)
        an_hour_later(entry)

    on_load("celery.backend_cleanup", change)


@breaking("cleanup-removes")
def keep_everything():
    DatabaseBackend.cleanup = lambda self: None


@breaking_the_agent("awareness")
def read_naive_times():
    def change(instance, **kwargs):
        if instance.date_done is not None:
            instance.date_done = timezone.make_naive(instance.date_done)

    post_init.connect(change, sender=TaskResult, weak=False)


def shown_later(model, field):
    page = admin.site._registry[model]
    get = page.get_object

    def get_object(*args, **kwargs):
        row = get(*args, **kwargs)
        setattr(row, field, getattr(row, field) + 8 * HOURS)
        return row

    page.get_object = get_object


@breaking_the_agent("shown-results")
def show_results_later():
    shown_later(TaskResult, "date_done")


@breaking_the_agent("shown-last-run")
def show_last_run_later():
    shown_later(PeriodicTask, "last_run_at")


@breaking_the_agent("admin-lists")
def lose_a_list():
    def fail(*args, **kwargs):
        raise ValueError("there is no list")

    admin.site._registry[TaskResult].get_changelist_instance = fail


@breaking("survived")
def die():
    on_send("clocked", lambda *_: os._exit(3))


@breaking("no-complaints")
def complain():
    on_send("clocked", lambda *_: logging.getLogger("celery.beat").error("something went wrong"))
