"""Ways to break the admin, each for the server of one cell."""

import datetime

from celery import schedules
from django.contrib import admin, messages
from django.contrib.auth.backends import ModelBackend
from django.http import HttpResponseRedirect
from django.utils import timezone
from django_celery_beat import admin as beat
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from django_celery_beat.schedulers import ModelEntry
from django_celery_results.admin import GroupResultAdmin, TaskResultAdmin

BREAKS = {}


def breaking(function):
    BREAKS[function.__name__] = function
    return function


def fail(*args, **kwargs):
    raise RuntimeError("as it should")


@breaking
def pages():
    """Here and there something is wrong."""
    beat.SolarScheduleAdmin.add_view = fail
    beat.ClockedScheduleAdmin.change_view = fail
    GroupResultAdmin.changelist_view = fail
    TaskResultAdmin.changelist_view = without_filters(TaskResultAdmin.changelist_view)
    # What must be refused is taken, is taken for something else, or breaks the page.
    beat.PeriodicTaskForm.clean_args = lambda form: form.cleaned_data["args"]
    beat.PeriodicTaskForm.clean_kwargs = lambda form: (
        "{}" if form.cleaned_data["name"] == "kwargs" else form.cleaned_data["kwargs"]
    )
    PeriodicTask.validate_unique = lambda task, *args, **kwargs: task.interval or fail()
    # Each action leaves what was selected as it should not be.
    for action, enabled in (("enable_tasks", False), ("disable_tasks", True), ("toggle_tasks", True)):
        setattr(beat.PeriodicTaskAdmin, action, leaving(enabled, getattr(beat.PeriodicTaskAdmin, action)))
    run = beat.PeriodicTaskAdmin.run_tasks
    beat.PeriodicTaskAdmin.run_tasks = with_other_arguments(run)


def without_filters(changelist_view):
    def view(self, request, *args, **kwargs):
        if set(request.GET) - {"q"}:
            return HttpResponseRedirect(request.path)
        return changelist_view(self, request, *args, **kwargs)

    return view


def leaving(enabled, action):
    def leave(self, request, queryset):
        queryset.update(enabled=enabled)
        beat.PeriodicTasks.update_changed()
        messages.info(request, "done")

    leave.short_description = action.short_description
    return leave


def with_other_arguments(run):
    def run_tasks(self, request, queryset):
        queryset.filter(name="as in the article").update(kwargs='{"x": 1, "y": 1}')
        return run(self, request, queryset.all())

    run_tasks.short_description = run.short_description
    return run_tasks


@breaking
def choices():
    """The task of the article is not among those that can be chosen."""
    offer = beat.TaskSelectWidget.tasks_as_choices
    beat.TaskSelectWidget.tasks_as_choices = lambda widget: tuple(
        choice for choice in offer(widget) if not choice[0].endswith("simple_task")
    )


@breaking
def additions():
    """What is added to the code is not among them."""
    offer = beat.TaskSelectWidget.tasks_as_choices
    beat.TaskSelectWidget.tasks_as_choices = lambda widget: tuple(
        choice for choice in offer(widget) if not choice[0].startswith("added_tasks")
    )
    other_zone()


@breaking
def results():
    """No result is found."""
    TaskResultAdmin.get_search_results = lambda self, request, queryset, term: (queryset.none(), False)


def other_zone():
    """Instants are shown as elsewhere."""
    there = datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))
    timezone.template_localtime = lambda value, use_tz=None: (
        timezone.localtime(value, there) if isinstance(value, datetime.datetime) else value
    )


@breaking
def login():
    """Nobody is let in."""
    ModelBackend.authenticate = lambda *args, **kwargs: None


@breaking
def beat_and_index():
    """A kind of schedule is not listed; beat is broken in its own process."""
    admin.site.unregister(CrontabSchedule)


def slow_down():
    """Beat takes the ten seconds of what was entered for hours."""
    load = ModelEntry.__init__

    def __init__(self, *args, **kwargs):
        load(self, *args, **kwargs)
        if self.name == "as in the article":
            self.schedule = schedules.schedule(
                datetime.timedelta(hours=3), nowfun=self.schedule.nowfun, app=self.app
            )

    ModelEntry.__init__ = __init__
