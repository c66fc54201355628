"""The screen: what `is_due` says at times that are given, in any time zone, without beat or worker.

The given time is this process's own: libfaketime reads the control file that a variable names at each call,
so whatever asks for the time is given the same. Beat and worker keep theirs. Times on the wire are whole
minutes, in seconds since the epoch.
"""

import collections
import contextlib
import datetime
import os
import sys
import time

from celery.beat import Scheduler
from celery.utils import time as celery_time
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import ModelEntry

from agent.operations import enter, operation
from izone.celery import app

MINUTE = 60
DAY = 86400
TASK = "record_call"
VARIABLE = "FAKETIME_TIMESTAMP_FILE"
BEFORE = (
    90  # seconds; an interval is due within a minute, whatever the fraction of a second at which it is asked
)
SENDS = 5  # an entry that is still due after so many sends at one time storms
STORM = 120  # minutes of storm after which a walk is given up
UNSTEADY = 14 * 24 * 60  # minutes that could not be passed over after which it is, too


@operation
def screen(control, zone, year, changes, entries):
    """Walk entries through time, with TIME_ZONE, and CELERY_TIMEZONE if it is set, in `zone`.

    An entry has what `enter` reads, and `walks`: each goes from its `began` to its `over`, and asks every
    minute of its `close` stretches. Elsewhere minutes are passed over where an entry says before and after
    them that it is due later, and at the same time. The first walk begins with an entry that was just
    entered; later ones as if it had been sent when they begin.

    Returns, by entry, what each walk saw (see `_Walk.seen`), how often `is_due` was asked, and when clocks
    are changed within `year` (two instants) by the zone data that Django has here. If those are not
    `changes`, nothing is walked: where sets of zone data differ much is wrong, and not for the schedules.
    `control` names a file for the given time.
    """
    with GivenTime(control) as given, living_in(zone):
        known = _changes(*year)
        refused, models = _enter(given, year[0] - BEFORE, entries) if known == changes else ({}, {})
        walks = {
            entry["name"]: _walk(given, models[entry["name"]], entry["walks"])
            for entry in entries
            if entry["name"] in models
        }
        return {"refused": refused, "walks": walks, "asked": given.asked, "changes": known}


@operation
def rehearse(control, entered, entries, looks):
    """Let Celery's own scheduler tick at each of `looks`, with entries that it has no database to read from.

    Returns, by entry, when it was sent, as runs, and which entries were taken out because they stormed.
    """
    with GivenTime(control) as given:
        refused, models = _enter(given, entered, entries)
        scheduler = _Rehearsal(app, lazy=True, max_interval=1)
        scheduler.schedule.update((name, ModelEntry(model, app=app)) for name, model in models.items())
        ended = ""
        try:
            for instant in looks:
                given.stand_at(instant)
                scheduler.look(instant)
        except Exception as error:  # whatever a version raises is what is to be seen
            ended = describe(error)
        sends = {name: runs(instants) for name, instants in scheduler.sends.items()}
        return {"refused": refused, "sends": sends, "storms": sorted(scheduler.storms), "ended": ended}


class _Rehearsal(Scheduler):
    """Celery's scheduler, which notes what it would send. An entry that storms is taken out."""

    producer = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sends = {}
        self.storms = set()

    def look(self, instant):
        """Tick until nothing is due."""
        self._instant = instant
        self._sent = collections.Counter()
        while self.tick() == 0:
            pass

    def apply_entry(self, entry, producer=None):
        """Instead of sending a message."""
        self._sent[entry.name] += 1
        if self._sent[entry.name] < SENDS:
            self.sends.setdefault(entry.name, []).append(self._instant)
        else:
            self.storms.add(entry.name)
            self.schedule.pop(entry.name)
            self._heap = None


class GivenTime:
    """The time of this process alone, standing still less than a second after a given minute."""

    def __init__(self, control):
        self._control = control
        self.asked = 0

    def __enter__(self):
        self._of_the_cell = os.environ[VARIABLE]
        self._file = os.open(self._control, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        self._write(0, 0)
        os.environ[VARIABLE] = self._control
        # A clock that stands still is that far from the start of the process.
        self._base = int(time.time())
        return self

    def __exit__(self, *_):
        # libfaketime keeps the last rate it read, and the cell's file names none.
        self._write(0, 1)
        time.time()
        os.environ[VARIABLE] = self._of_the_cell
        os.close(self._file)
        os.remove(self._control)

    def stand_at(self, instant):
        """Stand still. Offsets are whole seconds: every given time is equally far after its minute."""
        self._write(instant - self._base, 0)

    def go_on_from(self, instant):
        """Go on from a time at the speed of real time, for what may have to wait."""
        self._write(0, 1)
        self._write(instant - int(time.time()), 1)

    def is_due(self, entry, instant):
        """What an entry answers at a time: whether it is due, and when it says that it will be."""
        self.asked += 1
        self.stand_at(instant)
        due, seconds = entry.is_due()
        return due, instant + seconds

    def _write(self, offset, rate):
        # In place: nobody reads it meanwhile. All of one length, so that nothing of the last is left.
        os.pwrite(self._file, b"%+013d x%d\n" % (offset, rate), 0)


@contextlib.contextmanager
def living_in(zone):
    """TIME_ZONE, and CELERY_TIMEZONE where it is set, changed as if the process had booted with them."""
    before = settings.TIME_ZONE
    _move_to(zone)
    try:
        yield
    finally:
        _move_to(before)


def _move_to(zone):
    settings.TIME_ZONE = zone
    os.environ["TZ"] = zone  # as Django does when it reads its settings
    time.tzset()
    timezone.get_default_timezone.cache_clear()
    if hasattr(settings, "CELERY_TIMEZONE"):
        settings.CELERY_TIMEZONE = zone
    # What Celery has computed once and kept.
    app.__dict__.pop("timezone", None)
    celery_time.timezone.__dict__.pop("local", None)
    if "tzlocal" in sys.modules:
        sys.modules["tzlocal"].reload_localzone()


def _enter(given, entered, entries):
    """Enter the entries into an empty schedule, read them back as beat does, and undo all of it."""
    given.go_on_from(entered)
    with transaction.atomic():
        for schedules in (CrontabSchedule, IntervalSchedule, PeriodicTask):
            schedules.objects.all().delete()
        refused = enter(TASK, [{key: entry[key] for key in entry if key != "walks"} for entry in entries])
        names = [name for name, why in refused.items() if not why]
        tasks = PeriodicTask.objects.filter(name__in=names).select_related("crontab", "interval")
        models = {task.name: task for task in tasks}
        transaction.set_rollback(True)
    return refused, models


def _changes(began, over):
    zone = timezone.get_default_timezone()

    def offset(instant):
        return datetime.datetime.fromtimestamp(instant, zone).utcoffset()

    changes = []
    for day in range(began, over, DAY):
        if offset(day) != offset(day + DAY):
            before, after = day, day + DAY
            while after - before > MINUTE:
                middle = (before + after) // 2 // MINUTE * MINUTE
                if offset(middle) == offset(before):
                    before = middle
                else:
                    after = middle
            changes.append(after)
    return changes


def _walk(given, model, walks):
    given.stand_at(walks[0]["began"] - MINUTE)
    entry = ModelEntry(model, app=app)
    seen = []
    for number, walk in enumerate(walks):
        if number:
            given.stand_at(walk["began"])
            sent(entry)
        walker = _Walk(given, entry, walk)
        walker.go()
        seen.append(walker.seen())
    return seen


def sent(entry):
    """What `next(entry)` does, but for reading the schedule's fields again, which is half of its time."""
    entry.model.last_run_at = entry.last_run_at = entry._default_now()


class _Walk:
    """One entry through one stretch of time."""

    def __init__(self, given, entry, walk):
        self._entry = entry
        self._given = given
        self._now = walk["began"]
        self._over = walk["over"]
        self._close = [tuple(stretch) for stretch in walk["close"]]
        self._fires = []
        self._storms = []
        self._late = {}
        self._unsteady = 0
        self._said = None
        self._ended = ""

    def seen(self):
        """Sends and storms as runs; when the walk ended, and why, where it was early.

        `late` has the sends that it had said would be so many seconds later: beat asks an entry that is not
        the first of its heap no sooner than it said.
        """
        return {
            "fires": runs(self._fires),
            "storms": runs(self._storms),
            "late": [[seconds, runs(fires)] for seconds, fires in sorted(self._late.items())],
            "until": self._now,
            "ended": self._ended,
        }

    def go(self):
        """Walk to the end, to what `is_due` raises, or to too much of something."""
        try:
            while self._now <= self._over and not self._ended:
                self._ask()
        except Exception as error:  # whatever a version raises is what is to be seen
            self._ended = describe(error)

    def _ask(self):
        """Have it sent while it is due, and go on to the next time at which to ask."""
        due, when = self._given.is_due(self._entry, self._now)
        sends = 0
        if due:
            self._compare()
        while due and sends < SENDS:
            sends += 1
            sent(self._entry)
            due, when = self._given.is_due(self._entry, self._now)
        if due:
            self._storms.append(self._now)
            self._ended = "storm" if len(self._storms) == STORM else ""
        self._fires += [self._now] * (1 if due else sends)
        if sends or self._said is None:
            self._said = when
        self._now = self._now + MINUTE if due else self._after(when)

    def _compare(self):
        late = 0 if self._said is None else minute_of(self._said) - self._now
        if late > 0:
            self._late.setdefault(late, []).append(self._now)

    def _after(self, when):
        """The next minute to ask about an entry that says it is due at `when`."""
        if any(began <= self._now <= over for began, over in self._close):
            return self._now + MINUTE
        ahead = [began - MINUTE for began, _ in self._close if began > self._now]
        last = min([minute_of(when) - MINUTE, self._over] + ahead)
        if last <= self._now:
            return self._now + MINUTE
        due, then = self._given.is_due(self._entry, last)
        if not due and abs(then - when) <= 1:
            return last + MINUTE
        self._unsteady += 1
        self._ended = "unsteady" if self._unsteady == UNSTEADY else ""
        return self._now + MINUTE


def minute_of(when):
    """The first whole minute that is not before a time."""
    return -int(-round(when, 3) // MINUTE) * MINUTE


def describe(error):
    """An exception as one line, without numbers that differ each time."""
    return "{}: {}".format(type(error).__name__, error).split(chr(10))[0]


def runs(instants):
    """Instants, oldest first, as runs of [first, seconds between, how many]."""
    found = []
    for instant in instants:
        if found:
            first, period, count = found[-1]
            if count == 1 or instant == first + period * count:
                found[-1] = [first, instant - first if count == 1 else period, count + 1]
                continue
        found.append([instant, 0, 1])
    return found
