"""The three commands of the project's README, supervisor, and the admin."""

import pytest

from harness.cell.project import Project
from harness.env.build import Environment
from harness.proc.children import Child, Command, Finished, run
from harness.proc.logs import read_log
from harness.proc.marker import Marker
from harness.proc.wait import Deadline, wait_until

pytestmark = pytest.mark.live

SEND_AND_WAIT = """
from easytask.tasks import simple_task
print("sum", simple_task.delay(1, 9).get(timeout=30))
"""

LOOK_AT_THE_ADMIN = """
from django.contrib.auth.models import User
from django.test import Client
User.objects.create_superuser("admin", "admin@example.org", "secret")
client = Client()
client.login(username="admin", password="secret")
for page in (
    "", "django_celery_beat/periodictask/", "django_celery_beat/periodictask/add/",
    "django_celery_beat/crontabschedule/add/", "django_celery_results/taskresult/",
):
    print("page", client.get("/admin/" + page).status_code, page)
"""


@pytest.fixture
def by_hand(project: Project, marker: Marker) -> "ByHand":
    return ByHand(project, marker)


class ByHand:
    """Runs a command line of the README in the project's folder."""

    def __init__(self, project: Project, marker: Marker) -> None:
        self.project = project
        self.marker = marker

    def command(self, name: str, *words: str) -> Command:
        return Command(
            argv=[str(self.project.environment / "bin" / words[0]), *words[1:]],
            env=self.project.variables,
            cwd=self.project.source,
            log=self.project.work / f"{name}.log",
            marker=self.marker,
        )

    def run(self, name: str, *words: str) -> Finished:
        return run(self.command(name, *words), timeout=60)

    def wait_for(self, child: Child, line: str) -> None:
        def seen() -> bool:
            assert child.exit_code is None, read_log(child.command.log)
            return line in read_log(child.command.log)

        wait_until(seen, deadline=Deadline(60), what=line)


def test_a_person_runs_it_with_three_commands(by_hand: ByHand) -> None:
    assert by_hand.run("migrate", "python", "manage.py", "migrate").exit_code == 0
    worker = Child(by_hand.command("worker", "celery", "-A", "izone", "worker", "-l", "info"))
    beat = Child(by_hand.command("beat", "celery", "-A", "izone", "beat", "-l", "info"))
    by_hand.wait_for(worker, " ready.")
    by_hand.wait_for(beat, "beat: Starting")
    assert "sum 10" in by_hand.run("shell", "python", "manage.py", "shell", "-c", SEND_AND_WAIT).output
    assert (worker.stop(grace=30), beat.stop(grace=30)) == (0, 0)


def test_a_person_keeps_it_alive_by_supervisor(by_hand: ByHand, supervisor: Environment) -> None:
    def control(*words: str) -> Finished:
        program = supervisor.program("supervisorctl")
        return by_hand.run("supervisorctl", program, "-c", "supervisord.conf", *words)

    by_hand.run("migrate", "python", "manage.py", "migrate")
    started = by_hand.run("supervisord", supervisor.program("supervisord"), "-c", "supervisord.conf")
    assert started.exit_code == 0, started.output
    wait_until(
        lambda: control("status").output.count(" RUNNING ") == len(("worker", "beat")),
        deadline=Deadline(60),
        what="both to be RUNNING",
    )
    assert "sum 10" in by_hand.run("shell", "python", "manage.py", "shell", "-c", SEND_AND_WAIT).output
    assert "celery.worker: started" in control("restart", "celery.worker").output
    assert "Shut down" in control("shutdown").output
    written = [by_hand.project.source / name for name in ("celery.worker.log", "celery.beat.log")]
    assert [path.name for path in written if not read_log(path)] == []
    gone = by_hand.project.source / "supervisor.sock"
    wait_until(lambda: not gone.exists(), deadline=Deadline(60), what="supervisor to be gone")


def test_a_person_uses_the_admin(by_hand: ByHand) -> None:
    by_hand.run("migrate", "python", "manage.py", "migrate")
    output = by_hand.run("admin", "python", "manage.py", "shell", "-c", LOOK_AT_THE_ADMIN).output
    pages = [line for line in output.splitlines() if line.startswith("page ")]
    assert len(pages) == 5, output
    assert all(page.startswith("page 200 ") for page in pages), pages
