"""What of the owner's own history goes to a screen: all but the machine's secret values."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from signoff_collector.capture.agents.markers import agent_marker
from signoff_collector.redaction.credential_stores import allowed_stores
from signoff_collector.redaction.exact_values import NO_VALUES, gather_exact_values
from signoff_collector.redaction.kept_values import kept_values
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from signoff_collector.home import Home


def screen_mask(
    home: Home, root: Path | None, *, is_raw: bool, environ: Mapping[str, str] = os.environ
) -> Callable[[str], str]:
    """Return what every shown text goes through.

    Screens are shared, filmed and read by agents; what is written to a file is not masked.

    Args:
        home: where values known to recorded sessions are found.
        root: the workspace, for its dotenv files.
        is_raw: the person asked to see everything.
        environ: of this process.

    Raises:
        RefusedError: everything was asked for in the environment of an agent (THREATS 23).
    """
    if is_raw:
        agent = agent_marker(environ)
        if agent is not None:
            raise RefusedError(
                f"--raw is for a person, and this runs under {agent}",
                hint="Without --raw the secret values of this machine are masked.",
            )
        return NO_VALUES.mask_text
    known = gather_exact_values(environ, root, stores=allowed_stores(home))
    every = (*known.values, *kept_values(home).values)
    return known.with_values((*every, *_lines_of(every))).mask_text


def _lines_of(values: Iterable[str]) -> Iterator[str]:
    """Yield the lines of values that have several: screens and hits show single lines."""
    for value in values:
        if "\n" in value:
            lines = (line.strip() for line in value.splitlines())
            yield from (line for line in lines if not line.startswith("-----"))
