"""Name the well-known services that listen on this machine, from the kernel's table alone.

Nothing is connected to and nothing is looked up: a port of `SERVICE_PORTS` that listens is told
by its name. Other ports, addresses, and who is connected to whom are not read out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from signoff_schemas.services import SERVICE_PORTS

_TABLES: Final = ("net/tcp", "net/tcp6")
_LISTENS: Final = "0A"
_MAX_BYTES: Final = 1 << 20


def listening_services(process: Path = Path("/proc/self")) -> list[str] | None:
    """Return the names of services that listen, sorted; None where the kernel has no such table."""
    found: set[str] = set()
    is_told = False
    for table in _TABLES:
        try:
            with (process / table).open("rb") as rows:
                text = rows.read(_MAX_BYTES).decode("ascii", "replace")
        except OSError:
            continue
        is_told = True
        found.update(filter(None, map(_service_of, text.splitlines()[1:])))
    return sorted(found) if is_told else None


def _service_of(row: str) -> str | None:
    """Return the service of a row such as `0: 0100007F:1538 00000000:0000 0A …`."""
    fields = row.split(maxsplit=4)
    if len(fields) < 5 or fields[3] != _LISTENS:
        return None
    try:
        return SERVICE_PORTS.get(int(fields[1].rpartition(":")[2], 16))
    except ValueError:
        return None
