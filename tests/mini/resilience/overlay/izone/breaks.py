"""Ways to break what people expect when something breaks, each for the scenarios of one cell."""

import functools

from celery import bootsteps, platforms, signals
from celery.worker.consumer import Tasks
from celery.worker.pidbox import Pidbox

BREAKS = {}


def breaking(function):
    BREAKS[function.__name__] = function
    return function


@breaking
def weak(app):
    """Nobody tries again, pool processes go on, and a pidfile is for ever."""
    app.conf.update(
        broker_connection_retry=False,
        broker_connection_retry_on_startup=False,
        CELERY_WORKER_MAX_TASKS_PER_CHILD=1000000,  # by the name that the settings use, which goes first
    )
    platforms.Pidfile.remove_if_stale = lambda pidfile: False
    after(lambda: fail_to_store("locked"))


@breaking
def deaf(app):
    """Who has lost Redis finds it again, and does nothing with it; a pidfile is nothing to anybody."""
    Tasks.start = once(Tasks.start)
    Pidbox.start = once(Pidbox.start)
    platforms.Pidfile.is_locked = lambda pidfile: False
    platforms.Pidfile.acquire = lambda pidfile: pidfile
    after(silence_beat)


@breaking
def forgetful(app):
    """Some tasks do not run, some run twice, some are done wrong; late is early and early is late."""
    after(swap_tasks)


@breaking
def absent(app):
    """Nothing can be played: no worker comes up."""

    class Absent(bootsteps.StartStopStep):
        def __init__(self, worker, **kwargs):
            raise SystemExit(3)

    app.steps["worker"].add(Absent)


def after(change):
    """Change something when worker, beat or agent have loaded everything."""
    signals.import_modules.connect(lambda **kwargs: change(), weak=False)


def once(start):
    """The first time as ever, then never."""
    started = []

    @functools.wraps(start)
    def begin(step, consumer):
        if not started:
            started.append(True)
            start(step, consumer)

    return begin


def fail_to_store(token):
    """The result of one task cannot be kept."""
    from django_celery_results.backends import DatabaseBackend

    store = DatabaseBackend._store_result

    def _store_result(self, task_id, result, *args, **kwargs):
        if result == token:
            raise RuntimeError("as it should")
        return store(self, task_id, result, *args, **kwargs)

    DatabaseBackend._store_result = _store_result


def silence_beat():
    """What could not be sent once is never tried again, nor anything else."""
    from django_celery_beat.schedulers import DatabaseScheduler

    send = DatabaseScheduler.apply_async
    failed = []

    def apply_async(self, entry, *args, **kwargs):
        if failed:
            return None
        try:
            return send(self, entry, *args, **kwargs)
        except Exception:
            failed.append(entry)
            raise

    DatabaseScheduler.apply_async = apply_async


def swap_tasks():
    """What a task says of itself is not so."""
    from easytask import tasks

    tell = tasks._tell

    def _tell(what, token):
        if token.endswith("-3"):
            return
        tell(what, token)
        if token.endswith("-4"):
            tell(what, token)

    tasks._tell = _tell
    tasks._note = wrong(tasks._note)
    for task, late in ((tasks.note, True), (tasks.note_late, False), (tasks.note_again, False)):
        task.acks_late = task.reject_on_worker_lost = late


def wrong(note):
    return lambda token, seconds: note(token, seconds) + "!"
