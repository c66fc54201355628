import pytest

from harness.cli import main
from harness.commands.called import by_name


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("nox -s matrix -- --list", "django-celery-matrix matrix --list"),
        ("`nox -s report`", "`django-celery-matrix report`"),
        ("(nox -s doctor)", "(django-celery-matrix doctor)"),
        ("usage: nox -s merge -- [-h]", "usage: django-celery-matrix merge [-h]"),
        ('nox -s "cell(django-4.2)"', "django-celery-matrix matrix --select 'django-4.2@*'"),
        ("nox -s fleet-worker -- URL", "django-celery-matrix fleet-worker URL"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_what_is_said_of_nox_is_told_of_the_program(said: str, told: str) -> None:
    assert by_name(said) == told


@pytest.mark.parametrize(
    "arguments", [["--help"], ["matrix", "--help"], ["merge"], ["matrix", "--jobs", "0"]]
)
def test_no_help_and_no_complaint_speaks_of_nox(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments, by_name=True)
    said = "".join(capsys.readouterr())
    assert "django-celery-matrix" in said
    assert "nox" not in said


def test_no_hint_speaks_of_nox(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(str(tmp_path))
    assert main(["update"], by_name=True) == 2
    assert main(["matrix", "--plan", "x", "--list"], by_name=True) == 2
    assert "nox" not in capsys.readouterr().err
