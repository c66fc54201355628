"""What releases declare of each other and of Python, and whether two can be installed together. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from harness.matrix.field import Declaration
from harness.model import Release

# "3.9" is some CPython 3.9: none of those early ones that a declaration leaves out for their mistakes.
_LATE_PATCH = 999


@dataclass(frozen=True, kw_only=True)
class Requires:
    """One requirement: as it is written, when it applies, and what it admits."""

    text: str
    marker: str
    admits: SpecifierSet


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What one of the releases that a value of an axis stands for declares.

    `capped` false: as if no upper end were declared.
    """

    package: str
    value: str
    release: Release
    capped: bool = True

    @cached_property
    def version(self) -> Version:
        """Its version."""
        return Version(self.release.version)

    @cached_property
    def python(self) -> SpecifierSet:
        """The Pythons it declares."""
        return self._admitted(SpecifierSet(self.release.requires_python))

    @cached_property
    def requires(self) -> Mapping[str, tuple[Requires, ...]]:
        """What it requires, by package; nothing where that is not known."""
        found: dict[str, tuple[Requires, ...]] = {}
        for text in self.release.requires or ():
            parsed = Requirement(text)
            name = canonicalize_name(parsed.name)
            requires = Requires(
                text=text.partition(";")[0].strip(),
                marker=str(parsed.marker or ""),
                admits=self._admitted(parsed.specifier),
            )
            found[name] = (*found.get(name, ()), requires)
        return found

    @cached_property
    def uncapped(self) -> "Declared":
        """The same without upper ends."""
        return replace(self, capped=False)

    def runs_on(self, python: str) -> bool:
        """Whether it declares that it runs on a series of CPython."""
        return self._runs_on(python)

    @cached_property
    def _runs_on(self) -> Callable[[str], bool]:
        """A field asks of each release many times on few Pythons."""
        return cache(lambda python: self.python.contains(f"{python}.{_LATE_PATCH}", prereleases=True))

    def refuses(self, other: "Declared", python: str) -> Requires | None:
        """Its requirement that another release does not meet on a Python; None when it meets all."""
        for requires in self.requires.get(other.package, ()):
            applies = not requires.marker or marker_holds(requires.marker, python)
            if applies and not requires.admits.contains(other.version, prereleases=True):
                return requires
        return None

    def _admitted(self, declared: SpecifierSet) -> SpecifierSet:
        return declared if self.capped else _without_caps(declared)


def why_not_on(patches: Sequence[Declared], python: str) -> Declaration | None:
    """Why none of a value's releases, oldest first, runs on a Python; None when one does."""
    if any(patch.runs_on(python) for patch in patches):
        return None
    newest = patches[-1]
    return Declaration(
        text=f"{newest.package} {newest.value} declares Python{newest.release.requires_python}",
        upper_cap_only=any(patch.uncapped.runs_on(python) for patch in patches),
    )


def why_not_together(
    ones: Sequence[Declared], others: Sequence[Declared], pythons: Sequence[str]
) -> Declaration | None:
    """Why none of a value's releases goes with one of another's on any Python; None when two do.

    A requirement that applies on some Pythons only forbids the pair if there is no way around it on any:
    what is then left is a matter of three, which the resolver tells.
    """
    if _some_together(ones, others, pythons):
        return None
    return Declaration(
        text=_which(ones, others, pythons),
        upper_cap_only=_some_together(
            [one.uncapped for one in ones], [other.uncapped for other in others], pythons
        ),
    )


def _some_together(ones: Sequence[Declared], others: Sequence[Declared], pythons: Sequence[str]) -> bool:
    # The newest first: as a rule they settle it.
    return any(
        one.runs_on(python)
        and other.runs_on(python)
        and one.refuses(other, python) is None
        and other.refuses(one, python) is None
        for python in reversed(pythons)
        for one in reversed(ones)
        for other in reversed(others)
    )


def _which(ones: Sequence[Declared], others: Sequence[Declared], pythons: Sequence[str]) -> str:
    """The declaration to name: of the newest two, rather one that refuses all of the other value."""
    one, other = ones[-1], others[-1]
    common = [python for python in pythons if one.runs_on(python) and other.runs_on(python)]
    if not common:
        both = (
            f"{each.package} {each.value} declares Python{each.release.requires_python}"
            for each in (one, other)
        )
        return ", ".join(both)
    refusals = [
        (all(declaring.refuses(each, common[-1]) for each in refused), declaring, requires)
        for declaring, refused in ((one, others), (other, ones))
        if (requires := declaring.refuses(refused[-1], common[-1])) is not None
    ]
    _, declaring, requires = max(refusals, key=lambda refusal: refusal[0])
    return f"{declaring.package} {declaring.value} declares {requires.text}"


def _without_caps(declared: SpecifierSet) -> SpecifierSet:
    return SpecifierSet(",".join(_floors(declared)))


def _floors(declared: SpecifierSet) -> Iterator[str]:
    for specifier in declared:
        match specifier:
            case Specifier(operator="<" | "<="):
                pass
            case Specifier(operator="~=" | "=="):
                yield f">={specifier.version.removesuffix('.*')}"
            case _:
                yield str(specifier)


@cache
def marker_holds(marker: str, python: str) -> bool:
    """Whether a marker holds for a CPython on Linux: not on whatever this harness happens to run."""
    environment = {
        "implementation_name": "cpython",
        "implementation_version": f"{python}.{_LATE_PATCH}",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_release": "",
        "platform_system": "Linux",
        "platform_version": "",
        "python_full_version": f"{python}.{_LATE_PATCH}",
        "platform_python_implementation": "CPython",
        "python_version": python,
        "sys_platform": "linux",
    }
    return Marker(marker).evaluate(environment)
