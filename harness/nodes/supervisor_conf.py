"""Changing single options of a supervisord.conf. Pure."""

from collections.abc import Mapping
from configparser import RawConfigParser
from io import StringIO


def with_options(text: str, section: str, options: Mapping[str, str]) -> str:
    """The same configuration with some options of a section put in place of its own; comments go.

    Raises:
        configparser.NoSectionError: there is no such section.
    """
    if not options:
        return text
    parser = RawConfigParser(delimiters=("=",), inline_comment_prefixes=(";",))
    parser.read_string(text)
    for option, value in options.items():
        parser.set(section, option, value)
    changed = StringIO()
    parser.write(changed, space_around_delimiters=False)
    return changed.getvalue()
