"""One episode of a data set, where it lies, if what it was signed for still holds today."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_datasets.building.screened import screened
from signoff_datasets.refreshing.gone import gone_since
from signoff_datasets.refreshing.remains import held_file
from signoff_datasets.sources.folder import FolderSource
from signoff_datasets.sources.opening import address_of, folder_of
from signoff_schemas.dataset import MAX_BYTES
from signoff_schemas.errors import NotFoundError, RefusedError, UsageError
from signoff_schemas.statement import format_time, parse_time

if TYPE_CHECKING:
    from datetime import datetime

    from signoff_datasets.screening.authority import Authority
    from signoff_schemas.dataset import Manifest, ManifestEpisode


def readable_path(
    folder: Path,
    manifest: Manifest,
    *,
    source: str,
    prefix: str,
    authority: Authority,
    day: datetime,
) -> tuple[Path, str]:
    """Return the file of an episode and its SHA-256; asked anew each time, as an export asks.

    Args:
        folder: the data set.
        manifest: of it; somebody looked at its signature.
        source: the folder that its episodes lie in.
        prefix: the beginning of the episode's SHA-256.
        authority: who may sign.
        day: on which its sign-off has to hold.

    Raises:
        NotFoundError: the data set, or the folder, has no such episode.
        RefusedError: it was withdrawn, has expired, or may not be used for this purpose.
        UsageError: several begin so, or the source is no plain folder.
    """
    address = address_of(source)
    place = folder_of(address)
    if place is None or "://" in address:
        raise UsageError(
            "labels lie beside an episode, so --from has to be a folder of episodes",
            hint="Not a store: there every file is named by what it holds.",
        )
    one = _named(manifest, prefix)
    later = max(day, parse_time(manifest.request.as_of))
    request = manifest.request.model_copy(update={"as_of": format_time(later)})
    episodes = FolderSource(place)

    def read(path: str, sha256: str) -> bytes:
        return held_file(folder, path, sha256, MAX_BYTES)

    reason = gone_since(manifest, request, episodes, authority, read).get(one.sha256)
    if reason is None:
        wanted = {one.sha256: one.statement.sha256}
        for _, name, found in screened(episodes, wanted, request, authority):
            if not isinstance(found, str):
                return place / name, one.sha256
            reason = found
    if reason is None:
        raise NotFoundError(
            f"the episode {one.sha256[:16]} is not in {place}",
            hint="Name the folder that the data set was built from.",
        )
    raise RefusedError(
        f"the episode {one.sha256[:16]} may not be used any more: {reason}",
        hint="Erase its labels too, where there are some, and refresh the data set.",
    )


def _named(manifest: Manifest, prefix: str) -> ManifestEpisode:
    found = [one for one in manifest.episodes if one.sha256.startswith(prefix)]
    if not found or not prefix:
        raise NotFoundError(
            "the data set has no such episode", hint="Its manifest.json names them by SHA-256."
        )
    if len(found) > 1:
        raise UsageError(f"{len(found)} episodes begin so", hint="Give more of the digits.")
    return found[0]
