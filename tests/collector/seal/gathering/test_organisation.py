"""Domains of the organisation: from remotes, the resolver, certificates and the own address."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest
from tests.support.repository import WorkTree

from signoff_collector.capture.git.git import Git
from signoff_collector.seal.gathering.organisation import (
    is_own_domain,
    names_in_certificates,
    read_domains,
)

pytestmark = pytest.mark.usefixtures("home")


def _certificate(*names: str) -> str:
    """Return what looks like a certificate with these alternative names, in PEM."""
    fields = b"".join(b"\x82" + bytes((len(name),)) + name.encode() for name in names)
    der = b"\x30\x82\x01\x00" + random.Random(7).randbytes(64) + fields + b"\xa3" * 32  # noqa: S311
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{lines}-----END CERTIFICATE-----\n"


def test_domains_are_learnt_from_all_four_places(tmp_path: Path) -> None:
    tree = WorkTree.create(tmp_path / "project")
    tree.commit("first", "a.py", "x = 1 😀🚀\n")
    tree.commit("keys", "tls/server.crt", _certificate("*.intra.waldrand.de", "localhost"))
    tree.git("remote", "add", "origin", "git@git.fernwald-labs.com:team/x.git")
    tree.git("remote", "add", "ci", "ssh://ci@code.eu.bergtal.co.uk:7999/x.git")
    tree.git("remote", "add", "hub", "https://github.com/o/x.git")
    tree.git("remote", "add", "near", "/srv/git/x.git")
    resolver = tmp_path / "resolv.conf"
    resolver.write_text("nameserver 10.0.0.2\nsearch eu.seegrund.internal lan compute.internal\n")
    found = read_domains(
        Git(tree.root), ["Ada", "ada@uferweg.io", "a@gmail.com"], resolver=resolver
    )
    assert found == (
        "bergtal.co.uk", "eu.seegrund.internal", "fernwald-labs.com", "intra.waldrand.de",
        "uferweg.io",
    )  # fmt: skip


def test_without_a_repository_or_resolver_there_is_nothing(tmp_path: Path) -> None:
    assert read_domains(None, (), resolver=tmp_path / "none") == ()


def test_a_collection_of_public_certificates_is_not_read() -> None:
    one = _certificate("ca.waldrand.de").encode()
    assert set(names_in_certificates(one)) == {"ca.waldrand.de"}
    assert list(names_in_certificates(one * 9)) == []
    assert list(names_in_certificates(b"-----BEGIN CERTIFICATE-----\n" + b"A" * 70)) == []


@pytest.mark.parametrize(
    "domain", ["gmail.com", "ssh.github.com", "example.org", "x.test", "lan", "10.0.0.1", ""]
)
def test_what_everybody_has_is_no_domain_of_ones_own(domain: str) -> None:
    assert not is_own_domain(domain)
