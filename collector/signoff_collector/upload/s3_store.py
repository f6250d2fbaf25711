"""A store in a bucket: `s3://HOST/BUCKET/PREFIX`, over the standard library's HTTP.

Nothing but the audience says where it connects: no proxy, endpoint, profile or
certificate file from the environment, no redirect followed (THREATS 26). Only the
credentials come from there: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
"""

from __future__ import annotations

import http.client
import os
import re
import secrets
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from signoff_collector.clock import SystemClock
from signoff_collector.upload.signature_v4 import Credentials, Request, sign_request
from signoff_schemas.errors import (
    NetworkError,
    PartlyDoneError,
    ReceiverRefusedError,
    RefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.consent.audience import Audience

_TIMEOUT_S: Final = 60
_TRIES: Final = 3
_MAX_LISTING_BYTES: Final = 16 << 20
_MAX_PAGES: Final = 1000
_REGION: Final = re.compile(r"s3[.-]([a-z]{2}-[a-z-]+-\d)\.amazonaws\.com")
_DOWN_HINT: Final = "Nothing is lost: `signoff upload --resume` sends it when the store is back."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the store said to one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class S3Store:
    """A bucket, or a part of one."""

    def __init__(self, audience: Audience, environ: Mapping[str, str] = os.environ) -> None:
        parts = urlsplit(audience)
        self._audience = audience
        self._is_plain = parts.scheme == "s3+http"
        self._host, self._port = parts.hostname or "", parts.port
        self._authority = parts.netloc
        bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        found = _REGION.search(self._host)
        self._region = found[1] if found else "us-east-1"
        self._credentials = _credentials(environ)

    @property
    def audience(self) -> Audience:
        """The bucket's canonical address."""
        return self._audience

    def prepare(self) -> None:
        """Check that the bucket is there and never overwrites what is there.

        Raises:
            ReceiverRefusedError: a second write under one name was accepted.
        """
        key = f"probes/{secrets.token_hex(16)}"
        try:
            if not self.create(key, b"1", token="") or self.create(key, b"2", token=""):
                raise ReceiverRefusedError(
                    "the store overwrites objects although it is asked not to",
                    hint="It has to support If-None-Match on PUT; choose another store.",
                )
        finally:
            self.remove(key)

    def create(self, key: str, content: bytes, *, token: str) -> bool:
        """Put an object; False when one is there already. S3 shows no unfinished ones."""
        del token
        for _ in range(_TRIES):
            answer = self._ask("PUT", key, headers={"if-none-match": "*"}, body=content)
            if answer.status in (200, 201, 204):
                return True
            if answer.status == http.client.PRECONDITION_FAILED:
                return False
            if answer.status != http.client.CONFLICT:  # another writer at this moment
                raise _refusal(answer, key)
        raise NetworkError(f"the store is busy with {key}", hint=_DOWN_HINT)

    def read(self, key: str, *, max_bytes: int) -> bytes | None:
        """Return an object, or None when there is none."""
        answer = self._ask("GET", key, max_bytes=max_bytes)
        if answer.status == http.client.NOT_FOUND:
            return None
        if answer.status != http.client.OK:
            raise _refusal(answer, key)
        return answer.body

    def names(self, folder: str) -> tuple[str, ...]:
        """Return the names of the objects directly in a folder, sorted."""
        prefix = f"{self._prefix}{folder}/"
        query = {"list-type": "2", "prefix": prefix, "delimiter": "/"}
        found: list[str] = []
        for page in self._pages(query, ("continuation-token", "NextContinuationToken")):
            keys = (_text(item, "Key") for item in _children(page, "Contents"))
            found += (key.removeprefix(prefix) for key in keys if key.startswith(prefix))
        return tuple(sorted(name for name in found if name))

    def remove(self, key: str) -> bool:
        """Erase an object with all its versions and tell whether there was one.

        Raises:
            PartlyDoneError: the bucket keeps versions and does not let them be erased.
        """
        if self._ask("HEAD", key).status == http.client.NOT_FOUND:
            return False
        answer = self._ask("DELETE", key)
        if answer.status not in (200, 204, 404):
            raise _refusal(answer, key)
        if answer.headers.get("x-amz-delete-marker") or answer.headers.get("x-amz-version-id"):
            self._remove_versions(key)
        return True

    def _remove_versions(self, key: str) -> None:
        whole = f"{self._prefix}{key}"
        query = {"versions": "", "prefix": whole}
        for page in self._pages(query, ("key-marker", "NextKeyMarker")):
            for item in (*_children(page, "Version"), *_children(page, "DeleteMarker")):
                if _text(item, "Key") != whole:
                    continue
                version = {"versionId": _text(item, "VersionId")}
                if self._ask("DELETE", key, query=version).status not in (200, 204, 404):
                    raise PartlyDoneError(
                        f"the store keeps an old version of {key}",
                        hint="Ask whoever keeps the store to erase old versions.",
                    )

    def _pages(self, query: Mapping[str, str], marker: tuple[str, str]) -> Iterator[ET.Element]:
        """Yield every page of a listing; `marker` names the parameter and its element."""
        parameter, element = marker
        more: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            answer = self._ask("GET", None, query={**query, **more}, max_bytes=_MAX_LISTING_BYTES)
            if answer.status != http.client.OK:
                raise _refusal(answer, "its listing")
            page = _parse(answer.body)
            yield page
            following = _text(page, element)
            if _text(page, "IsTruncated") != "true" or not following:
                return
            more = {parameter: following}
        raise ReceiverRefusedError("the store's listing does not end")

    def _ask(
        self,
        method: str,
        key: str | None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        max_bytes: int = _MAX_LISTING_BYTES,
    ) -> Answer:
        """Send one request and return the answer; errors of the way become NetworkError."""
        object_path = "" if key is None else f"/{self._prefix}{key}"
        request = Request(
            method=method,
            path=f"/{self._bucket}{object_path}",
            query=query or {},
            headers={"host": self._authority, **(headers or {})},
            body=body,
        )
        signed = sign_request(request, self._credentials, region=self._region, amz_date=_amz_date())
        connection = self._connect()
        try:
            connection.request(method, request.target, body=body, headers=signed)
            response = connection.getresponse()
            content = response.read(max_bytes + 1)
        except (OSError, http.client.HTTPException) as error:
            raise NetworkError(
                f"the store {self._authority} cannot be reached: {type(error).__name__}",
                hint=_DOWN_HINT,
            ) from error
        finally:
            connection.close()
        if response.status == http.client.OK and len(content) > max_bytes:
            raise ReceiverRefusedError(f"the store answered with more than {max_bytes} bytes")
        names = {name.lower(): value for name, value in response.getheaders()}
        return _checked(Answer(status=response.status, headers=names, body=content))

    def _connect(self) -> http.client.HTTPConnection:
        if self._is_plain:
            return http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=_TIMEOUT_S, context=_tls()
        )


def _tls() -> ssl.SSLContext:
    """Trust what the system trusts; SSL_CERT_FILE and SSL_CERT_DIR are not asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    paths = ssl.get_default_verify_paths()
    file, folder = Path(paths.openssl_cafile), Path(paths.openssl_capath)
    context.load_verify_locations(
        cafile=file if file.is_file() else None, capath=folder if folder.is_dir() else None
    )
    return context


def _credentials(environ: Mapping[str, str]) -> Credentials:
    access, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not access or not secret:
        raise RefusedError(
            "there are no credentials for the object store",
            hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    return Credentials(
        access_key=access,
        secret_key=secret,
        session_token=environ.get("AWS_SESSION_TOKEN") or None,
    )


def _checked(answer: Answer) -> Answer:
    """Refuse redirects, and count a store that is overloaded or broken as down."""
    if 300 <= answer.status < 400:
        raise ReceiverRefusedError(
            "the store wants to redirect the upload; redirects are never followed",
            hint="Name the store by the address that answers itself.",
        )
    if answer.status >= 500 or answer.status == http.client.TOO_MANY_REQUESTS:
        raise NetworkError(f"the store failed with HTTP {answer.status}", hint=_DOWN_HINT)
    return answer


def _refusal(answer: Answer, what: str) -> ReceiverRefusedError:
    return ReceiverRefusedError(
        f"the store refused {what} with HTTP {answer.status}",
        hint="Check the bucket's name and what your credentials may do.",
    )


def _amz_date() -> str:
    now = datetime.fromtimestamp(SystemClock().wall_ns() // 1_000_000_000, UTC)
    return now.strftime("%Y%m%dT%H%M%SZ")


def _parse(body: bytes) -> ET.Element:
    """Read a listing; a document type could make a small answer huge."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ReceiverRefusedError("the store's listing holds a document type")
    try:
        return ET.fromstring(body)  # noqa: S314 - no document type, capped in size
    except ET.ParseError:
        raise ReceiverRefusedError("the store's listing is no XML") from None


def _children(element: ET.Element, name: str) -> list[ET.Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _text(element: ET.Element, name: str) -> str:
    found = _children(element, name)
    return (found[0].text or "") if found else ""
