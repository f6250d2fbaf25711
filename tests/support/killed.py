"""A process that ends in front of any one of its file operations."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.truncate"}


def die_before(number: int, root: Path) -> None:
    """Have this process end in front of a change of a file under a folder, by its number.

    A name without its folder is one in a folder that is open: of a tree that is taken away.
    """
    seen = 0

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        writes = event == "open" and int(str(arguments[2])) & (os.O_WRONLY | os.O_RDWR)
        is_ours = str(arguments[0]).startswith(str(root)) or not str(arguments[0]).startswith("/")
        if (writes or event in CHANGES) and is_ours:
            seen += 1
            if seen == number:
                os._exit(9)

    sys.addaudithook(heard)
