"""Whether the files of a data set are exactly those that its manifest names."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import open_regular
from signoff_datasets.building.proofs import files_of
from signoff_datasets.building.workplace import MANIFEST
from signoff_datasets.verifying.findings import Finding
from signoff_schemas.errors import DamagedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signoff_schemas.dataset import Manifest

CARDS: Final = ("README.md", "croissant.json")
"""May lie in a data set, unnamed: they follow from it, and `cards` compares them."""
NOTICE: Final = "NOTICE.json"
"""What a refresh leaves of an old version."""
_PIECE: Final = 1 << 20


def file_findings(folder: Path, manifest: Manifest, tell: Callable[[], None]) -> Iterator[Finding]:
    """Yield each file that is changed, missing, or not named; links and pipes are not read."""
    named = dict(files_of(manifest))
    for path, sha256 in named.items():
        tell()
        try:
            held = _sha256(folder / path)
        except NotFoundError:
            yield Finding(weight="damaged", where=path, what="it is missing")
        except DamagedError:
            yield Finding(weight="damaged", where=path, what="it is no regular file")
        else:
            if held != sha256:
                yield Finding(weight="damaged", where=path, what="its bytes are not those named")
    yield from not_named(folder, {*named, MANIFEST, f"{MANIFEST}.sig", *CARDS})


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    descriptor = open_regular(path)
    try:
        while piece := os.read(descriptor, _PIECE):
            digest.update(piece)
    except OSError as error:
        raise DamagedError(f"{path} cannot be read") from error
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def not_named(folder: Path, named: set[str]) -> Iterator[Finding]:
    """Yield each file, link and folder that is not among some paths, nor above one."""
    parents = {
        "/".join(path.split("/")[:at]) for path in named for at in range(path.count("/") + 1)
    }
    waiting = [""]
    while waiting:
        under = waiting.pop()
        with os.scandir(folder / under) as entries:
            for entry in sorted(entries, key=lambda one: os.fsencode(one.name)):
                path = f"{under}/{entry.name}".lstrip("/")
                is_folder = stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode)
                if is_folder and path in parents:
                    waiting.append(path)
                elif path not in named or is_folder:
                    yield Finding(
                        weight="damaged", where=path, what="the manifest does not name it"
                    )
