"""All facts there are, from the records' sheets; the records themselves are read if somebody asks."""

from collections.abc import Iterable

from harness.answers.facts import Facts, make_facts, with_python
from harness.commands.places import Places
from harness.records.shelf import open_shelf


def load_facts(axes: Iterable[str], places: Places) -> Facts:
    """The facts of all records as they are now; `axes` are matrix.toml's."""
    shelf, every = open_shelf(places.records, places.cache), with_python(axes)
    return make_facts(shelf.entries(every), every, shelf.read, shelf.read_whole)
