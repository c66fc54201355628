"""Run the checks of one cell on an environment that somebody else made: `run_checks.py SPEC ENVIRONMENT`.

SPEC is a pickled Climb; ENVIRONMENT takes the place of its environment.
"""

import pickle
import sys
from dataclasses import replace
from pathlib import Path

from harness.cell.ladder import climb
from harness.checks.events import CheckEnded, StageEnded
from harness.model import Status
from harness.proc.sweep import sweep


def main() -> int:
    """Climb once; 1 when a rung did not hold or a check without a caveat failed."""
    plan = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - our own file
    plan = replace(plan, environment=Path(sys.argv[2]))
    failed: list[str] = []

    def note(event: object) -> None:
        if isinstance(event, StageEnded) and event.evidence:
            failed.append(f"{event.stage}: {event.evidence.splitlines()[-1]}")
        elif isinstance(event, CheckEnded):
            print(f"{event.stage}:{event.id} {event.status} {event.message}", flush=True)
            if event.status is Status.FAILED and not event.caveat:
                failed.append(event.id)

    try:
        climb(plan, note)
    finally:
        sweep(plan.marker)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
