"""The cards of a data set on disk: what they should be, and whether they are that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET, MAX_SIGNATURE_BYTES
from signoff_collector.own_files.private_files import read_regular, replace_private
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.cards.contributions import contributions
from signoff_datasets.cards.croissant import croissant
from signoff_datasets.cards.figures import figures_of
from signoff_datasets.cards.readme import readme
from signoff_datasets.verifying.files import CARDS
from signoff_datasets.verifying.findings import Finding
from signoff_datasets.verifying.verifying import read_manifest
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_BYTES: Final = 1 << 26


def cards_of(folder: Path) -> dict[str, bytes]:
    """Return the cards of a data set by their names; they follow from its signed files alone.

    Raises:
        NotFoundError: there is no data set.
        DamagedError: the manifest or a table cannot be read.
        NotSignedError: no signature of a builder holds.
    """
    manifest, content = read_manifest(folder)
    signature = read_regular(folder / f"{MANIFEST}.sig", max_bytes=MAX_SIGNATURE_BYTES)
    builder = verify_signature(content, signature, DATASET).fingerprint
    figures = figures_of(
        contributions(folder, manifest), k=manifest.request.k, version=manifest.version
    )
    readme_name, croissant_name = CARDS
    return {
        readme_name: readme(manifest, figures, builder=builder),
        croissant_name: croissant(manifest, builder=builder),
    }


def write_cards(folder: Path, *, is_forced: bool = False) -> tuple[Path, ...]:
    """Write the cards into a data set; return where they lie.

    Args:
        folder: the data set.
        is_forced: whether to write over one that was edited.

    Raises:
        RefusedError: one was edited; none is written.
        SignoffError: as `cards_of`, or they cannot be written.
    """
    edited = [] if is_forced else [one.where for one in card_findings(folder)]
    if edited:
        raise RefusedError(
            f"{' and '.join(edited)} in {folder}: not as it would be written; nothing was changed",
            hint="Keep your text elsewhere, then --force to write over it.",
        )
    made = {folder / name: content for name, content in cards_of(folder).items()}
    for path, content in made.items():
        replace_private(path, content)
    return tuple(made)


def card_findings(folder: Path) -> Iterator[Finding]:
    """Yield each card that lies in a data set and is not the one that follows from it.

    Raises:
        SignoffError: as `cards_of`.
    """
    expected: dict[str, bytes] | None = None
    for name in CARDS:
        try:
            held = read_regular(folder / name, max_bytes=_MAX_BYTES)
        except NotFoundError:
            continue
        except DamagedError:
            yield Finding(weight="damaged", where=name, what="it is no regular file")
            continue
        expected = expected or cards_of(folder)
        if held != expected[name]:
            yield Finding(weight="damaged", where=name, what="it is not the card of this data set")
