"""Objects in a bucket, through obstore; old versions of what is erased go through boto3.

A file above 8 MiB goes in parts, and parts know no create-only commit. Only episodes are that
large, and their name is their digest: who writes twice writes the same bytes.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, GenericError

from signoff_collector.upload.stores.s3_client import find_credentials, make_client
from signoff_hub.objects.folder import PIECE_BYTES
from signoff_hub.objects.interface import Removed
from signoff_schemas.errors import NetworkError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from signoff_collector.consent.terms.audience import Audience

_PART_BYTES: Final = 8 << 20
_FEW: Final = 4
"""Parts under way at once: memory stays below five parts."""
_REGION: Final = "us-east-1"


class BucketObjects:
    """A bucket or a part of one; safe to use from any thread and from several processes."""

    def __init__(self, audience: Audience, environ: Mapping[str, str] = os.environ) -> None:
        """Set up the client; nothing is contacted.

        Args:
            audience: `s3://host/bucket/prefix`, or `s3+http://…` on the loopback.
            environ: where the credentials are: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.

        Raises:
            RefusedError: there are no credentials.
        """
        parts = urlsplit(audience)
        bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
        self._endpoint = f"{'http' if parts.scheme == 's3+http' else 'https'}://{parts.netloc}"
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._credentials = find_credentials(environ)
        self._client = make_client(self._endpoint, bucket, self._credentials, proxy=None)
        self._keeps_versions: bool | None = None
        """Whether it keeps any; None: not so far, and that may change while we run."""

    def probe(self) -> None:
        """Write one object twice: the second time has to be refused.

        Raises:
            RefusedError: it was accepted: the store ignores If-None-Match.
        """
        key = f"probes/{secrets.token_hex(16)}"
        try:
            if not self.create(key, b"first") or self.create(key, b"second"):
                raise RefusedError(
                    "the store overwrites objects although it is asked not to",
                    hint="The store has to support If-None-Match on PUT; choose another one.",
                )
        finally:
            self.remove(key)

    def create(self, key: str, content: bytes) -> bool:
        """Put a small object whole or not at all; False when one is there already, untouched."""
        with _told():
            try:
                obstore.put(
                    self._client, self._at(key), content, mode="create", use_multipart=False
                )
            except AlreadyExistsError:
                return False
        return True

    def create_from(self, key: str, path: Path) -> bool:
        """Put a file of any size, streamed; False when one is there already, untouched."""
        if path.stat().st_size <= _PART_BYTES:
            return self.create(key, path.read_bytes())
        if self.size(key) is not None:
            return False
        with _told(), path.open("rb") as file:
            obstore.put(
                self._client,
                self._at(key),
                file,
                use_multipart=True,
                chunk_size=_PART_BYTES,
                max_concurrency=_FEW,
            )
        return True

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none.

        Raises:
            RefusedError: it is larger.
        """
        pieces = self.pieces(key)
        if pieces is None:
            return None
        found = bytearray()
        for piece in pieces:
            found += piece
            if len(found) > max_bytes:
                raise RefusedError(f"an object is larger than the {max_bytes} bytes it may have")
        return bytes(found)

    def copy_to(self, key: str, path: Path) -> bool:
        """Write an object into a new file, streamed; False when there is no such object."""
        pieces = self.pieces(key)
        if pieces is None:
            return False
        with path.open("xb") as file:
            for piece in pieces:
                file.write(piece)
        return True

    def pieces(self, key: str) -> Iterator[bytes] | None:
        """Return an object in pieces of about 1 MiB, or None when there is none."""
        with _told():
            try:
                found = obstore.get(self._client, self._at(key))
            except FileNotFoundError:
                return None
        return _pieces_of(found)

    def size(self, key: str) -> int | None:
        """Return the bytes of an object, or None when there is none."""
        with _told():
            try:
                return obstore.head(self._client, self._at(key))["size"]
            except FileNotFoundError:
                return None

    def names(self, folder: str, *, with_hidden: bool = False) -> Iterator[str]:
        """Yield the names of the objects directly in a folder, sorted.

        Args:
            folder: a key.
            with_hidden: also those that lie behind a delete marker, whoever put it there.
        """
        prefix = f"{self._at(folder)}/"
        if with_hidden and self._has_versions():
            with _versions_told():
                pages = list(_pages(self._s3(), self._bucket, prefix))
            found = {one["Key"].removeprefix(prefix) for page in pages for one in _all_of(page)}
            yield from sorted(name for name in found if name and "/" not in name)
            return
        with _told():
            for page in obstore.list(self._client, prefix, chunk_size=1000):
                for one in page:
                    name = one["path"].removeprefix(prefix)
                    if name and "/" not in name:
                        yield name

    def folders(self, folder: str) -> Iterator[str]:
        """Yield the names of the folders directly in a folder, sorted."""
        prefix = f"{self._at(folder)}/"
        with _told():
            found = obstore.list_with_delimiter(self._client, prefix)["common_prefixes"]
        yield from sorted(one.removeprefix(prefix).strip("/") for one in found)

    def remove(self, key: str) -> Removed:
        """Erase an object, with its old versions where the bucket keeps any."""
        was_there = self.size(key) is not None
        has_versions = self._has_versions()
        kept = has_versions and self._erase_versions(self._at(key))
        if was_there and (kept or not has_versions):  # what has to stay is hidden at least
            with _told():
                obstore.delete(self._client, self._at(key))
        return Removed(was_there=was_there, kept_versions=kept)

    def close(self) -> None:
        """Do nothing: the client lets go of its connections when it is not used."""

    def _at(self, key: str) -> str:
        return f"{self._prefix}{key}"

    def _has_versions(self) -> bool:
        if self._keeps_versions is None:
            with _versions_told():
                said = self._s3().get_bucket_versioning(Bucket=self._bucket)
            self._keeps_versions = bool(said.get("Status")) or None
        return bool(self._keeps_versions)

    def _erase_versions(self, whole: str) -> bool:
        """Erase every version of one object; True when one stayed.

        The newest goes last: who is killed on the way finds the object by its name again. Markers
        go when nothing is left that they hide.
        """
        client = self._s3()
        with _versions_told():
            found, _ = self._versions_of(client, whole)
            for one in sorted(found, key=lambda one: one["IsLatest"]):
                self._erase_version(client, one)
            left, markers = self._versions_of(client, whole)
            if left:
                return True
            for one in markers:
                self._erase_version(client, one)
        return False

    def _versions_of(self, client: _S3, whole: str) -> tuple[list[_Version], list[_Version]]:
        """Return every version of one object, and every marker that hides it."""
        versions: list[_Version] = []
        markers: list[_Version] = []
        for page in _pages(client, self._bucket, whole):
            versions += [one for one in page.get("Versions", ()) if one["Key"] == whole]
            markers += [one for one in page.get("DeleteMarkers", ()) if one["Key"] == whole]
            if any(one["Key"] != whole for one in _all_of(page)):
                break  # keys come in order, and its own is the shortest
        return versions, markers

    def _erase_version(self, client: _S3, one: _Version) -> None:
        """Erase one version, unless the bucket forbids it: a lock, or a policy."""
        from botocore.exceptions import ClientError

        try:
            client.delete_object(Bucket=self._bucket, Key=one["Key"], VersionId=one["VersionId"])
        except ClientError as error:
            if "(AccessDenied)" not in str(error):  # its code, which S3 fixes; words differ
                raise

    def _s3(self) -> _S3:
        import boto3
        from botocore.config import Config

        return cast(
            "_S3",
            boto3.client(
                "s3",
                endpoint_url=self._endpoint,
                region_name=_REGION,
                aws_access_key_id=self._credentials.access_key,
                aws_secret_access_key=self._credentials.secret_key,
                aws_session_token=self._credentials.session_token,
                config=Config(
                    s3={"addressing_style": "path"},
                    proxies={},
                    connect_timeout=20,
                    read_timeout=60,
                    retries={"total_max_attempts": 3},
                ),
            ),
        )


if TYPE_CHECKING:
    from typing import NotRequired, Protocol, TypedDict

    class _Version(TypedDict):
        Key: str
        VersionId: str
        IsLatest: bool

    class _Versions(TypedDict):
        Versions: NotRequired[list[_Version]]
        DeleteMarkers: NotRequired[list[_Version]]
        IsTruncated: NotRequired[bool]
        NextKeyMarker: NotRequired[str]
        NextVersionIdMarker: NotRequired[str]

    class _Versioning(TypedDict):
        Status: NotRequired[str]

    class _S3(Protocol):
        """What is used of boto3, which ships no types."""

        def get_bucket_versioning(self, **named: str) -> _Versioning: ...
        def list_object_versions(self, **named: str) -> _Versions: ...
        def delete_object(self, **named: str) -> object: ...


def _pages(client: _S3, bucket: str, prefix: str) -> Iterator[_Versions]:
    """Yield what a bucket has of old and new versions, up to 1,000 at a time.

    Raises:
        NetworkError: the store never comes to an end.
    """
    at: dict[str, str] = {}
    while True:
        page = client.list_object_versions(Bucket=bucket, Prefix=prefix, **at)
        yield page
        if not page.get("IsTruncated"):
            return
        after = {
            "KeyMarker": page.get("NextKeyMarker", ""),
            "VersionIdMarker": page.get("NextVersionIdMarker", ""),
        }
        if after == at or not after["KeyMarker"]:
            raise NetworkError("the store lists old versions without an end")
        at = {name: value for name, value in after.items() if value}


def _all_of(page: _Versions) -> list[_Version]:
    return [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]


def _pieces_of(found: obstore.GetResult) -> Generator[bytes]:
    with _told():
        for piece in found.stream(min_chunk_size=PIECE_BYTES):
            yield bytes(piece)


@contextmanager
def _told() -> Generator[None]:
    """Turn what the native client says into an error of ours: its words may hold keys."""
    try:
        yield
    except (BaseError, GenericError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise NetworkError(
                "the bucket of the objects is not there", hint="Make it, or check --store."
            ) from None
        raise NetworkError(
            "the store of the objects does not answer as a store does",
            hint="Look whether it runs and whether its credentials hold, then try again.",
        ) from None


@contextmanager
def _versions_told() -> Generator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError):
        raise NetworkError(
            "the store does not answer about old versions",
            hint="Its credentials have to allow GetBucketVersioning, ListBucketVersions and"
            " DeleteObjectVersion.",
        ) from None
