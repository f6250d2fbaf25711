"""TLS by a private authority: trusted for the hub that a person named it for, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.hub_requests import served
from tests.support.hubs import made_node
from tests.support.tls import Certificates, made_certificates

from signoff_collector.consent.terms.audience import Audience
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.upload.hub.authorities import keep_authority, open_hub
from signoff_schemas.errors import NotFoundError, ReceiverRefusedError, RefusedError, UsageError


@pytest.fixture
def place(home: Path) -> Home:
    return resolve_home({"SIGNOFF_HOME": str(home)}).ensure()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return made_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def address(tmp_path: Path, tls: Certificates) -> Iterator[Audience]:
    with made_node(tmp_path / "hub", "workers = 1\n") as node, served(node, tls=tls) as client:
        yield Audience(str(client.base_url).rstrip("/"))


def terms_of(place: Home, address: Audience) -> str:
    with closing(open_hub(place, address)) as hub:
        return hub.terms().terms


def test_a_hub_of_a_private_authority_is_recognised_once_that_is_named(
    place: Home, address: Audience, tls: Certificates
) -> None:
    with pytest.raises(ReceiverRefusedError, match="not trusted") as told:
        terms_of(place, address)
    assert told.value.hint is not None
    assert "--ca FILE" in told.value.hint
    keep_authority(place, address, tls.authority)
    for _ in range(2):  # it is kept
        assert "retention_days" in terms_of(place, address)
    (kept,) = (place.state / "hubs").rglob("authority.pem")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_it_counts_for_that_hub_alone(place: Home, address: Audience, tls: Certificates) -> None:
    keep_authority(place, Audience("https://hub.example.org"), tls.authority)
    keep_authority(place, Audience(f"{address}/team"), tls.authority)
    with pytest.raises(ReceiverRefusedError, match="not trusted"):
        terms_of(place, address)


def test_another_authority_does_not_vouch(
    place: Home, address: Audience, tls: Certificates, tmp_path: Path
) -> None:
    keep_authority(place, address, made_certificates(tmp_path).authority)
    with pytest.raises(ReceiverRefusedError, match="not trusted"):
        terms_of(place, address)
    keep_authority(place, address, tls.authority)  # replaces it
    assert terms_of(place, address)


def test_the_environment_names_no_authority(
    place: Home, address: Audience, tls: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tls.authority))
    with pytest.raises(ReceiverRefusedError, match="not trusted"):
        terms_of(place, address)


def test_what_is_no_certificate_is_refused_and_not_kept(
    place: Home, tls: Certificates, tmp_path: Path
) -> None:
    hub = Audience("https://hub.example.org")
    both = tmp_path / "both.pem"
    both.write_bytes(tls.certificate.read_bytes() + tls.key.read_bytes())
    with pytest.raises(RefusedError, match="private key"):
        keep_authority(place, hub, both)
    for content in (
        b"",
        b"\xff\xfe",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n",
        "\U0001f600".encode(),
    ):
        both.write_bytes(content)
        with pytest.raises(RefusedError, match="no certificate"):
            keep_authority(place, hub, both)
    with pytest.raises(NotFoundError):
        keep_authority(place, hub, tmp_path / "none")
    assert not list(place.state.rglob("authority.pem"))


@pytest.mark.parametrize(
    "named", ["http://127.0.0.1:8443", "s3://host/bucket/prefix", "file:///mnt/store"]
)
def test_an_address_without_tls_of_ours_has_no_authority(
    named: str, place: Home, tls: Certificates
) -> None:
    with pytest.raises(UsageError, match="--ca is for a hub"):
        keep_authority(place, Audience(named), tls.authority)
