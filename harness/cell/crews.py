"""Crews of a cell: its environment, project and settings, with a broker and a database of their own."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from harness.cell.climb import Climb
from harness.cell.project import Project, copy_project
from harness.nodes.clock import FakeClock
from harness.nodes.crew import Crew, MakeCrew, Program
from harness.proc.children import Child, Command
from harness.services.databases import Address
from harness.services.redis import RedisServer
from harness.services.sqlite import copy_database


def crew_maker(plan: Climb, project: Project) -> MakeCrew:
    """What makes the crews of a cell that climbs."""

    def make(
        name: str,
        *,
        database: Path | Address,
        lasting: bool = False,
        fake: bool = False,
        supervised: bool = False,
        variables: Mapping[str, str],
    ) -> Crew:
        # Not beside the cell's own files, of which one may have the same name.
        work = plan.work / "crews" / name
        work.mkdir(parents=True)
        own = database if isinstance(database, Address) else _copied(database, work / "db.sqlite3")
        server = RedisServer(
            plan.redis,
            log=work / "redis.log",
            marker=plan.marker,
            timeout=plan.timeouts["service"],
            lasting=lasting,
        )
        clock = None
        if fake and plan.clock_library is not None:
            clock = FakeClock(work / "clock", library=plan.clock_library, start=time.time())

        def start(
            program: Program, options: Iterable[str], log: Path, additional: Mapping[str, str]
        ) -> Child:
            own_project = replace(
                project,
                source=crew.project if supervised else project.source,
                work=work,
                broker_url=server.url,
                database=own,
                clock_environment=clock.environment if clock else {},
            )
            argv: Mapping[Program, list[str]] = {
                "worker": own_project.worker,
                "beat": own_project.beat,
                "agent": own_project.agent,
                "supervisord": [_supervisor_program("supervisord")],
                "supervisorctl": [_supervisor_program("supervisorctl")],
            }
            return Child(
                Command(
                    argv=[*argv[program], *options],
                    env={**own_project.variables, **additional},
                    cwd=work,
                    log=log,
                    marker=plan.marker,
                    talks=program == "agent",
                )
            )

        crew = Crew(work=work, redis=server, database=own, clock=clock, variables=variables, start=start)
        if supervised:
            # Its configuration names files beside itself.
            copy_project(plan.source, crew.project)
        return crew

    def _copied(source: Path, target: Path) -> Address:
        copy_database(source, target)
        return Address(kind="sqlite", name=str(target))

    def _supervisor_program(name: str) -> str:
        return str((plan.supervisor or Path()) / "bin" / name)

    return make
