"""Mask secrets in the owner's own history before it is shown on a screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from signoff_collector.capture.agents.markers import agent_marker
from signoff_collector.known_values.credential_stores import allowed_stores
from signoff_collector.known_values.exact_values import NO_VALUES, gather_exact_values
from signoff_collector.known_values.kept_values import kept_values
from signoff_schemas.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from signoff_collector.known_values.exact_values import ExactValues
    from signoff_collector.own_files.home import Home


class ScreenMask:
    """Masks the known secret values of this machine, and detected secrets, in text.

    Args:
        known: values known to this machine.
        has_shapes: whether detectors run too; they are loaded at the first text.
    """

    def __init__(self, known: ExactValues, *, has_shapes: bool) -> None:
        self._known = known
        self._shapes: Callable[[str], str] | None = None if has_shapes else str

    def __call__(self, text: str) -> str:
        """Return a text masked for display; costs about 0.1 ms a line."""
        if self._shapes is None:
            from signoff_collector.redaction.shape_mask import ShapeMask

            self._shapes = ShapeMask().mask
        return self._shapes(self.values(text))

    def values(self, text: str) -> str:
        """Mask known values only: call it on the whole text, and `mask` on the excerpt shown."""
        return self._known.mask_text(text)


def screen_mask(
    home: Home, root: Path | None, *, is_raw: bool, environ: Mapping[str, str] = os.environ
) -> ScreenMask:
    """Return the mask for all displayed text.

    Screens are shared, filmed and read by agents; output written to a file is not masked.

    Args:
        home: where values known to recorded sessions are found.
        root: the workspace, for its dotenv files.
        is_raw: the person asked for unmasked text.
        environ: of this process.

    Raises:
        RefusedError: unmasked text was requested in the environment of an agent (threat 23).
    """
    if is_raw:
        agent = agent_marker(environ)
        if agent is not None:
            raise RefusedError(
                f"--raw shows secrets and is for a person, but this runs under {agent}",
                hint="Without --raw what is or looks like a secret is masked.",
            )
        return ScreenMask(NO_VALUES, has_shapes=False)
    known = gather_exact_values(environ, root, stores=allowed_stores(home))
    every = (*known.values, *kept_values(home).values)
    return ScreenMask(known.with_values((*every, *_lines_of(every))), has_shapes=True)


def _lines_of(values: Iterable[str]) -> Iterator[str]:
    """Yield the single lines of multi-line values: screens and hits show single lines."""
    for value in values:
        if "\n" in value:
            lines = (line.strip() for line in value.splitlines())
            yield from (line for line in lines if not line.startswith("-----"))
