"""How the project under test is called: its command lines and its environment variables.

A cell's environment variables are made from nothing, so that no setting of the machine's owner
(DJANGO_SETTINGS_MODULE, PYTHONDONTWRITEBYTECODE, CELERY_*) reaches it.
"""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.nodes.journal import LOG_FORMAT
from harness.services.databases import Address

APP = "izone"
# Those that Django chooses take half a second on purpose, once to keep a password and once to log in.
_QUICK_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
# What running the project by hand leaves in its folder.
_GENERATED = shutil.ignore_patterns(
    *("__pycache__", "*.sqlite3", "*.log", "cache", "celerybeat*", ".*_cache"),
    *("*.pid", "*.sock"),
)


@dataclass(frozen=True, kw_only=True)
class Project:
    """The project in one environment, with one cell's settings.

    `beat_sleep` is how long beat sleeps at most, in seconds: a jump of the clock does not wake a sleeper.
    `additions` is a module of tasks that is added to while the project runs; cells share its folder.
    """

    source: Path
    environment: Path
    work: Path
    settings: Mapping[str, bool | str]
    broker_url: str
    database: Address
    additions: Path
    clock_environment: Mapping[str, str]
    beat_sleep: float

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment of the cell's Django processes, but for the marker."""
        return {
            "PATH": os.pathsep.join((str(self.environment / "bin"), "/usr/local/bin", "/usr/bin", "/bin")),
            "HOME": str(self.work),
            "TMPDIR": str(self.work),
            "PYTHONUNBUFFERED": "1",  # the banners are printed, not logged
            "LC_ALL": "C.UTF-8",  # libfaketime reads fractions in the locale's way
            "PYTHONPATH": os.pathsep.join(map(str, (self.source, self.additions.parent))),
            "DJANGO_SETTINGS_MODULE": f"{APP}.settings",
            "IZONE_REDIS_URL": self.broker_url,
            "IZONE_DATABASE": self.database.kind,
            "IZONE_DATABASE_NAME": self.database.name,
            "IZONE_DATABASE_HOST": self.database.host,
            "IZONE_DATABASE_PORT": self.database.port,
            "IZONE_DATABASE_USER": self.database.user,
            "IZONE_DATABASE_PASSWORD": self.database.password,
            "IZONE_CACHE_DIR": str(self.work / "cache"),
            "IZONE_CELERY_IMPORTS": self.additions.stem,
            "IZONE_BEAT_MAX_LOOP_INTERVAL": str(self.beat_sleep),
            "IZONE_WORKER_LOG_FORMAT": LOG_FORMAT,
            "IZONE_PASSWORD_HASHER": _QUICK_HASHER,
            **{f"IZONE_{name}": _as_text(value) for name, value in self.settings.items()},
            **self.clock_environment,
        }

    @property
    def web_variables(self) -> dict[str, str]:
        """The environment of the project's server: with DEBUG a page that fails says why.

        What DEBUG costs is left out: before Django 4.1 it has every template read again for every page.
        """
        return {**self.variables, "IZONE_DEBUG": "true", "IZONE_CACHE_TEMPLATES": "true"}

    @property
    def worker(self) -> list[str]:
        """The worker's command line. One pool process: sqlite cannot take two ends of a chord at once."""
        return [*self._celery, "worker", "--loglevel", "debug", "--concurrency", "1"]

    @property
    def beat(self) -> list[str]:
        """Beat's command line. Its debug log says when it wakes, which is proof that it ticked."""
        return [*self._celery, "beat", "--loglevel", "debug"]

    @property
    def agent(self) -> list[str]:
        """The agent's command line."""
        return [*self._manage, "agent"]

    @property
    def web(self) -> list[str]:
        """The server's command line. The system chooses its port, so that nobody else can have it.

        No thread for each request: to libfaketime a new thread is dear, five times what Django does in it.
        """
        return [*self._manage, "runserver", "--noreload", "--nothreading", "127.0.0.1:0"]

    @property
    def threaded_web(self) -> list[str]:
        """The same for browsers, of which one idle connection keeps a server without threads waiting."""
        return [*self._manage, "runserver", "--noreload", "127.0.0.1:0"]

    def python(self, code: str) -> list[str]:
        """The command line that runs some code."""
        return [str(self.environment / "bin" / "python"), "-c", code]

    @property
    def _manage(self) -> list[str]:
        return [str(self.environment / "bin" / "python"), str(self.source / "manage.py")]

    @property
    def _celery(self) -> list[str]:
        return [str(self.environment / "bin" / "celery"), "-A", APP]


def bundled_project() -> Path:
    """The sample project: below the code where that is installed, beside it in a checkout."""
    code = Path(__file__).parents[1]
    installed = code / "sample_project"
    return installed if installed.is_dir() else code.parent / "sample_project"


def copy_project(source: Path, target: Path) -> None:
    """Copy a project for one run, so that nothing is written into it while it runs."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=_GENERATED)


def make_additions(work: Path) -> Path:
    """A module without tasks, below `work`."""
    module = work / "additions" / "added_tasks.py"
    module.parent.mkdir()
    module.touch()
    return module


def project_digest(source: Path) -> str:
    """What the copied files are: changes when one of them does."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(source):
        left_out = _GENERATED(folder, [*folders, *files])
        folders[:] = sorted(set(folders) - left_out)
        for name in sorted(set(files) - left_out):
            path = Path(folder, name)
            digest.update(f"{path.relative_to(source)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _as_text(value: bool | str) -> str:  # noqa: FBT001 - a setting's value
    return str(value).lower() if isinstance(value, bool) else value
