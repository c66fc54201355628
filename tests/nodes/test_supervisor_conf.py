"""Single options of the project's own supervisord.conf."""

from configparser import NoSectionError, RawConfigParser

import pytest

from harness.cell.project import bundled_project
from harness.nodes.supervisor import BEAT, WORKER
from harness.nodes.supervisor_conf import with_options

ARTICLE = (bundled_project() / "supervisord.conf").read_text(encoding="utf-8")


def options(text: str) -> dict[str, dict[str, str]]:
    parser = RawConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()}


def test_without_options_nothing_changes() -> None:
    assert with_options(ARTICLE, f"program:{WORKER}", {}) == ARTICLE


def test_the_options_named_are_changed_and_no_others() -> None:
    before = options(ARTICLE)
    after = options(with_options(ARTICLE, f"program:{WORKER}", {"stopwaitsecs": "10", "killasgroup": "true"}))
    before[f"program:{WORKER}"].update(stopwaitsecs="10", killasgroup="true")
    assert after == before


def test_a_program_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(NoSectionError):
        with_options(ARTICLE, "program:celery.flower", {"stopwaitsecs": "10"})


def test_the_file_says_what_the_article_says() -> None:
    said = options(ARTICLE)
    worker, beat = said[f"program:{WORKER}"], said[f"program:{BEAT}"]
    assert (worker["startsecs"], worker["stopwaitsecs"]) == ("3", "3")
    assert (beat["startsecs"], beat["stopwaitsecs"]) == ("2", "2")
    assert {"autostart", "autorestart", "redirect_stderr", "stdout_logfile", "directory"} <= set(worker)
