"""requirements.txt as pip reads it: continued lines, comments, options, `-r` and `-c`, hashes. Pure.

pip's documentation of the format is the source: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

from harness.answers.projects.project import Demand, Project

# What gives a file's text by its path. It raises OSError or UnicodeDecodeError.
Read = Callable[[str], str]

_COMMENT = re.compile(r"(^|\s)#.*$")
_PER_REQUIREMENT = re.compile(r"\s--(hash|config-settings|global-option)[= ].*$")
_INCLUDE = re.compile(r"(?:-(?P<short>[rc])\s*|--(?P<long>requirement|constraint)[ =]\s*)(?P<path>\S.*)")
_EDITABLE = re.compile(r"(-e|--editable)[ =].*")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_NAMES_INDEX = re.compile(
    r"(-i|-f|--index-url|--extra-index-url|--no-index|--find-links|--no-binary|--only-binary|--prefer-binary"
    r"|--require-hashes|--pre|--trusted-host|--use-feature)\b.*"
)
_URL = re.compile(r"[a-z][a-z+]*://|git\+|\.{1,2}/|/")
# What pip-compile and uv write into the head of the file that they make.
_MADE_FOR = re.compile(r"^#.*?(?:with [Pp]ython |--python-version[ =]|--python[ =])(\d+\.\d+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """What has been read so far; `mistakes` are of all files."""

    read: Read
    demands: list[Demand] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def parse_requirements(path: str, read: Read) -> tuple[Project, tuple[str, ...]]:
    """What a requirements file and all that it includes ask for; and every mistake, with its file and line.

    What is wrong is left out of the project. `read` is asked for the file itself, too.
    """
    reading = _Reading(read=read)
    text = _read_file(path, reading, limits=False, place="")
    made_for = _MADE_FOR.search(text)
    project = Project(
        file=path,
        demands=tuple(reading.demands),
        python=f"=={made_for[1]}.*" if made_for else "",
        python_place=f"{path}, the comment at its head" if made_for else "",
        unread=tuple(reading.unread),
    )
    return project, tuple(reading.mistakes)


def _read_file(path: str, reading: _Reading, *, limits: bool, place: str) -> str:
    if path in reading.seen:
        return ""  # it includes itself, or is included twice: once is enough
    reading.seen.add(path)
    try:
        text = reading.read(path)
    except (OSError, UnicodeDecodeError) as error:
        where = f"{place}: " if place else ""
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        reading.mistakes.append(f"{where}{path} cannot be read: {why}")
        return ""
    for number, line in _logical_lines(text):
        _read_line(line, path, number, reading, limits=limits)
    return text


def _read_line(line: str, path: str, number: int, reading: _Reading, *, limits: bool) -> None:
    place = f"{path}, line {number}"
    include = _INCLUDE.fullmatch(line)
    if include is not None:
        _include(include, path, place, reading, limits=limits)
    elif _EDITABLE.fullmatch(line) or _URL.match(line):
        egg = _EGG.search(line)
        if egg is not None:  # the one way to tell which distribution it is
            reading.demands.append(Demand(name=canonicalize_name(egg[1]), place=place, limits=limits))
        reading.unread.append(f"{place}: {line}")
    elif line.startswith("-"):
        if not _NAMES_INDEX.fullmatch(line):
            reading.mistakes.append(f"{place}: pip knows no such option: {line}")
    else:
        _read_requirement(line, place, reading, limits=limits)


def _include(include: re.Match[str], path: str, place: str, reading: _Reading, *, limits: bool) -> None:
    target = include["path"].strip()
    if "://" in target:
        reading.mistakes.append(f"{place}: {target} is not on this machine; save it beside the file")
        return
    constrains = include["short"] == "c" or include["long"] == "constraint"
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    _read_file(target, reading, limits=limits or constrains, place=place)


def _read_requirement(line: str, place: str, reading: _Reading, *, limits: bool) -> None:
    text = _PER_REQUIREMENT.sub("", line).strip()
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        [said, *_] = str(error).splitlines()
        reading.mistakes.append(f"{place}: {text!r} is no requirement: {said[0].lower()}{said[1:]}")
        return
    reading.demands.append(demand_of(requirement, place=place, limits=limits))


def demand_of(requirement: Requirement, *, place: str, limits: bool = False) -> Demand:
    """A requirement (PEP 508) as a demand; the file that a URL names tells the version."""
    return Demand(
        name=canonicalize_name(requirement.name),
        specifier=_version_in(requirement.url) if requirement.url else str(requirement.specifier),
        marker=str(requirement.marker or ""),
        extras=tuple(sorted(requirement.extras)),
        place=place,
        limits=limits,
    )


def _version_in(url: str) -> str:
    """`==5.2.3` of an archive's address; "" where its name does not tell, as of a repository."""
    name = posixpath.basename(url.partition("#")[0])
    try:
        parsed = parse_wheel_filename(name) if name.endswith(".whl") else parse_sdist_filename(name)
    except ValueError:
        return ""
    return f"=={parsed[1]}"


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number, continued ones joined and under the number of the first; no comments."""
    begun, parts = 1, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not parts:
            begun = number
        # A comment ends at its line's end, though a backslash stands there.
        bare = _COMMENT.sub("", line)
        if bare.endswith("\\"):
            parts.append(bare[:-1])
            continue
        parts.append(bare)
        joined = " ".join(part.strip() for part in parts).strip()
        parts = []
        if joined:
            yield begun, joined
    joined = " ".join(part.strip() for part in parts).strip()
    if joined:
        yield begun, joined
