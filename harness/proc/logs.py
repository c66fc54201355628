"""Log files of children: read piece by piece, and never without a bound."""

from pathlib import Path

# A cell's busiest log is below 2 MB; a storm or a loop is beyond this within seconds.
LONGEST_LOG = 16 * 2**20


class LogFlooded(Exception):
    """A child wrote more than `LONGEST_LOG` bytes."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is longer than {LONGEST_LOG // 2**20} MiB")
        self.path = path


def read_log(path: Path, offset: int = 0) -> str:
    """The text of `path` from byte `offset` on; empty while there is no file.

    Raises:
        LogFlooded: the log has outgrown its bound.
    """
    return _read(path, offset)[0].decode("utf-8", "replace")


def tail(path: Path, size: int = 20_000) -> str:
    """The last `size` bytes of a log however long it is: evidence, not something to wait on."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read(size).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


class LogReader:
    """The lines added to a log since the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offset = 0
        self._rest = b""

    def new_lines(self) -> list[str]:
        """Every complete line since the last call.

        Raises:
            LogFlooded: the log has outgrown its bound.
        """
        data, self._offset = _read(self.path, self._offset)
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines]


def _read(path: Path, offset: int) -> tuple[bytes, int]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(LONGEST_LOG + 1)
    except FileNotFoundError:
        return b"", offset
    if offset + len(data) > LONGEST_LOG:
        raise LogFlooded(path)
    return data, offset + len(data)
