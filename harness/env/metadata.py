"""What a release's files say that it requires. Reads bytes, asks nobody."""

import io
import re
import tarfile
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import Distribution
from os import PathLike
from pathlib import Path, PurePosixPath

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

# From this version on a source distribution says of itself what its wheel will say (PEP 643).
_RELIABLE = Version("2.2")


class _SourceDistribution(Distribution):
    """The texts of a source distribution, for the standard library to make sense of."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read_text(self, filename: str) -> str | None:
        """One of the texts."""
        return self._texts.get(filename)

    def locate_file(self, path: str | PathLike[str]) -> Path:
        """Nothing of it is on disk."""
        raise FileNotFoundError(path)


def requirements_of_metadata(content: bytes) -> tuple[str, ...]:
    """Every requirement of a METADATA."""
    return tuple(parse_email(content)[0].get("requires_dist", ()))


def requirements_of_source(content: bytes) -> tuple[str, ...] | None:
    """Every requirement of a source distribution, a gzipped tar; None when it does not say, or is none.

    What setuptools of any age has written beside its sources counts, as it did for those who installed it.
    """
    try:
        texts = _texts_of(content)
    except (tarfile.TarError, EOFError, OSError):
        return None
    found = _SourceDistribution(texts)
    if found.requires:
        return tuple(found.requires)
    metadata, _ = parse_email(texts.get("PKG-INFO", ""))
    dynamic = {field.lower() for field in metadata.get("dynamic", ())}
    reliable = (
        Version(metadata.get("metadata_version", "1.0")) >= _RELIABLE and "requires-dist" not in dynamic
    )
    return () if reliable or "SOURCES.txt" in texts else None


def concerning(requirements: Iterable[str], packages: Collection[str]) -> tuple[str, ...] | None:
    """Of requirements those on some packages, each written one way; those of extras are left out.

    None when one of them cannot be read: old releases have words of before PEP 508.
    """
    chosen: list[str] = []
    for text in requirements:
        if canonicalize_name(re.split(r"[^\w.-]", text.strip())[0]) not in packages:
            continue
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            return None
        if not _of_an_extra(requirement):
            marker = f"; {requirement.marker}" if requirement.marker else ""
            chosen.append(f"{requirement.name}{in_order(requirement.specifier)}{marker}")
    return tuple(chosen)


def in_order(specifiers: SpecifierSet) -> str:
    """Specifiers with the lower end first: `>=2.2,<4.0`."""
    return ",".join(map(str, sorted(specifiers, key=_end)))


def _texts_of(content: bytes) -> dict[str, str]:
    """What setuptools wrote (`*.egg-info`), else the PKG-INFO on top."""
    texts: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            by_setuptools = path.parent.suffix == ".egg-info"
            wanted = by_setuptools or (path.name == "PKG-INFO" and len(path.parts) == 2)  # noqa: PLR2004 - NAME-VERSION/PKG-INFO
            file = archive.extractfile(member) if wanted else None
            if file is not None and (by_setuptools or path.name not in texts):
                texts[path.name] = file.read().decode(errors="replace")
    return texts


def _of_an_extra(requirement: Requirement) -> bool:
    without_values = re.sub(r"\"[^\"]*\"|'[^']*'", "", str(requirement.marker or ""))
    return re.search(r"\bextra\b", without_values) is not None


def _end(specifier: Specifier) -> tuple[Version, str]:
    return Version(specifier.version.removesuffix(".*")), specifier.operator
