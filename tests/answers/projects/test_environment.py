from pathlib import Path

import pytest

from harness.answers.projects.environment import read_environment
from harness.answers.projects.read import read_project
from harness.errors import ProjectError, UsageError


def made(folder: Path, *names: str, configuration: str = "version = 3.9.18\n") -> Path:
    packages = folder / "lib" / "python3.9" / "site-packages"
    packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(configuration)
    for name in names:
        info = packages / f"{name.replace('-', '_')}.dist-info"
        info.mkdir()
        title, _, version = name.partition("-")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {title}\nVersion: {version}\n")
    return folder


def test_what_is_installed_and_the_python_it_is_for(tmp_path: Path) -> None:
    project, mistakes = read_environment(made(tmp_path / "env", "Django-2.2.28", "celery-4.4.2"), "env")
    assert not mistakes
    assert {name: each.pin for name, each in project.on("3.9").items()} == {
        "django": "2.2.28",
        "celery": "4.4.2",
    }
    assert (project.python, project.complete) == ("==3.9.*", True)
    assert project.python_place.endswith("pyvenv.cfg")


def test_without_a_word_the_folders_name_tells_the_python(tmp_path: Path) -> None:
    project, _ = read_environment(made(tmp_path / "env", "celery-4.4.2", configuration="home = x\n"), "env")
    assert project.python == "==3.9.*"


def test_an_empty_or_broken_environment_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="nothing is installed in it"):
        read_project("empty", made(tmp_path / "empty").parent)
    broken = made(tmp_path / "broken", "celery-4.4.2")
    (broken / "lib/python3.9/site-packages/celery_4.4.2.dist-info/METADATA").write_text("\n")
    with pytest.raises(ProjectError, match="without name and version"):
        read_project("broken", tmp_path)


def test_a_folder_that_is_none_tells_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").touch()
    (tmp_path / "requirements-dev.txt").touch()
    with pytest.raises(UsageError, match=r"no virtual environment; it has requirements-dev.txt, uv.lock"):
        read_project(".", tmp_path)
