"""The API token of a hub: from the environment or a file, never from the command line."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLE: Final = "SIGNOFF_HUB_TOKEN"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_.~+/=-]{16,1000}")
_MAX_FILE_BYTES: Final = 4 << 10
_OTHERS: Final = 0o077


def read_token(file: Path | None, environ: Mapping[str, str] = os.environ) -> str:
    """Return the token to ask with.

    Args:
        file: that holds it on its one line; None: the environment has it.
        environ: of this process.

    Raises:
        UsageError: there is none, or it is no token; the message repeats nothing of it.
        RefusedError: others on this machine can read the file.
        NotFoundError: there is no such file.
        DamagedError: it is no regular file, or too large.
    """
    if file is None:
        said, where = environ.get(VARIABLE, ""), VARIABLE
        if not said:
            raise UsageError(
                "a hub is asked with an API token, and none is given",
                hint=f"Put it into {VARIABLE}, or into a file that --token-file names. Whoever"
                " runs the hub makes one with the scopes build and read.",
            )
    else:
        said, where = read_regular(file, max_bytes=_MAX_FILE_BYTES).decode("latin-1"), str(file)
        if file.stat().st_mode & _OTHERS:
            raise RefusedError(
                f"{file} can be read by others on this machine, and holds a token",
                hint=f"chmod 600 {file}, and have a new token made if somebody may have read it.",
            )
    token = said.strip()
    if _TOKEN.fullmatch(token) is None:
        raise UsageError(
            f"{where} holds no API token", hint="It is one line, as `signoff hub token` printed it."
        )
    return token
