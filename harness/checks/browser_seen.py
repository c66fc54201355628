"""What the browser experiment has seen; its values are what goes into the record."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.checks.admin_seen import Ran

# Where pictures are put, below the attempt's folder: they stay there when its logs do not.
PICTURES = "pictures"
# What is done by hand, in this order; what is amiss with one is the end of it.
STEPS = ("log_in", "interval", "list", "look_up-list", "dict", "look_up-dict")


@dataclass(frozen=True, kw_only=True)
class BrowserExperiment:
    """What was seen.

    `steps` says of each step that somebody came to what was amiss with it, empty when nothing. `ran` is by
    the arguments, `errors` are of the browser's console. `pictures` have a file, below the attempt's folder,
    and its digest.
    """

    browser: str
    steps: Mapping[str, str]
    ran: Mapping[str, Ran] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    pictures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The observation."""
        return asdict(self)
