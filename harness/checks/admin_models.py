"""The pages that the admin has of each model of the two packages: list, add, open, filter."""

import re
from collections.abc import Callable, Mapping
from typing import Literal

from harness.checks.visitor import Amiss, Page, Visitor, path_of

Kind = Literal["add", "list", "open", "filter"]
# What is wrong with each kind of page; None where there is nothing to do.
Walk = Mapping[Kind, str | None]

_MODEL = re.compile(r"/admin/(?:django_celery_beat|django_celery_results)/(\w+)/")
_MODELS = "//*[@id = 'content']//a[starts-with(@href, '/admin/django_celery_')]"
_ADD = "//a[contains(@class, 'addlink')]"
# The last choice of every filter, and what the dates of a list lead to; the first choice is "all".
_CHOICES = "//*[@id = 'changelist-filter']//ul/li[last()]/a"
_CHOSEN = "//*[@id = 'changelist-filter']//ul/li[last()][contains(@class, 'selected')]/a"
_DATES = "//*[contains(@class, 'toplinks')]//a[contains(@href, '__')]"


def find_models(index: Page) -> Mapping[str, str]:
    """The paths of the lists that the admin's first page leads to, by model."""
    paths = map(path_of, index.links(_MODELS))
    return {found[1]: found[0] for path in paths if (found := _MODEL.fullmatch(path))}


def walk(visitor: Visitor, model: str, path: str, values: Mapping[str, str] | None) -> Walk:
    """Add a row of these values, if there are any, and see the list, the row, and each filter."""
    added = _amiss(lambda: add(visitor, model, path, values))
    page = visitor.open(path)
    return {
        "add": added,
        "list": _amiss(page.must_be_there),
        "open": _amiss(lambda: _open(visitor, model, page)),
        "filter": _amiss(lambda: _filter(visitor, page)),
    }


def add(visitor: Visitor, model: str, path: str, values: Mapping[str, object] | None) -> None:
    """Add a row by the form; without values, open the form only.

    Raises:
        Amiss: the form cannot be opened, or is refused.
    """
    page = visitor.open(f"{path}add/")
    form = page.form(f"{model}_form")
    if values is not None:
        visitor.send(page, form, "_save", **values).must_say_done()


def find_row(page: Page, name: str) -> Mapping[str, str]:
    """The row of a list of what has a name; some versions show more than the name in the same place.

    Raises:
        Amiss: there is none.
    """
    for row in page.must_be_there().rows():
        if any(text.startswith(name) for text in row.values()):
            return row
    raise Amiss(f"the list does not show {name!r}")


def _amiss(look: Callable[[], object]) -> str | None:
    """What is wrong, empty when nothing is, None where there is nothing to do."""
    try:
        look()
    except _NothingThere:
        return None
    except Amiss as amiss:
        return amiss.told
    return ""


class _NothingThere(Exception):
    """A model has no row, or its list no filter."""


def _open(visitor: Visitor, model: str, page: Page) -> None:
    rows = page.rows()
    if not rows:
        raise _NothingThere
    visitor.open(rows[0]["href"]).form(f"{model}_form")


def _filter(visitor: Visitor, page: Page) -> None:
    """Choose each filter's last choice, and one of the dates that are offered."""
    choices, dates = page.links(_CHOICES), page.links(_DATES)
    if not choices and not dates:
        raise _NothingThere
    for link in choices:
        # Django leads back to the whole list what it cannot look up.
        if link not in visitor.open(link).must_be_there().links(_CHOSEN):
            raise Amiss(f"the filter {link.partition('?')[2]} is not taken")
    for link in dates[:1]:
        visitor.open(link).must_be_there()
