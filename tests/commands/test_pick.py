"""On a small site with records of its own, and a matrix.toml like the real one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from rich.console import Console

from harness.answers.pick import Prefer
from harness.cli import main
from harness.commands.pick import run_pick
from harness.commands.pick_asked import PickOptions
from harness.commands.places import Places
from harness.errors import ExitCode, UsageError
from harness.model import CellResult
from harness.records.store import RunWriter, run_path
from harness.report.pick.view import PickView
from tests import values
from tests.answers.world import MISSING, NEW, OLD, cell

ROOT = Path(__file__).parents[2]
BETWEEN = {**OLD, "celery": NEW["celery"], "redis": NEW["redis"]}
FILE = "".join(f"{axis}=={version}\n" for axis, version in OLD.items())

Pick = Callable[..., tuple[ExitCode, dict[str, Any]]]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    for name in ("matrix.toml", "releases.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return Places(matrix=tmp_path / "matrix.toml", state=tmp_path / "state", reports=tmp_path / "reports")


@pytest.fixture
def picked(places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Pick:
    def picked(*results: CellResult, **options: Any) -> tuple[ExitCode, dict[str, Any]]:  # noqa: ANN401 - any of its options
        path = run_path(places.records, values.HEADER.run)
        path.unlink(missing_ok=True)
        writer = RunWriter(path)
        writer.append(values.HEADER)
        for result in results:
            writer.append(result)
        chosen = PickOptions(folder=tmp_path, verify=False, as_json=True, **options)
        code = run_pick(chosen, places, Console(width=200))
        said = capsys.readouterr().out
        TypeAdapter(PickView).validate_json(said)
        return code, json.loads(said)

    return picked


def test_the_best_that_is_known_is_told_with_what_shows_it(picked: Pick) -> None:
    code, told = picked(cell(OLD), cell(NEW), words=("python==3.12",))
    assert code is ExitCode.OK
    first, second = told["choices"]
    assert first["pins"] == NEW
    assert first["lock"] == [
        f"{axis}=={version}" for axis, version in sorted(NEW.items(), key=lambda pin: f"{pin[0]}==")
    ]
    assert first["witness"]["cell"] == cell(NEW).cell
    assert first["witness"]["run"] == values.RESULT.run
    assert second["trades"][0].startswith("Django 4.2.11, Celery 5.3.6, beat 2.6.0")
    [warning] = told["warnings"]
    assert warning.startswith("nobody has lived through days with this series of django-celery-beat")


def test_what_is_not_known_has_no_pins_but_reasons_and_what_is_near(picked: Pick) -> None:
    code, told = picked(cell(OLD), cell(NEW, fails=MISSING), words=("django==5.2", "redis>=6"))
    assert (code, told["choices"]) == (ExitCode.UNEXPECTED, [])
    assert told["obstacles"][0]["cell"] == cell(NEW).cell
    assert told["readings"] == ["django==5.2 is read as django==5.2.*"]
    code, told = picked(cell(OLD), cell(NEW, fails=MISSING), words=("django==5.2", "python==3.12"))
    assert [(each["instead"], each["choice"]["pins"]["django"]) for each in told["relaxed"]] == [
        ("without django==5.2.*", "4.2.11")
    ]


def test_the_newest_record_counts_whatever_versions_an_older_one_of_its_cell_had(picked: Pick) -> None:
    before = cell(NEW, name="mine")
    after = cell(OLD, name="mine", started="2026-08-02T10:00:00Z")
    assert picked(before, after, words=("django==5.2",))[0] is ExitCode.UNEXPECTED
    assert picked(before, after, words=("django==4.2",))[0] is ExitCode.OK


def test_another_records_failure_is_seen_although_most_records_are_not_read(picked: Pick) -> None:
    again = cell(NEW, name="again", fails=MISSING, started="2026-08-02T10:00:00Z")
    code, told = picked(cell(NEW), again, cell(OLD), words=("django==5.2",))
    assert code is ExitCode.UNEXPECTED
    assert any("worked on 2026-08-01" in each["words"] for each in told["obstacles"])


def test_settings_that_were_not_measured_are_told_first(picked: Pick) -> None:
    _, told = picked(cell(NEW), settings=("USE_TZ=False",), database="mariadb")
    assert told["settings"]["USE_TZ"] is False
    otherwise = "USE_TZ True instead of False, sqlite instead of mariadb"
    assert told["warnings"][-1] == f"this was not measured as you have it, but with {otherwise}"


def test_a_path_goes_over_what_works(picked: Pick, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(FILE, encoding="utf-8")
    code, told = picked(
        *map(cell, (OLD, BETWEEN, NEW)),
        origin="requirements.txt",
        to=("django==5.2",),
        write="constraints.txt",
    )
    assert code is ExitCode.OK
    assert [list(step["changes"]) for step in told["path"]["steps"]] == [
        ["celery", "redis"],
        ["django", "django-celery-beat"],
    ]
    assert "django==5.2.1" in (tmp_path / "constraints.txt").read_text(encoding="utf-8")


def test_a_path_from_what_fails_says_so(picked: Pick, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(FILE, encoding="utf-8")
    _, told = picked(cell(OLD, fails=MISSING), cell(NEW), origin="requirements.txt", to=("django==5.2",))
    failed = f"worker:missing-module:packaging ({cell(OLD).cell})"
    assert told["path"]["unknown"] == [f"what you have was seen to fail, installed on 2026-08-01: {failed}"]


def test_a_file_of_the_users_is_not_written_over(picked: Pick, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("mine\n", encoding="utf-8")
    with pytest.raises(UsageError, match="was not picked"):
        picked(cell(NEW), write="requirements.txt")
    assert file.read_text(encoding="utf-8") == "mine\n"
    picked(cell(OLD), write="constraints.txt")
    picked(cell(NEW), write="constraints.txt")
    assert "django==5.2.1" in (tmp_path / "constraints.txt").read_text(encoding="utf-8")


def test_what_is_written_into_a_project_is_for_its_pythons(picked: Pick, tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    before = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.13"\n'
    file.write_text(before, encoding="utf-8")
    code, told = picked(cell(NEW), write="pyproject")
    assert code is ExitCode.UNEXPECTED
    assert "pyproject.toml is for Python >=3.13" in told["readings"]
    assert file.read_text(encoding="utf-8") == before
    file.write_text(before.replace("3.13", "3.12"), encoding="utf-8")
    assert picked(cell(NEW), write="pyproject")[0] is ExitCode.OK
    assert '"django==5.2.1"' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"to": ("django==5.2",)}, "go together"),
        ({"prefer": Prefer.NEAREST}, "nearest to what"),
        ({"hashes": True}, "is for a file"),
        ({"hashes": True, "write": "pyproject"}, "no hashes"),
        ({"settings": ("USE_TX=False",)}, "USE_TZ"),
    ],
)
def test_what_does_not_go_together_is_a_mistake(picked: Pick, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        picked(cell(NEW), **options)


def test_a_settings_module_is_read_and_how_it_was_read_is_said(picked: Pick, tmp_path: Path) -> None:
    folder = tmp_path / "mysite"
    folder.mkdir()
    module = "USE_TZ = False\nTIME_ZONE = 'Asia/Shanghai'\nDATABASES = {'default': {'ENGINE': 'x.mysql'}}\n"
    (folder / "settings.py").write_text(module, encoding="utf-8")
    for named in ("mysite/settings.py", "mysite.settings"):
        _, told = picked(cell(NEW), settings=(named, "CELERY_ENABLE_UTC=False"))
        assert (told["settings"]["USE_TZ"], told["settings"]["TIME_ZONE"]) == (False, "Asia/Shanghai")
        assert told["settings"]["CELERY_ENABLE_UTC"] is False
        assert told["database"] == "mariadb"
        assert told["readings"][0].startswith("mysite/settings.py is read as USE_TZ=False, TIME_ZONE=Asia/")
    assert picked(cell(NEW), settings=("mysite.settings",), database="sqlite")[1]["database"] == "sqlite"


def test_what_a_settings_module_computes_has_to_be_said(picked: Pick, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text("import os\nUSE_TZ = os.environ['TZ'] == '1'\n", encoding="utf-8")
    with pytest.raises(UsageError, match="USE_TZ") as error:
        picked(cell(NEW), settings=("settings.py",))
    assert error.value.hint == "say it as words: --settings settings.py USE_TZ=..."
    assert picked(cell(NEW), settings=("settings.py", "USE_TZ=False"))[1]["settings"]["USE_TZ"] is False


def test_a_demand_may_follow_settings(capsys: pytest.CaptureFixture[str]) -> None:
    places = ["--matrix", str(ROOT / "matrix.toml"), "--reports", str(ROOT / "reports")]
    main(
        ["pick", "--no-verify", *places, "--json", "--settings", "USE_TZ=False", "django==4.2.*", "redis>=5"]
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["asked"], told["settings"]["USE_TZ"]) == (["django==4.2.*", "redis>=5"], False)
