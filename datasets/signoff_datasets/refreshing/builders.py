"""Who built a data set that lies here: only with their word may anything of it be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import DATASET, MAX_SIGNATURE_BYTES
from signoff_collector.own_files.private_files import read_regular
from signoff_datasets.refreshing.remains import NOT_WHOLE
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.signatures.sshsig import Signature


def builder_of(folder: Path, name: str, content: bytes) -> Signature:
    """Return who signed a file of a data set, by the signature beside it.

    Raises:
        DamagedError: there is no signature.
        NotSignedError: it does not hold.
    """
    try:
        signature = read_regular(folder / f"{name}.sig", max_bytes=MAX_SIGNATURE_BYTES)
    except NotFoundError as error:
        raise DamagedError(str(error), hint=NOT_WHOLE) from error
    return verify_signature(content, signature, DATASET)
