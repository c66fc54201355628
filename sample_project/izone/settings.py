"""The article's settings; what a profile varies is read from IZONE_* environment variables.

Without any variable these are the article's own values, with sqlite in place of MySQL and
Django's file cache in place of django-redis, so that the project runs with nothing installed
beside the five packages. IZONE_DATABASE chooses PostgreSQL or MariaDB.
One file serves Django 2.2 to 6.1 and Python 3.6 to 3.13.
"""

import os

import django

BASE_DIR = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def from_env(name, default):
    """The value of IZONE_<name>, or `default`; an empty value counts as given."""
    return os.environ.get("IZONE_" + name, default)


def switch(name, default):
    """A boolean setting: `true` or `false`; anything else is a mistake worth stopping for."""
    value = from_env(name, str(default)).lower()
    if value not in ("true", "false"):
        raise ValueError("IZONE_%s must be true or false, not %r" % (name, value))
    return value == "true"


SECRET_KEY = "only-for-the-sample-project"
DEBUG = switch("DEBUG", False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
ROOT_URLCONF = "izone.urls"
WSGI_APPLICATION = "izone.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "easytask",
    "django_celery_results",
    "django_celery_beat",
    "agent",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

STATIC_URL = "/static/"
LANGUAGE_CODE = "zh-hans"
USE_I18N = True
if django.VERSION < (4, 0):  # from then on it is so, and not to be set
    USE_L10N = True
TIME_ZONE = from_env("TIME_ZONE", "Asia/Shanghai")
USE_TZ = switch("USE_TZ", False)

DATABASE = from_env("DATABASE", "sqlite")
if DATABASE == "sqlite":
    DATABASES = {
        "default": {
            "ENGINE": "izone.sqlite3",
            "NAME": from_env("DATABASE_NAME", os.path.join(BASE_DIR, "db.sqlite3")),
            # A worker, a beat and a web process write to one file: wait for the lock, in seconds.
            "OPTIONS": {"timeout": float(from_env("DATABASE_TIMEOUT", "30"))},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": {
                "postgresql": "django.db.backends.postgresql",
                "mariadb": "django.db.backends.mysql",
            }[DATABASE],
            "NAME": from_env("DATABASE_NAME", "izone"),
            "USER": from_env("DATABASE_USER", ""),
            "PASSWORD": from_env("DATABASE_PASSWORD", ""),
            # Empty, or beginning with a slash: a unix socket (PostgreSQL: the folder it is in).
            "HOST": from_env("DATABASE_HOST", ""),
            "PORT": from_env("DATABASE_PORT", ""),
            # Django has asked for four-byte characters by itself only since 5.2.
            "OPTIONS": {"charset": "utf8mb4"} if DATABASE == "mariadb" else {},
        }
    }

FILE_CACHE = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": from_env("CACHE_DIR", os.path.join(BASE_DIR, "cache")),
}
# django-celery-results takes CELERY_CACHE_BACKEND for an alias of this setting; the article's value
# for it, "django-cache", works only with an alias of that name.
CACHES = {"default": FILE_CACHE, "django-cache": FILE_CACHE}

# --- Celery: the article's block ---------------------------------------------------------------
CELERY_BROKER_URL = from_env("REDIS_URL", "redis://127.0.0.1:6379/1")
# An empty IZONE_CELERY_TIMEZONE leaves the setting out altogether.
if from_env("CELERY_TIMEZONE", TIME_ZONE):
    CELERY_TIMEZONE = from_env("CELERY_TIMEZONE", TIME_ZONE)
CELERY_ENABLE_UTC = switch("CELERY_ENABLE_UTC", False)
DJANGO_CELERY_BEAT_TZ_AWARE = switch("DJANGO_CELERY_BEAT_TZ_AWARE", False)
CELERY_RESULT_BACKEND = "django-db"
CELERY_CACHE_BACKEND = "django-cache"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_ACCEPT_CONTENT = ["application/json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_WORKER_MAX_TASKS_PER_CHILD = 100
CELERY_RESULT_EXPIRES = int(from_env("CELERY_RESULT_EXPIRES", "0"))

# --- Celery: what an observer needs and a user does not set -------------------------------------
if from_env("BEAT_MAX_LOOP_INTERVAL", ""):
    CELERY_BEAT_MAX_LOOP_INTERVAL = float(from_env("BEAT_MAX_LOOP_INTERVAL", ""))
if from_env("VISIBILITY_TIMEOUT", ""):  # an hour, else
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": int(from_env("VISIBILITY_TIMEOUT", ""))}
if from_env("WORKER_CONCURRENCY", ""):  # as many as the machine has cores, else
    CELERY_WORKER_CONCURRENCY = int(from_env("WORKER_CONCURRENCY", ""))
if from_env("CELERY_IMPORTS", ""):
    CELERY_IMPORTS = [from_env("CELERY_IMPORTS", "")]
if from_env("WORKER_LOG_FORMAT", ""):
    CELERY_WORKER_LOG_FORMAT = from_env("WORKER_LOG_FORMAT", "")
if from_env("CACHE_TEMPLATES", ""):  # also with DEBUG, as from Django 4.1 on
    TEMPLATES[0]["APP_DIRS"] = False
    TEMPLATES[0]["OPTIONS"]["loaders"] = [
        ("django.template.loaders.cached.Loader", ["django.template.loaders.app_directories.Loader"])
    ]
if from_env("PASSWORD_HASHER", ""):  # a good one takes half a second, on purpose
    PASSWORD_HASHERS = [from_env("PASSWORD_HASHER", "")]
