"""A store in a bucket: `s3://HOST/BUCKET/PREFIX`, by obstore behind a gate.

Nothing but the audience says where it connects: obstore reaches the network only through a
`Gate` to the audience's host and port (threat 26).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError

from signoff_collector.upload.stores.gate import Gate
from signoff_collector.upload.stores.interface import Probed, Removed
from signoff_collector.upload.stores.s3_client import find_credentials, make_client
from signoff_collector.upload.stores.store_errors import (
    BUSY_HINT,
    NotDoneHereError,
    Troubles,
    store_error,
)
from signoff_schemas.errors import NetworkError, ReceiverRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from obstore import GetOptions

    from signoff_collector.consent.terms.audience import Audience

    T = TypeVar("T")

_MAX_NAMES: Final = 1_000_000
_MAX_LISTING_BYTES: Final = 512 << 20
_OTHER_BYTES: Final = 1 << 20
"""More than the heads of all answers to one question."""
_PROBE_VERSION: Final = 1
_PANIC: Final = "PanicException"
"""What comes out of the native client when it dies: no `Exception`, and no name to import."""
_LOOK_UP_S: Final = 0.2
"""A signal that comes just before a wait without an end would not be seen until its end."""


class S3Store:
    """A bucket, or a part of one. Has to be closed."""

    def __init__(
        self,
        audience: Audience,
        environ: Mapping[str, str] = os.environ,
        *,
        root_certificate: bytes | None = None,
    ) -> None:
        """Set up the client; nothing is contacted.

        Args:
            audience: the bucket.
            environ: where the credentials are.
            root_certificate: PEM, trusted besides what the system trusts.

        Raises:
            RefusedError: there are no credentials.
        """
        parts = urlsplit(audience)
        is_plain = parts.scheme == "s3+http"
        bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
        self._audience = audience
        self._place = parts.netloc
        self._prefix = f"{prefix}/" if prefix else ""
        self._credentials = find_credentials(environ)
        port = parts.port or (80 if is_plain else 443)
        self._gate = Gate(parts.hostname or "", port, is_tls=not is_plain)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._client = make_client(
            f"{'http' if is_plain else 'https'}://{parts.netloc}",
            bucket,
            self._credentials,
            proxy=self._gate.url,
            root_certificate=root_certificate,
        )

    @property
    def audience(self) -> Audience:
        """The bucket's canonical address."""
        return self._audience

    @property
    def fingerprint(self) -> str:
        """A digest of all that the answers to `probe` depend on and that can be known here."""
        parts = (
            self._audience,
            self._credentials.access_key,
            version("obstore"),
            str(_PROBE_VERSION),
        )
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def prepare(self) -> None:
        """Do nothing: buckets are made by whoever keeps the store."""

    def probe(self) -> Probed:
        """Write one object twice: the second time has to be refused.

        Raises:
            ReceiverRefusedError: it was accepted: the store ignores If-None-Match.
        """
        key = f"probes/{secrets.token_hex(16)}"
        kept = self._put(key, b"first")
        try:
            if kept is None or self._put(key, b"second") is not None:
                raise ReceiverRefusedError(
                    "the store overwrites objects although it is asked not to",
                    hint="The store has to support If-None-Match on PUT, which some stores do"
                    " not in buckets that keep versions; choose another store or bucket.",
                )
        finally:
            self.remove(key)
        return Probed(keeps_versions=kept not in ("", "null"))

    def create(self, key: str, content: bytes, *, token: str) -> bool:
        """Put an object; False when one is there already. S3 shows no unfinished ones."""
        del token
        return self._put(key, content) is not None

    def watch(self, on_sent: Callable[[int], None]) -> None:
        """Call `on_sent` with the number of bytes of each piece that leaves, in any thread."""
        self._gate.on_sent = on_sent

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none."""
        try:
            content = self._ask(lambda: self._get(key, max_bytes), key, max_bytes=max_bytes)
        except FileNotFoundError:
            return None
        if len(content) > max_bytes:
            raise ReceiverRefusedError(f"the store holds more than {max_bytes} bytes under {key}")
        return content

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the objects directly in a folder, sorted."""
        prefix = f"{self._prefix}{folder}/"

        def listed() -> list[str]:
            found: list[str] = []
            for page in obstore.list(self._client, prefix, chunk_size=1000):
                found += (entry["path"].removeprefix(prefix) for entry in page)
                if len(found) > _MAX_NAMES:
                    raise ReceiverRefusedError("the store's listing never ends")
            return found

        try:
            found = self._ask(listed, "its listing", max_bytes=_MAX_LISTING_BYTES)
        except FileNotFoundError:
            raise store_error("NoSuchBucket", "its listing", self._troubles()) from None
        return tuple(sorted(name for name in found if name and "/" not in name))

    def folders(self, folder: str) -> tuple[str, ...]:
        """Return the names of the folders directly in a folder, sorted."""
        prefix = f"{self._prefix}{folder}/"

        def listed() -> list[str]:
            return list(obstore.list_with_delimiter(self._client, prefix)["common_prefixes"])

        try:
            found = self._ask(listed, "its listing", max_bytes=_MAX_LISTING_BYTES)
        except FileNotFoundError:
            raise store_error("NoSuchBucket", "its listing", self._troubles()) from None
        names = (one.removeprefix(prefix).strip("/") for one in found)
        return tuple(sorted(name for name in names if name and "/" not in name))

    def remove(self, key: str) -> Removed:
        """Erase an object; where the bucket keeps versions, say which stays behind.

        Where a bucket began to keep versions after an object came, that one is called `null`
        and named by no answer: so it is looked for in every bucket.
        """
        whole = f"{self._prefix}{key}"
        try:
            found = self._ask(lambda: obstore.head(self._client, whole), key)
        except FileNotFoundError:
            return Removed(was_there=False)
        with suppress(FileNotFoundError):
            self._ask(lambda: obstore.delete(self._client, whole), key)
        version = found.get("version") or "null"
        is_kept = self._has_version(key, version)
        return Removed(was_there=True, kept_version=version if is_kept else None)

    def _has_version(self, key: str, version: str) -> bool:
        """Tell whether a version is still there, or cannot be told to be gone."""
        options: GetOptions = {"head": True, "version": version}

        def look() -> object:
            return obstore.get(self._client, f"{self._prefix}{key}", options=options)

        try:
            self._ask(look, key)
        except (FileNotFoundError, NotDoneHereError):
            return False
        except ReceiverRefusedError:
            return True
        return True

    def close(self) -> None:
        """Cut every connection; what is under way fails."""
        self._gate.close()
        self._worker.shutdown(wait=True)

    def _put(self, key: str, content: bytes) -> str | None:
        """Return the version put ("" where there are none), or None when one was there."""

        def put() -> str | None:
            done = obstore.put(
                self._client,
                f"{self._prefix}{key}",
                content,
                mode="create",
                use_multipart=False,
            )
            return done["version"] or ""

        try:
            return self._ask(put, key, may_exist=True)
        except AlreadyExistsError:
            return None
        except FileNotFoundError:
            raise store_error("NoSuchBucket", key, self._troubles()) from None

    def _get(self, key: str, max_bytes: int) -> bytes:
        """Return the object, or a little more than `max_bytes` of it."""
        found = bytearray()
        for piece in obstore.get(self._client, f"{self._prefix}{key}").stream():
            found += piece
            if len(found) > max_bytes:
                break
        return bytes(found)

    def _ask(
        self,
        question: Callable[[], T],
        what: str,
        *,
        max_bytes: int = _OTHER_BYTES,
        may_exist: bool = False,
    ) -> T:
        """Put one question to the store, in a thread, so that Ctrl-C interrupts at once.

        Raises:
            FileNotFoundError: there is no such object or bucket.
            AlreadyExistsError: there is one, and `may_exist`.
            NetworkError: the store cannot be reached, or failed.
            ReceiverRefusedError: it says no.
        """
        self._gate.begin(max_received_bytes=max_bytes + _OTHER_BYTES)
        try:
            future = self._worker.submit(question)
            while not wait((future,), timeout=_LOOK_UP_S).done:
                continue
            return future.result()
        except KeyboardInterrupt:
            self.close()
            raise
        except (AlreadyExistsError, FileNotFoundError) as error:
            # a store may say of anything that it is there already
            is_answer = may_exist or isinstance(error, FileNotFoundError)
            if self._gate.was_led_away or not is_answer:
                raise store_error("", what, self._troubles()) from None
            raise
        except (BaseError, ValueError) as error:
            # what obstore says may hold the store's words and ours: it is not passed on
            raise store_error(str(error), what, self._troubles()) from None
        except RuntimeError as error:
            raise NetworkError("the store was closed meanwhile", hint=BUSY_HINT) from error
        except BaseException as error:
            if type(error).__name__ != _PANIC:
                raise
            raise store_error("", what, self._troubles()) from None

    def _troubles(self) -> Troubles:
        gate = self._gate
        return Troubles(
            place=self._place,
            was_led_away=gate.was_led_away,
            is_unreachable=gate.is_unreachable,
            was_too_much=gate.was_too_much,
        )
