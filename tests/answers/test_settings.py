from collections.abc import Mapping

import pytest

from harness.answers.settings import Settings, parse_words, read_module, with_defaults


def module(files: Mapping[str, str] | str) -> Settings:
    texts = {"site/settings.py": files} if isinstance(files, str) else files

    def read(path: str) -> str:
        if path not in texts:
            raise FileNotFoundError(2, "No such file or directory", path)
        return texts[path]

    return read_module(next(iter(texts)), read)


def test_literals_are_read_and_names_that_stand_for_them() -> None:
    settings = module(
        'USE_TZ = False\nZONE: str = "Asia/Shanghai"\nTIME_ZONE = CELERY_TIMEZONE = ZONE\n'
        "CELERY_ENABLE_UTC = False\n"
        'DATABASES = {"default": {"ENGINE": "django.db.backends.mysql", "NAME": f()}}\n'
    )
    assert settings.values == {
        "USE_TZ": False,
        "TIME_ZONE": "Asia/Shanghai",
        "CELERY_TIMEZONE": "Asia/Shanghai",
        "CELERY_ENABLE_UTC": False,
    }
    assert (settings.database, settings.unread) == ("mariadb", {})


def test_what_is_computed_or_set_under_a_condition_is_told_as_unread() -> None:
    settings = module(
        'import os\nUSE_TZ = True\nTIME_ZONE = os.environ["TZ"]\nif DEBUG:\n    USE_TZ = False\n'
        'DATABASES = {}\nDATABASES["default"] = 1\ndef f():\n    CELERY_TIMEZONE = 1\n'
    )
    assert settings.values == {}
    assert settings.unread == {
        "TIME_ZONE": "site/settings.py, line 3: it is computed: os.environ['TZ']",
        "USE_TZ": "site/settings.py, line 5: it is set under a condition",
        "DATABASES": "site/settings.py, line 7: it is set in parts",
    }


def test_the_last_word_counts() -> None:
    settings = module("USE_TZ = f()\nUSE_TZ = True\n")
    assert (settings.values, settings.unread) == ({"USE_TZ": True}, {})


def test_what_stands_beside_and_above_is_read_where_it_is_taken() -> None:
    settings = module(
        {
            "site/settings/prod.py": "USE_TZ = True\nfrom .base import *\nfrom ..common import *\n",
            "site/settings/base.py": "USE_TZ = False\nTIME_ZONE = 'UTC'\n",
            "site/common/__init__.py": "TIME_ZONE = 'Asia/Tokyo'\nfrom ..settings.prod import *\n",
        }
    )
    assert settings.values == {"USE_TZ": False, "TIME_ZONE": "Asia/Tokyo"}


def test_what_cannot_be_followed_is_noted() -> None:
    settings = module("from .gone import *\nfrom split_settings import *\n")
    assert settings.notes == (
        "site/settings.py, line 1: site/gone.py is not there",
        "site/settings.py, line 2: what split_settings sets is not read",
    )


def test_a_name_that_nobody_reads_is_noted_with_the_one_that_counts() -> None:
    [note] = module("CELERY_DJANGO_CELERY_BEAT_TZ_AWARE = False\n").notes
    assert note.endswith("the name is DJANGO_CELERY_BEAT_TZ_AWARE")


def test_values_without_sense_are_no_values() -> None:
    settings = module("USE_TZ = 'yes'\nTIME_ZONE = 'Asia/Peking'\nCELERY_TIMEZONE = None\n")
    assert settings.values == {"CELERY_TIMEZONE": ""}
    assert set(settings.unread) == {"USE_TZ", "TIME_ZONE"}


def test_words_give_settings_and_every_mistake_at_once() -> None:
    given, mistakes = parse_words(
        ["USE_TZ=false", "TIME_ZONE=Asia/Tokyo", "CELERY_TIMEZONE=", "database=mysql"]
    )
    assert given == {"USE_TZ": False, "TIME_ZONE": "Asia/Tokyo", "CELERY_TIMEZONE": "", "database": "mysql"}
    assert mistakes == ()
    _, mistakes = parse_words(
        ["USE_TX=False", "USE_TZ=maybe", "TIME_ZONE=Asia/Tokio", "database=oracle", "="]
    )
    assert [mistake.partition(": ")[0] for mistake in mistakes] == [
        "'USE_TX=False'",
        "'USE_TZ=maybe'",
        "'TIME_ZONE=Asia/Tokio'",
        "'database=oracle'",
        "'='",
    ]
    assert "did you mean 'USE_TZ'?" in mistakes[0]
    assert "did you mean 'Asia/Tokyo'?" in mistakes[2]


@pytest.mark.parametrize(("django", "aware"), [("4.2", False), ("5.0", True), ("6.1.3", True)])
def test_what_nobody_sets_has_its_default(django: str, aware: bool) -> None:  # noqa: FBT001 - a row's value
    settings = with_defaults(Settings(values={}), {}, django)
    assert settings.values == {
        "TIME_ZONE": "America/Chicago",
        "CELERY_ENABLE_UTC": True,
        "CELERY_TIMEZONE": "",
        "DJANGO_CELERY_BEAT_TZ_AWARE": True,
        "USE_TZ": aware,
    }
    assert set(settings.assumed) == set(settings.values)
    assert settings.complete


def test_words_come_before_the_module_and_an_unread_setting_has_no_default() -> None:
    read = module("USE_TZ = True\nTIME_ZONE = f()\nCELERY_ENABLE_UTC = g()\n")
    settings = with_defaults(read, {"USE_TZ": False, "TIME_ZONE": "UTC", "database": "postgresql"}, None)
    assert (settings.values["USE_TZ"], settings.values["TIME_ZONE"]) == (False, "UTC")
    assert settings.database == "postgresql"
    assert set(settings.unread) == {"CELERY_ENABLE_UTC"}
    assert not settings.complete
