import json
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.ci.render import NOTE, Ci, Forge, render
from harness.cli import main
from tests.ci.player import git
from tests.values import MATRIX

CI = Ci(plan="small", shards=3, schedule="5 3 * * *", requirement=None, matrix="matrix.toml", releases=True)
VARIANTS = {
    "ours": CI,
    "theirs": replace(CI, requirement="django-celery-matrix @ file:///somewhere/it's here", releases=False),
    "alone": replace(CI, shards=1, matrix="pyproject.toml"),
}
SCHEMAS = {
    ".github/workflows/matrix.yml": "vendor.github-workflows",
    ".github/actions/harness/action.yml": "vendor.github-actions",
    ".gitlab/matrix.yml": "vendor.gitlab-ci",
}
# That official actions are named by their major version and not by a commit is what most people do.
LINT = ["--ignore", "unpinned-uses", "--shellcheck="]


@pytest.fixture(params=VARIANTS, ids=str)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A repository with the files of both forges."""
    git(tmp_path, "init", "--quiet")
    for forge in Forge:
        for path, text in render(VARIANTS[request.param], forge).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    return tmp_path


def run(*command: str, cwd: Path) -> str:
    """What a linter complains of; nothing when it is content."""
    program = str(Path(sys.executable).with_name(command[0]))
    ended = subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr if ended.returncode else ""


def test_the_forges_accept_the_files(written: Path) -> None:
    for path, schema in SCHEMAS.items():
        assert run("check-jsonschema", "--builtin-schema", schema, path, cwd=written) == ""


@pytest.mark.skipif(not Path(sys.executable).with_name("jactionlint").exists(), reason="no wheel of it here")
def test_the_linter_of_workflows_is_content(written: Path) -> None:
    assert run("jactionlint", *LINT, cwd=written) == ""
    workflow = written / ".github/workflows/matrix.yml"
    workflow.write_text(workflow.read_text().replace("needs: shard", "needs: shards"))
    assert "shards" in run("jactionlint", *LINT, cwd=written)


def test_nothing_is_left_to_fill_in() -> None:
    for ci in VARIANTS.values():
        for forge in Forge:
            for path, text in render(ci, forge).items():
                assert re.findall(r"<\w+>|</", text) == [], path
                assert text.startswith(NOTE), path
                assert text.endswith("\n"), path
                assert "\n\n\n" not in text, path


def test_what_is_asked_for_stands_in_the_files() -> None:
    [workflow, action] = render(CI, Forge.GITHUB).values()
    [template] = render(CI, Forge.GITLAB).values()
    assert "shard: [1, 2, 3]" in workflow
    assert "SHARD: ${{ matrix.shard }}/3" in workflow
    assert 'cron: "5 3 * * *"' in workflow
    assert 'SHARD: ["1/3", "2/3", "3/3"]' in template
    for text in (workflow, template):
        assert "matrix --plan small --shard" in text
        assert "django-celery-matrix update" in text
    for text in (action, template):
        assert "nox -s harness" in text
        assert ".nox/harness/bin" in text


def test_a_requirement_is_installed_as_it_is_written() -> None:
    theirs = VARIANTS["theirs"]
    [workflow, action] = render(theirs, Forge.GITHUB).values()
    [install] = [line for line in action.splitlines() if "pip install" in line]
    assert shlex.split(install)[-1] == theirs.requirement
    assert "update" not in workflow.replace("nox -s update", "")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "matrix.toml").write_text(MATRIX)
    return tmp_path


def ci(repository: Path, *arguments: str) -> int:
    return main(["ci", "--matrix", str(repository / "matrix.toml"), *arguments])


def test_drift_is_told_and_mended(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ci(repository, "github", "--check") == 1
    assert ci(repository, "github", "gitlab") == 0
    assert ci(repository, "github", "gitlab", "--check") == 0
    capsys.readouterr()
    (repository / "matrix.toml").write_text(MATRIX + "\n[ci]\nshards = 2\n")
    assert ci(repository, "github", "gitlab", "--check") == 1
    assert capsys.readouterr().out.splitlines() == [
        ".github/workflows/matrix.yml: is not what matrix.toml says; run `nox -s ci -- github gitlab`",
        ".gitlab/matrix.yml: is not what matrix.toml says; run `nox -s ci -- github gitlab`",
    ]
    assert ci(repository, "github", "gitlab") == 0
    assert ci(repository, "github", "gitlab", "--check") == 0


def test_a_file_of_somebody_else_stays(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = repository / ".gitlab" / "matrix.yml"
    theirs.parent.mkdir()
    theirs.write_text("build: {script: [make]}\n")
    assert ci(repository, "github", "gitlab") == 2
    assert ".gitlab/matrix.yml is there, and was not written by this" in capsys.readouterr().err
    assert not (repository / ".github").exists()
    assert theirs.read_text() == "build: {script: [make]}\n"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("plan = 'smal'", "ci.plan: no plan is called 'smal'; did you mean 'small'?"),
        ("shards = 0", "ci.shards: "),
        ("schedule = 'daily'", "ci.schedule: "),
        ("shard = 2", "ci.shard: no such key; did you mean 'shards'?"),
    ],
)
def test_a_mistake_in_the_table_is_told(
    repository: Path, table: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "matrix.toml").write_text(f"{MATRIX}\n[ci]\n{table}\n")
    assert ci(repository, "github") == 2
    assert told in capsys.readouterr().err


def test_a_plan_that_chooses_while_it_runs_is_not_split(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settling = MATRIX.replace('profiles = ["plain"]', 'profiles = ["plain"]\nsettle-pairs = true')
    (repository / "matrix.toml").write_text(f"{settling}\n[ci]\nplan = {json.dumps('small')}\n")
    assert ci(repository, "github") == 2
    assert "ci.plan: 'small' chooses its cells while it runs" in capsys.readouterr().err
