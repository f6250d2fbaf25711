"""Collects the domains of the developer's organisation, in which every host is masked.

They are learnt from the developer's own mail address, the addresses of remotes, the search list of
the resolver and the certificates in the tree. Domains that everybody has in common (public code
hosts, mail providers, clouds) are none.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.private_files import read_regular
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    from signoff_collector.capture.git.git import Git

RESOLVER: Final = Path("/etc/resolv.conf")
_MAX_RESOLVER_BYTES: Final = 64 << 10
_MAX_CERTIFICATE_BYTES: Final = 64 << 10
_MOST_FILES: Final = 100
_MOST_CERTIFICATES: Final = 4
"""A file with more certificates is a collection of public ones."""
_MOST_DOMAINS: Final = 50
_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".cert"})
_EVERYBODYS_LIST: Final = (
    "github.com gitlab.com bitbucket.org codeberg.org sr.ht gitee.com azure.com visualstudio.com"
    " sourceforge.net huggingface.co launchpad.net savannah.gnu.org gnu.org kernel.org apache.org"
    " googlesource.com amazonaws.com pagure.io fedoraproject.org debian.org freedesktop.org"
    " gmail.com googlemail.com google.com outlook.com hotmail.com live.com msn.com yahoo.com"
    " ymail.com aol.com icloud.com me.com mac.com proton.me protonmail.com pm.me gmx.de gmx.net"
    " gmx.com gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org fastmail.com"
    " fastmail.fm hey.com tutanota.com tuta.io zoho.com yandex.ru yandex.com mail.ru qq.com 163.com"
    " 126.com foxmail.com naver.com orange.fr free.fr laposte.net wanadoo.fr libero.it bluewin.ch"
    " compute.internal ec2.internal google.internal docker.internal cluster.local fritz.box"
    " localhost.localdomain localdomain.local"
)
_EVERYBODYS: Final = frozenset(_EVERYBODYS_LIST.split())
_RESERVED: Final = re.compile(r"(?:^|\.)(?:example(?:\.\w+)?|test|invalid|localhost|arpa)$")
_SECOND_LEVELS: Final = frozenset({"co", "com", "ac", "gov", "org", "net", "edu", "or", "ne"})
_NAME: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{1,23}")
_INTERNAL: Final = frozenset(
    {"internal", "intranet", "intra", "corp", "lan", "local", "localdomain", "private"}
)
_REMOTE: Final = re.compile(r"(?:://(?:[^/@\s]*@)?|^(?:[^/@\s:]+@))(?P<host>[\w.-]+)(?=[:/]|$)")
_SEARCH: Final = re.compile(r"(?m)^[ \t]*(?:search|domain)[ \t]+(?P<names>[^#;\n]+)")
_CERTIFICATE: Final = re.compile(
    rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]{64,20000})-----END CERTIFICATE-----"
)
_IN_DER: Final = re.compile(
    rb"(?:\x82|\x06\x03\x55\x04\x03[\x0c\x13\x16])(?P<length>[\x04-\x7f])(?P<name>[\x21-\x7e]{4,127})"
)
"""A DNS name among the alternative names, or a common name (RFC 5280)."""


def read_domains(
    git: Git | None, addresses: Iterable[str], *, resolver: Path = RESOLVER
) -> tuple[str, ...]:
    """Return the domains of the organisation, sorted.

    Args:
        git: of the repository; None for none.
        addresses: the developer's own e-mail addresses.
        resolver: configuration of the name resolver.
    """
    found = {_registered(address.rpartition("@")[2]) for address in addresses if "@" in address}
    found |= set(_searched(resolver))
    if git is not None:
        found |= {_registered(host) for host in _remotes(git)}
        found |= set(_certified(git))
    return tuple(sorted(filter(is_own_domain, found)))[:_MOST_DOMAINS]


def is_own_domain(domain: str) -> bool:
    """Return whether a domain is a full name that tells of one organisation."""
    if not _NAME.fullmatch(domain) or _RESERVED.search(domain):
        return False
    return not any(domain == one or domain.endswith(f".{one}") for one in _EVERYBODYS)


def _registered(host: str) -> str:
    """Return the domain that an organisation registered: the last two labels, or three."""
    labels = host.lower().strip(".").split(".")
    if labels[-1] in _INTERNAL or labels[-1].isdigit():
        return "" if labels[-1].isdigit() else ".".join(labels)
    is_three = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS
    return ".".join(labels[-3 if is_three else -2 :])


def _searched(resolver: Path) -> Iterator[str]:
    try:
        text = read_regular(resolver, max_bytes=_MAX_RESOLVER_BYTES).decode("utf-8", "replace")
    except (OSError, SignoffError):
        return
    for match in _SEARCH.finditer(text):
        yield from (name.strip(".").lower() for name in match["names"].split())


def _remotes(git: Git) -> Iterator[str]:
    try:
        said = git.run(
            "config", "--get-regexp", r"^remote\..*\.(push)?url$", accepted=frozenset({0, 1})
        )
    except SignoffError:
        return
    for line in said.decode("utf-8", "replace").splitlines():
        match = _REMOTE.search(line.partition(" ")[2])
        if match is not None:
            yield match["host"]


def _certified(git: Git) -> Iterator[str]:
    from signoff_collector.capture.git.git_contents import list_tree, object_sizes, read_objects

    try:
        entries = list_tree(git, "HEAD")
        ids = [one.object_id for one in entries if PurePosixPath(one.path).suffix in _SUFFIXES]
        sizes = object_sizes(git, ids[:_MOST_FILES])
        small = [one for one, size in sizes if size <= _MAX_CERTIFICATE_BYTES]
        for _, content in read_objects(git, small):
            yield from names_in_certificates(content)
    except SignoffError:
        return


def names_in_certificates(content: bytes) -> Iterator[str]:
    """Yield the DNS names in PEM certificates, without a leading `*.`."""
    certificates = _CERTIFICATE.findall(content)
    if len(certificates) > _MOST_CERTIFICATES:
        return
    for encoded in certificates:
        try:
            der = base64.b64decode(b"".join(encoded.split()), validate=True)
        except binascii.Error:
            continue
        for match in _IN_DER.finditer(der):
            length = match["length"][0]
            name = match["name"][:length].decode("ascii").lower().removeprefix("*.")
            if len(match["name"]) >= length and _NAME.fullmatch(name):
                yield name
