"""`nox -s ci`: the files that run the matrix in somebody's CI, and the check that they are up to date."""

from collections.abc import Sequence

from rich.console import Console

from harness.ci.render import NOTE, Ci, Forge, render
from harness.commands.files import write
from harness.commands.places import Places
from harness.errors import ExitCode, UsageError
from harness.matrix.config import load_matrix
from harness.matrix.plan import make_plan


def run_ci(forges: Sequence[Forge], *, check: bool, places: Places, console: Console) -> ExitCode:
    """Write the files; with `check`, say which differ and return 1 if any does.

    Raises:
        UsageError: one of them is there and was not written by us, or there is no [ci] and no such plan as
            it would name.
    """
    matrix = load_matrix(places.matrix)
    make_plan(matrix, matrix.ci.plan)
    ci = Ci(
        plan=matrix.ci.plan,
        shards=matrix.ci.shards,
        schedule=matrix.ci.schedule,
        requirement=matrix.ci.requirement,
        matrix=places.matrix.name,
        releases=places.releases.exists(),
    )
    root = places.matrix.parent
    texts = {root / path: text for forge in forges for path, text in render(ci, forge).items()}
    there = {path: path.read_text(encoding="utf-8") for path in texts if path.exists()}
    others = [path.relative_to(root) for path, text in there.items() if not text.startswith(NOTE)]
    if others:
        raise UsageError(
            "\n".join(f"{path} is there, and was not written by this" for path in others),
            hint="move it away, or give it another name",
        )
    stale = [path for path, text in texts.items() if there.get(path) != text]
    for path in stale:
        if not check:
            write(path, texts[path])
        told = f"is not what {ci.matrix} says; run `nox -s ci -- {' '.join(forges)}`" if check else "written"
        console.print(f"{path.relative_to(root)}: {told}", markup=False, soft_wrap=True)
    if not stale:
        console.print("nothing to write: the files are up to date", soft_wrap=True)
    return ExitCode.UNEXPECTED if check and stale else ExitCode.OK
