"""The invariants, in the order in which reports tell them."""

from harness.contract import messages, results, schedules
from harness.contract.invariant import Invariant

CELERY_BEAT = "https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html"
CELERY_ZONES = f"{CELERY_BEAT}#time-zones"
CELERY_CRONTABS = f"{CELERY_BEAT}#crontab-schedules"
CELERY_SOLAR = f"{CELERY_BEAT}#solar-schedules"
CELERY_CALLING = "https://docs.celeryq.dev/en/stable/userguide/calling.html#eta-and-countdown"
CELERY_EXPIRES = "https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires"
BEAT_README = "https://github.com/celery/django-celery-beat#example-creating-crontab-based-periodic-task"
BEAT_MODELS = "https://django-celery-beat.readthedocs.io/en/latest/reference/django-celery-beat.models.html"
RESULT_MODELS = (
    "https://django-celery-results.readthedocs.io/en/latest/reference/django_celery_results.models.html"
)
DJANGO_ZONES = "https://docs.djangoproject.com/en/stable/topics/i18n/timezones/"
DJANGO_ADMIN = "https://docs.djangoproject.com/en/stable/ref/contrib/admin/"

INVARIANTS = (
    Invariant(
        id="interval",
        sentence="an interval ticks at its period, neither silent nor in bursts",
        source=CELERY_BEAT,
        reads="day",
        rule=schedules.interval,
    ),
    Invariant(
        id="crontab",
        sentence="a crontab in the default time zone fires once a day, at its wall time in TIME_ZONE",
        source=CELERY_ZONES,
        reads="day",
        rule=lambda span: span.misfire("crontab"),
    ),
    Invariant(
        id="own-zone",
        sentence="a crontab with a time zone of its own fires once a day, at that zone's wall time",
        source=BEAT_README,
        reads="day",
        rule=schedules.own_zones,
    ),
    Invariant(
        id="no-storm",
        sentence="no schedule is sent more than once for an instant at which it is due",
        source=CELERY_BEAT,
        reads="*",
        rule=schedules.no_storm,
    ),
    Invariant(
        id="calendar",
        sentence="day of week, day of month and month are those of the schedule's zone",
        source=CELERY_CRONTABS,
        reads="day",
        rule=schedules.calendar,
    ),
    Invariant(
        id="clocked",
        sentence="a clocked task fires once, at its instant",
        source=BEAT_MODELS,
        reads="day",
        rule=lambda span: span.misfire("clocked"),
    ),
    Invariant(
        id="start-time",
        sentence="a task with a start time fires within a period of it, and not before",
        source=BEAT_MODELS,
        reads="start-time",
        rule=schedules.start_time,
    ),
    Invariant(
        id="expires",
        sentence="a task that expires runs until then, and not after",
        source=BEAT_MODELS,
        reads="expires",
        rule=schedules.expires,
    ),
    Invariant(
        id="expire-seconds",
        sentence="a message with expire_seconds is run if the worker is in time",
        source=BEAT_MODELS,
        reads="day",
        rule=schedules.expire_seconds,
    ),
    Invariant(
        id="one-off",
        sentence="a one-off task fires once and disables itself",
        source=BEAT_MODELS,
        reads="one-off",
        rule=schedules.one_off,
    ),
    Invariant(
        id="changes",
        sentence="what is edited, disabled, enabled or deleted while beat runs is so from then on",
        source=CELERY_BEAT,
        reads="changes",
        rule=schedules.changes,
    ),
    Invariant(
        id="restart",
        sentence="a beat that is restarted sends nothing again, and what is due later in time",
        source=CELERY_BEAT,
        reads="restarts",
        rule=schedules.restart,
    ),
    Invariant(
        id="missed",
        sentence="what was missed while beat was down is sent at most once",
        source=CELERY_BEAT,
        reads="restarts",
        rule=schedules.missed,
    ),
    Invariant(
        id="odd-hour",
        sentence="a crontab at a wall time that is skipped or comes twice neither storms nor is lost",
        source=CELERY_CRONTABS,
        reads="night *",
        rule=schedules.odd_hour,
    ),
    Invariant(
        id="every-minute",
        sentence="an every-minute crontab goes on while clocks are changed, neither silent nor in a storm",
        source=CELERY_CRONTABS,
        reads="night *",
        rule=schedules.every_minute,
    ),
    Invariant(
        id="interval-by-night",
        sentence="an interval ticks at its period while clocks are changed",
        source=CELERY_BEAT,
        reads="night *",
        rule=schedules.interval_by_night,
    ),
    Invariant(
        id="after-the-change",
        sentence="a daily crontab keeps its wall time after clocks are changed",
        source=CELERY_CRONTABS,
        reads="night *",
        rule=lambda span: span.misfire("noon"),
    ),
    Invariant(
        id="solar",
        sentence="a solar event fires once, when it is computed to happen",
        source=CELERY_SOLAR,
        reads="day",
        rule=schedules.solar,
    ),
    Invariant(
        id="countdown",
        sentence="a task with a countdown runs when it is over",
        source=CELERY_CALLING,
        reads="messages",
        rule=messages.countdown,
    ),
    Invariant(
        id="aware-eta",
        sentence="a task with an ETA in another time zone runs at that instant",
        source=CELERY_CALLING,
        reads="messages",
        rule=messages.aware_eta,
    ),
    Invariant(
        id="naive-eta",
        sentence="an ETA without a time zone is local time, as datetime.now() gives it",
        source=DJANGO_ZONES,
        reads="messages",
        rule=messages.naive_eta,
    ),
    Invariant(
        id="cleanup-time",
        sentence="celery.backend_cleanup is sent once a day, at 4:00 in TIME_ZONE, if results expire",
        source=CELERY_EXPIRES,
        reads="day",
        rule=schedules.cleanup_time,
    ),
    Invariant(
        id="cleanup-removes",
        sentence="results are removed when they are older than result_expires, and with 0 never",
        source=CELERY_EXPIRES,
        reads="day",
        rule=results.cleanup_removes,
    ),
    Invariant(
        id="result-instants",
        sentence="a result is created and done at the instant at which its task ran",
        source=RESULT_MODELS,
        reads="day",
        rule=results.result_instants,
    ),
    Invariant(
        id="last-run-at",
        sentence="last_run_at is the instant of the last run",
        source=BEAT_MODELS,
        reads="day",
        rule=results.last_run_at,
    ),
    Invariant(
        id="awareness",
        sentence="instants in the database are aware with USE_TZ, and naive without",
        source=DJANGO_ZONES,
        reads="day",
        rule=results.awareness,
    ),
    Invariant(
        id="named-results",
        sentence="a result tells the name of the periodic task it came from",
        source=RESULT_MODELS,
        reads="day",
        rule=results.named_results,
    ),
    Invariant(
        id="shown-results",
        sentence="the admin shows a result's times in TIME_ZONE",
        source=DJANGO_ZONES,
        reads="day",
        rule=results.shown_results,
    ),
    Invariant(
        id="shown-last-run",
        sentence="the admin shows a periodic task's last run in TIME_ZONE",
        source=DJANGO_ZONES,
        reads="day",
        rule=results.shown_last_run,
    ),
    Invariant(
        id="admin-lists",
        sentence="the admin lists results and periodic tasks",
        source=DJANGO_ADMIN,
        reads="day",
        rule=results.admin_lists,
    ),
    Invariant(
        id="survived",
        sentence="beat and worker are alive at the end of each span",
        source=CELERY_BEAT,
        reads="*",
        rule=schedules.survived,
        of_ends=True,
    ),
    Invariant(
        id="no-complaints",
        sentence="the logs have no error, and no warning about naive and aware instants",
        source=DJANGO_ZONES,
        reads="*",
        rule=schedules.no_complaints,
        of_ends=True,
    ),
)
