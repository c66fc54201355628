"""What the admin experiment has seen; its values are what goes into the record."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from harness.checks.admin_models import Walk


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A text that shows an instant to a person; `meant` is that instant."""

    text: str
    meant: str


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A task that was asked for: what was amiss with that, how often it was sent, what is shown of it.

    `noticed` is whether beat noticed the change, where beat was to send it; `unseen` why its result is not
    shown.
    """

    amiss: str = ""
    noticed: bool = True
    sent: int = 0
    unseen: str = ""
    status: str = ""
    result: str = ""
    dates: Mapping[str, Shown] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Acted:
    """An action on the list: what was amiss, what "enabled" is shown as, how often beat sent then.

    `sent` is of two periods that beat surely has ticked past; None where nobody looked.
    """

    amiss: str = ""
    enabled: str = ""
    sent: int | None = None


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A form that is not to be taken: what the page says of it, and whether it was taken all the same."""

    amiss: str
    complaint: str
    taken: bool


@dataclass(frozen=True, kw_only=True)
class AdminExperiment:
    """What was seen. Nothing of the rest where `login` says why nobody gets in.

    `walks` are by model, `ran` by what was asked for, `offered` by what had been started again.
    """

    login: str
    walks: Mapping[str, Walk] = field(default_factory=dict)
    ran: Mapping[str, Ran] = field(default_factory=dict)
    refused: Mapping[str, Refused] = field(default_factory=dict)
    acted: Mapping[str, Acted] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)
    offered: Mapping[str, bool] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The observation."""
        return asdict(self)
