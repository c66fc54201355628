"""What is left of a cell that has nothing to tell: no logs, only the pictures that its record speaks of."""

import shutil
from pathlib import Path

from harness.checks.browser_seen import PICTURES


def remove_logs(folder: Path) -> None:
    """Remove a cell's folder, but for the pictures of its attempts."""
    kept = {picture.parent for picture in folder.glob(f"*/{PICTURES}/*.png")}
    if not kept:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for attempt in folder.iterdir():
        for path in attempt.iterdir() if attempt.is_dir() else ():
            if path in kept:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
