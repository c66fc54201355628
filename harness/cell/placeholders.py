"""Taking the machine out of what was seen: its paths and its name become placeholders. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Placeholders:
    """Callable on a text. `places` maps a path to its placeholder; `host` is the machine's name.

    `names` maps whole words to theirs, the empty one to nothing: what is different in each attempt.
    """

    places: Mapping[str, str]
    host: str
    names: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """The text with every place replaced, the longest path first."""
        for place in sorted(self.places, key=len, reverse=True):
            # A path, not the beginning of another one: /a is not in /a-2.
            placeholder = self.places[place].replace("\\", r"\\")
            text = re.sub(rf"{re.escape(place)}(?![\w.-])", placeholder, text)
        for name in sorted(filter(None, self.names), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", self.names[name], text)
        return re.sub(rf"@{re.escape(self.host)}\b", "@{host}", text) if self.host else text

    def within(self, value: T) -> T:
        """A frozen dataclass or a JSON value with every text in it replaced."""
        return self._within(value)  # type: ignore[no-any-return]

    def _within(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value, any dataclass
        if type(value) is str:
            return self(value)
        if isinstance(value, Mapping):
            return {self._within(key): self._within(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._within(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{each.name: self._within(getattr(value, each.name)) for each in fields(value)}
            )
        return value
