"""The files as a runner plays them, for a project that is not ours and installs this package from a path."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.gate.baseline import format_baseline, parse_baseline
from harness.nodes.clock import find_clock_library
from tests.ci.player import Ended, Forge, GithubJob, GitlabJob, git
from tests.mini.sites import PYTHON

pytestmark = pytest.mark.long

OURS = Path(__file__).parents[2]
CELLS = ["deployed@startproject", "next@startproject"]
# Two cells, whose caveats are known: the whole of what such a project writes.
SHOP = f"""\
[project]
name = "shop"

[tool.django-celery-matrix.stacks.deployed]
reason = "what we deploy"
python = "{PYTHON}"
django = "5.2.12"
celery = "5.6.3"
django-celery-beat = "2.9.0"
django-celery-results = "2.6.0"
redis = "7.4.0"
resolution = "era"
as-of = 2026-05-02

[[tool.django-celery-matrix.expectations]]
cells = ["*"]
signature = "*:check:*"
reason = "caveats that we can do without"
link = "https://example.org/1"
expires = 2099-01-01

[tool.django-celery-matrix.stacks.next]
reason = "what we deploy next: the same, so that one environment is enough"
like = "deployed"

[tool.django-celery-matrix.ci]
shards = 2
requirement = {json.dumps(str(OURS))}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Somebody's repository, with what `django-celery-matrix ci` wrote into it."""
    folder = tmp_path / "shop.git"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(SHOP)
    (folder / ".gitignore").write_text("/.harness/\n/reports/*\n!/reports/baseline.*\n")
    assert main(["ci", "--matrix", str(folder / "pyproject.toml"), "github", "gitlab"], by_name=True) == 0
    return committed(folder)


def committed(folder: Path) -> Path:
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "all there is")
    return folder


def assert_one_run_of_all_cells(merged: Ended) -> None:
    report = json.loads((merged.workspace / "reports" / "default.json").read_text(encoding="utf-8"))
    assert {row["cell"]: row["verdict"] for row in report["rows"]} == dict.fromkeys(
        CELLS, "works with caveats"
    )
    [records] = (merged.workspace / "reports" / "runs").iterdir()
    kinds = [json.loads(line)["kind"] for line in records.read_text(encoding="utf-8").splitlines()]
    assert kinds == ["header", "result", "result", "footer"]


@pytest.mark.live
@pytest.mark.skipif(find_clock_library() is None, reason="without a clock that jumps a cell takes minutes")
def test_shards_are_run_and_merged(shop: Path, tmp_path: Path) -> None:
    forge = Forge(repository=shop, folder=tmp_path / "github")
    shards = [GithubJob(forge, "shard", {"shard": number}).play() for number in (1, 2)]
    assert [shard.code for shard in shards] == [0, 0], [shard.output for shard in shards]
    merged = GithubJob(forge, "merge").play()
    assert merged.code == 0, merged.output
    assert_one_run_of_all_cells(merged)
    summary = (merged.workspace.parent / "summary").read_text(encoding="utf-8")
    assert "2 of 2 cells of the plan default, of 2 runs" in summary
    assert "Every cell is as expected." in summary
    # The same shards from another forge's hands.
    lab = Forge(repository=shop, folder=tmp_path / "gitlab")
    for number in (1, 2):
        kept = lab.artifacts / f"matrix-shard-{number}-2" / "reports" / "shards"
        shutil.copytree(forge.artifacts / f"shard-{number}", kept)
    programs = merged.workspace / ".harness" / "venv" / "bin"
    joined = GitlabJob(lab, "matrix:merge", path=[programs], prepared=True).play()
    assert joined.code == 0, joined.output
    assert_one_run_of_all_cells(joined)
    shutil.rmtree(lab.artifacts / "matrix-shard-2-2")
    lacking = GitlabJob(lab, "matrix:merge", {"again": "1"}, path=[programs], prepared=True).play()
    assert lacking.code == 3, lacking.output
    assert "missing, for none of these runs was to have them: 1 cell: " in lacking.output
    assert_a_baseline_judges(shop, forge, merged)


def assert_a_baseline_judges(shop: Path, forge: Forge, merged: Ended) -> None:
    """The same shards, once what was merged is accepted, and once it is accepted for one cell only."""
    program = merged.workspace / ".harness" / "venv" / "bin" / "django-celery-matrix"
    subprocess.run([program, "baseline", "--plan", "default"], cwd=merged.workspace, check=True)
    baseline = shop / "reports" / "baseline.jsonl"
    baseline.parent.mkdir()
    shutil.copy(merged.workspace / "reports" / "baseline.locks.json", baseline.parent)
    locks = (baseline.parent / "baseline.locks.json").read_text(encoding="utf-8")
    accepted = (merged.workspace / "reports" / "baseline.jsonl").read_text(encoding="utf-8")
    # A check that never passed fails with the baseline's own lock, too: drift.
    for name, text, code in (("all", accepted, 0), ("one", one_failure_less(accepted, locks), 4)):
        baseline.write_text(text, encoding="utf-8")
        git(shop, "add", "--all")
        git(shop, "commit", "--quiet", "--message", name)
        # A runner's machine is new each time; what its shards left stays.
        judged = Forge(repository=shop, folder=forge.folder.parent / name)
        shutil.copytree(forge.artifacts, judged.artifacts)
        ended = GithubJob(judged, "merge").play()
        assert ended.code == code, ended.output
        told = json.loads((ended.workspace / "reports" / "gate" / "gate.json").read_text(encoding="utf-8"))
        assert (told["exit_code"], len(told["rows"])) == (code, 2)


def one_failure_less(baseline: str, locks: str) -> str:
    """A baseline whose first cell passed a check that it fails."""
    accepted = parse_baseline(baseline, locks, name="baseline.jsonl", locks_name="baseline.locks.json")
    first, *_ = accepted.entries
    entry = accepted.entries[first]
    check = min(entry.failed)
    failed = {name: signature for name, signature in entry.failed.items() if name != check}
    changed = replace(entry, failed=failed, passed=entry.passed | {check})
    return format_baseline(replace(accepted, entries={**accepted.entries, first: changed}))


# What stands in for the program in the jobs that are about what is around it.
PROGRAM = """\
#!/bin/sh
echo "$*" >> "$HOME/called"
case "$1" in
    update) test ! -e "$NEWS" || cat "$NEWS" >> matrix.toml ;;
    matrix) mkdir -p reports/shards/one; exit {code} ;;
esac
"""
GH = """\
#!/bin/sh
echo "$*" >> "$HOME/gh"
case "$1 $2" in "pr list") echo "{opened}" ;; esac
"""


def programs(folder: Path, *, code: int = 0, opened: str = "") -> Path:
    """A folder of programs: ours, and GitHub's."""
    folder.mkdir()
    for name, text in {"django-celery-matrix": PROGRAM, "gh": GH}.items():
        (folder / name).write_text(text.replace("{code}", str(code)).replace("{opened}", opened))
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A repository that keeps releases, as the forge has it: others push to it."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "matrix.toml").write_text(SHOP.replace("tool.django-celery-matrix.", ""))
    text = (work / "matrix.toml").read_text().replace('[project]\nname = "shop"\n', "")
    (work / "matrix.toml").write_text(text)
    (work / "releases.json").write_text("{}\n")
    assert main(["ci", "--matrix", str(work / "matrix.toml"), "github", "gitlab"]) == 0
    return committed(work)


ACTION = frozenset({"./.github/actions/harness"})


def branches(repository: Path) -> list[str]:
    return git(repository, "branch", "--format", "%(refname:short)").split()


def play_update(kept: Path, tmp_path: Path, name: str, *, news: bool, opened: str = "") -> Ended:
    """GitHub's scheduled job, where the index has news or none, and a difference may be open already."""
    path = programs(tmp_path / f"{name}-programs", opened=opened)
    (path / "django-celery-matrix").write_text(
        PROGRAM.replace("$NEWS", str(path / "news")).replace("{code}", "0")
    )
    if news:
        (path / "news").write_text(f"# {name}\n")
    forge = Forge(repository=kept, folder=tmp_path / name, event="schedule")
    return GithubJob(forge, "update", path=[path], given=ACTION).play()


def test_github_opens_the_difference_once(kept: Path, tmp_path: Path) -> None:
    ended = play_update(kept, tmp_path, "nothing", news=False)
    assert (ended.code, branches(kept)) == (0, ["main"])
    ended = play_update(kept, tmp_path, "news", news=True)
    assert ended.code == 0, ended.output
    assert branches(kept) == ["main", "matrix-update"]
    assert git(kept, "diff", "--name-only", "main", "matrix-update").split() == ["matrix.toml"]
    assert "pr create --head matrix-update" in (ended.workspace.parent / "gh").read_text()
    ended = play_update(kept, tmp_path, "more", news=True, opened="7")
    assert ended.code == 0, ended.output
    assert "# more" in git(kept, "show", "matrix-update:matrix.toml")
    assert "pr create" not in (ended.workspace.parent / "gh").read_text()


def test_gitlab_opens_the_difference(kept: Path, tmp_path: Path) -> None:
    git(kept, "config", "receive.advertisePushOptions", "true")
    hook = kept / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\necho "$GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1" > pushed\n')
    hook.chmod(0o755)
    path = programs(tmp_path / "programs")
    (path / "django-celery-matrix").write_text(PROGRAM.replace("$NEWS", str(path / "news")))
    (path / "news").write_text("# news\n")
    variables = {
        "UPDATE_TOKEN": "t",
        "CI_DEFAULT_BRANCH": "main",
        "CI_SERVER_HOST": "gitlab.example",
        "CI_PROJECT_PATH": "shop",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{kept}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://oauth2:t@gitlab.example/shop.git",
    }
    ended = GitlabJob(
        Forge(repository=kept, folder=tmp_path / "lab"),
        "matrix:update",
        {"part": "1"},
        path=[path],
        prepared=True,
    )
    ended._variables = variables
    played = ended.play()
    assert played.code == 0, played.output
    assert "# news" in git(kept, "show", "matrix-update:matrix.toml")
    assert (kept / ".git" / "pushed").read_text() == "merge_request.create merge_request.target=main\n"


@pytest.mark.parametrize(("code", "job"), [(0, 0), (1, 0), (2, 1), (3, 1), (130, 1)])
def test_a_cell_that_is_not_as_expected_does_not_fail_its_shard(
    kept: Path, tmp_path: Path, code: int, job: int
) -> None:
    path = programs(tmp_path / "programs", code=code)
    forge = Forge(repository=kept, folder=tmp_path / "hub")
    ended = GithubJob(forge, "shard", {"shard": 2}, path=[path], given=ACTION).play()
    assert bool(ended.code) == bool(job)
    # What it has is handed on all the same.
    assert (forge.artifacts / "shard-2" / "one").is_dir()
    assert (ended.workspace.parent / "called").read_text() == "matrix --plan default --shard 2/2\n"
    lab = GitlabJob(forge, "matrix:shard", {"SHARD": "2/2"}, path=[path], prepared=True).play()
    assert bool(lab.code) == bool(job)
    assert (forge.artifacts / "matrix-shard-2-2" / "reports" / "shards" / "one").is_dir()
