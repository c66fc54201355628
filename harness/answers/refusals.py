"""What is declared against a project: by its own packages, of each other and of Python. Pure."""

from dataclasses import dataclass
from itertools import combinations

from harness.answers.fitting import Asked
from harness.matrix.declared import Declared, why_not_on, why_not_together
from harness.matrix.releases import Releases


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A declaration that no installer passes over, and where the project asks for what it forbids.

    `cap_only`: only the upper end of what is declared stands in the way.
    """

    text: str
    places: tuple[str, ...]
    cap_only: bool


def declared_against(asked: Asked, releases: Releases) -> tuple[Refusal, ...]:
    """Every declaration that forbids the project, as far as releases.json knows; none of what is installed.

    Of a package that is left open all releases that it allows are looked at.
    """
    if asked.complete:
        return ()
    sides = {name: _allowed(asked, name, releases) for name in asked.own}
    found = [
        _nothing(asked, name) for name, every in sides.items() if releases.packages.get(name) and not every
    ]
    known = {name: every for name, every in sides.items() if every}
    for name, every in known.items():
        why = why_not_on(every, asked.python)
        if why is not None:
            found.append(
                Refusal(text=why.text, places=(asked.allowed[name].places,), cap_only=why.upper_cap_only)
            )
    for one, other in combinations(known, 2):
        if found:
            break  # the first reason is told before those that may follow from it
        why = why_not_together(known[one], known[other], [asked.python])
        if why is not None:
            places = (asked.allowed[one].places, asked.allowed[other].places)
            found.append(Refusal(text=why.text, places=places, cap_only=why.upper_cap_only))
    return tuple(found)


def _allowed(asked: Asked, name: str, releases: Releases) -> tuple[Declared, ...]:
    allowed = asked.allowed[name]
    return tuple(
        Declared(package=name, value=release.version, release=release)
        for release in releases.packages.get(name, ())
        if (allowed.pin and allowed.admits(release.version))
        or (release.yanked is None and allowed.specifier.contains(release.version))
    )


def _nothing(asked: Asked, name: str) -> Refusal:
    return Refusal(
        text=f"no release is known of {asked.allowed[name]}",
        places=(asked.allowed[name].places,),
        cap_only=False,
    )
