"""Signing in with an organisation's account: what is let in, what is not, and what is noted."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select, text
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hub_pages import SAME_SITE, Shown, shown
from tests.support.hub_requests import answer_to, served
from tests.support.hubs import made_node
from tests.support.odd_provider import CLIENT, OddProvider, b64, odd_provider, part
from tests.support.tls import made_certificates

from signoff_hub.database.tables import ENROLMENT_CODE, METADATA, OIDC_DRAW
from signoff_hub.node.node import Node
from signoff_hub.place.settings import read_settings
from signoff_hub.signing_in.organisation import COMES_BACK_S
from signoff_hub.signing_in.page_sessions import ORGANISATION
from signoff_hub.signing_in.tokens import revoke_api_tokens
from signoff_schemas.errors import DamagedError, NotFoundError

SETTINGS = """
address = "http://127.0.0.1:8443"
workers = 1
needs_enrolment = true
[organisation]
issuer = "{issuer}"
client_id = "signoff-hub"
members = "developers"
auditors = "audit"
operators = "ops"
"""
CODE = re.compile(r"\b[0-9a-f]{6}(?:-[0-9a-f]{6}){3}\b")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[OddProvider]:
    with odd_provider(clock.wall_ns() // 10**9) as made:
        yield made


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock, provider: OddProvider) -> Iterator[Node]:
    settings = SETTINGS.format(issuer=provider.issuer)
    with made_node(tmp_path / "hub", settings, clock=clock) as made:
        yield made


@pytest.fixture
def client(node: Node) -> Iterator[httpx.Client]:
    with served(node) as made:
        yield made


def _leave(client: httpx.Client, to: str = "draw") -> str:
    answer = client.get("/pages/organisation", params={"to": to}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _back(client: httpx.Client, said: dict[str, str], status: int = 200) -> Shown:
    return shown(client.get("/pages/organisation/back", params=said), status)


def _draw(client: httpx.Client, provider: OddProvider) -> str:
    page = _back(client, provider.sign_in(_leave(client)))
    (code,) = CODE.findall(page.text)
    return code


def _proof(client: httpx.Client, person: Person) -> dict[str, str]:
    return answer_to(client.post("/v1/challenges").json(), person)


def test_a_member_draws_a_code_that_makes_a_key_a_members(
    client: httpx.Client, provider: OddProvider
) -> None:
    code = _draw(client, provider)
    key = Person(number=1)
    enrolled = client.post("/v1/enrolments", json={**_proof(client, key), "code": code})
    assert enrolled.status_code == 201, enrolled.text
    again = client.post("/v1/enrolments", json={**_proof(client, Person(number=2)), "code": code})
    assert again.status_code == 403


def test_an_account_draws_once(client: httpx.Client, provider: OddProvider) -> None:
    first = _draw(client, provider)
    page = _back(client, provider.sign_in(_leave(client)), 400)
    assert "was drawn with your account before" in page.text
    assert not CODE.search(page.text)
    provider.person = {"sub": "grace", "groups": ["developers"]}
    assert _draw(client, provider) != first


def test_nothing_that_is_kept_says_who_drew_or_which(
    client: httpx.Client, provider: OddProvider, node: Node, tmp_path: Path
) -> None:
    names = [f"person-{n}@example.org" for n in range(7)]
    codes = []
    for name in names:
        provider.person = {"sub": name, "groups": ["developers"], "name": f"Name of {name}"}
        codes.append(_draw(client, provider))
    with node.database.read() as connection:
        drawn = [tuple(row) for row in connection.execute(select(OIDC_DRAW))]
        rows = [
            repr(tuple(row))
            for table in METADATA.sorted_tables
            for row in connection.execute(select(table))
        ]
        if node.database.is_sqlite:
            order = text("SELECT subject_hmac FROM oidc_draw ORDER BY rowid")
            in_order = list(connection.execute(order).scalars())
            # The order of rows is that of the numbers, whoever came first.
            assert in_order == sorted(in_order)
        used = connection.execute(
            select(func.count()).select_from(ENROLMENT_CODE).where(ENROLMENT_CODE.c.used)
        ).scalar_one()
    assert len(drawn) == len(names)
    assert len({day for _, day in drawn}) == 1
    assert used == 0  # drawing touches no row of a code
    kept = "\n".join(rows)
    for word in [*names, *codes, *(hashlib.sha256(name.encode()).hexdigest() for name in names)]:
        assert word not in kept
    for path in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert not any(name.encode() in path.read_bytes() for name in names), path


def test_who_is_in_no_group_draws_nothing(client: httpx.Client, provider: OddProvider) -> None:
    provider.person = {"sub": "eve", "groups": ["guests"]}
    assert "in no group" in _back(client, provider.sign_in(_leave(client)), 403).text
    provider.person = {"sub": "eve"}
    assert "in no group" in _back(client, provider.sign_in(_leave(client)), 403).text


@pytest.mark.parametrize(
    ("groups", "pages"),
    [
        (["audit"], ("/pages/log", "/pages/operate")),
        (["ops", "developers"], ("/pages/operate", "/pages/log")),
        ("audit", ("/pages/log", "/pages/operate")),
    ],
)
def test_groups_open_the_pages_that_are_theirs(
    client: httpx.Client,
    provider: OddProvider,
    node: Node,
    groups: object,
    pages: tuple[str, str],
) -> None:
    sees, not_seen = pages
    provider.person = {"sub": "ada", "groups": groups}
    page = _back(client, provider.sign_in(_leave(client, "pages")))
    assert sees in page.links()
    assert not_seen not in page.links()
    shown(client.get(sees))
    shown(client.get(not_seen), 403)
    assert revoke_api_tokens(node, ORGANISATION) == 1
    shown(client.get(sees), 401)


def test_groups_may_come_from_the_user_info(client: httpx.Client, provider: OddProvider) -> None:
    provider.person = {"sub": "ada"}
    provider.answers["/me"] = (200, json.dumps({"sub": "ada", "groups": ["developers"]}).encode())
    _draw(client, provider)
    provider.person = {"sub": "eve"}  # of another person, they count for nothing
    _back(client, provider.sign_in(_leave(client)), 403)


def test_a_developer_sees_no_pages_of_others(client: httpx.Client, provider: OddProvider) -> None:
    page = _back(client, provider.sign_in(_leave(client, "pages")), 403)
    assert "no group for which this hub has pages" in page.text


def test_it_comes_back_once_in_time_and_in_its_browser(
    client: httpx.Client, provider: OddProvider, clock: FakeClock
) -> None:
    said = provider.sign_in(_leave(client))
    kept = dict(client.cookies)
    client.cookies.clear()
    assert "not begun in this browser" in _back(client, said, 410).text
    client.cookies.update(kept)
    _back(client, said)
    client.cookies.update(kept)
    _back(client, said, 410)  # played again
    late = provider.sign_in(_leave(client))
    clock.advance(COMES_BACK_S + 1)
    _back(client, late, 410)


def test_the_state_of_another_browser_is_refused(
    client: httpx.Client, provider: OddProvider, node: Node
) -> None:
    with served(node) as other:
        theirs = provider.sign_in(_leave(other))
    mine = provider.sign_in(_leave(client))
    _back(client, {**mine, "state": theirs["state"]}, 410)
    for state in ("", "x", "\u00e9", "a" * 10_000):
        _leave(client)
        _back(client, {**mine, "state": state}, 410)


def test_a_way_to_draw_is_none_to_pages(client: httpx.Client, provider: OddProvider) -> None:
    provider.person = {"sub": "ada", "groups": ["audit"]}
    page = _back(client, provider.sign_in(_leave(client, "draw")), 403)
    assert "/pages/log" not in page.links()


def test_the_code_of_another_sign_in_is_refused(
    client: httpx.Client, provider: OddProvider, node: Node
) -> None:
    with served(node) as other:
        theirs = provider.sign_in(_leave(other))
    mine = provider.sign_in(_leave(client))
    _back(client, {**mine, "code": theirs["code"]}, 403)  # its verifier is another one


def test_what_the_organisation_says_no_to(client: httpx.Client, provider: OddProvider) -> None:
    for said in ({"error": "access_denied"}, {"error": "<script>alert(1)</script>"}, {"code": ""}):
        mine = provider.sign_in(_leave(client))
        page = _back(client, {**mine, **said}, 403)
        assert "script" not in page.text


def test_another_issuer_in_the_answer_is_refused(
    client: httpx.Client, provider: OddProvider
) -> None:
    mine = provider.sign_in(_leave(client))
    _back(client, {**mine, "iss": "https://evil.example"}, 403)
    provider.description["authorization_response_iss_parameter_supported"] = True
    with_name = provider.sign_in(_leave(client))
    _back(client, {**with_name, "iss": provider.issuer})


def _none(provider: OddProvider, claims: dict[str, Any]) -> str:
    del provider
    return f"{part({'alg': 'none'})}.{part(claims)}."


def _hs256(provider: OddProvider, claims: dict[str, Any]) -> str:
    """Sign with the public key as if it were a shared secret."""
    shared = provider.keys["one"].public_key()
    secret = shared.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    message = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    return f"{message}.{b64(hmac.digest(secret, message.encode(), 'sha256'))}"


def _other_key(provider: OddProvider, claims: dict[str, Any]) -> str:
    provider.signs_with = "two"  # which it does not show
    return provider.signed(claims)


def _own_key_in_the_head(provider: OddProvider, claims: dict[str, Any]) -> str:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    numbers = provider.keys["two"].public_key().public_numbers()
    jwk = {"kty": "RSA", "n": b64(numbers.n.to_bytes(256, "big")), "e": "AQAB"}
    message = f"{part({'alg': 'RS256', 'jwk': jwk})}.{part(claims)}"
    signature = provider.keys["two"].sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{b64(signature)}"


def _changed(provider: OddProvider, claims: dict[str, Any]) -> str:
    head, _, signature = provider.signed(claims).split(".")
    return f"{head}.{part({**claims, 'groups': ['developers', 'audit']})}.{signature}"


def _garbage(_: OddProvider, __: dict[str, Any]) -> str:
    return base64.b64encode(b"x" * 3000).decode()


@pytest.mark.parametrize(
    "forge", [_none, _hs256, _other_key, _own_key_in_the_head, _changed, _garbage]
)
def test_a_forged_identity_is_refused(
    client: httpx.Client,
    provider: OddProvider,
    forge: Callable[[OddProvider, dict[str, Any]], str],
) -> None:
    _leave(client)
    provider.token = lambda claims: forge(provider, claims)
    _back(client, provider.sign_in(_leave(client)), 403)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 1 << 40},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
        {"sub": "a" * 256},
    ],
)
def test_an_identity_for_somebody_else_is_refused(
    client: httpx.Client, provider: OddProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    page = _back(client, provider.sign_in(_leave(client)), 403)
    assert not CODE.search(page.text)


def test_a_new_key_is_asked_for_and_unknown_ones_not_for_ever(
    client: httpx.Client, provider: OddProvider
) -> None:
    provider.person = {"sub": "ada", "groups": ["audit"]}
    _back(client, provider.sign_in(_leave(client, "pages")))
    provider.signs_with, provider.shown = "two", ["two"]
    for _ in range(5):
        _back(client, provider.sign_in(_leave(client, "pages")), 403)
    assert provider.asked.count("/jwks") == 1  # the keys were asked for a moment ago


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", (404, b"{}")),
        ("/.well-known/openid-configuration", (302, b"http://127.0.0.1:1/")),
        ("/.well-known/openid-configuration", (200, b"<html>")),
        ("/.well-known/openid-configuration", (200, b"[" * 100_000)),
        ("/.well-known/openid-configuration", (200, b'{"issuer": "https://evil.example"}')),
        ("/.well-known/openid-configuration", (200, b" " * 300_000)),
        ("/token", (500, b"{}")),
        ("/token", (200, b"{}")),
        ("/token", (200, b'{"id_token": 7}')),
        ("/jwks", (200, b'{"keys": []}')),
        ("/jwks", (200, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}')),
        ("/jwks", (200, b'{"keys": [{"kty": "RSA", "n": "!", "e": 3}]}')),
        ("/jwks", (200, b'{"keys": ' + b'[{"kty": "EC"}]' * 9 + b"}")),
    ],
)
def test_an_organisation_that_answers_wrongly_is_said_to(
    client: httpx.Client, provider: OddProvider, path: str, answer: tuple[int, bytes]
) -> None:
    provider.answers[path] = answer
    begun = client.get("/pages/organisation", params={"to": "draw"}, follow_redirects=False)
    if begun.status_code == 303:
        begun = client.get(
            "/pages/organisation/back", params=provider.sign_in(begun.headers["location"])
        )
    assert "does not work now" in shown(begun, 503).text


@pytest.mark.parametrize(
    "place", ["http://evil.example/auth", "javascript:alert(1)", "//evil", 7, "file:///etc/passwd"]
)
def test_no_browser_is_sent_where_there_is_no_tls(
    client: httpx.Client, provider: OddProvider, place: object
) -> None:
    provider.description["authorization_endpoint"] = place
    begun = client.get("/pages/organisation", params={"to": "draw"}, follow_redirects=False)
    assert "no address with TLS" in shown(begun, 503).text


def test_an_organisation_that_is_away_is_said_to(tmp_path: Path, clock: FakeClock) -> None:
    settings = SETTINGS.format(issuer="http://127.0.0.1:9")
    with made_node(tmp_path / "hub", settings, clock=clock) as node, served(node) as client:
        begun = client.get("/pages/organisation", params={"to": "draw"})
        assert "it cannot be reached" in shown(begun, 503).text


def test_a_hub_without_an_organisation_offers_none(tmp_path: Path, clock: FakeClock) -> None:
    settings = 'address = "http://127.0.0.1:8443"\nworkers = 1\n'
    with made_node(tmp_path / "hub", settings, clock=clock) as node, served(node) as client:
        assert "organisation" not in shown(client.get("/pages/sign-in")).text
        shown(client.get("/pages/organisation"), 404)
        shown(client.get("/pages/organisation/back"), 404)


def test_the_page_to_sign_in_leads_there(client: httpx.Client) -> None:
    links = shown(client.get("/pages/sign-in")).links()
    assert "/pages/organisation?to=draw" in links
    assert "/pages/organisation?to=pages" in links


def test_who_is_signed_in_leaves_that_session(client: httpx.Client, provider: OddProvider) -> None:
    provider.person = {"sub": "ada", "groups": ["audit"]}
    _back(client, provider.sign_in(_leave(client, "pages")))
    before = dict(client.cookies)
    _back(client, provider.sign_in(_leave(client, "pages")))
    after = dict(client.cookies)
    client.cookies.clear()
    client.cookies.update(before)
    shown(client.get("/pages/log"), 401)
    client.cookies.clear()
    client.cookies.update(after)
    shown(client.get("/pages/log"))
    out = client.post("/pages/sign-out", headers=SAME_SITE)
    assert out.status_code == 303
    shown(client.get("/pages/log"), 401)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('secret_file = "nowhere"', "secret_file is not there"),
        ('ca_file = "nowhere.pem"', "ca_file is not there"),
        ('ca_file = "hub.toml"', "ca_file holds no certificate"),
    ],
)
def test_a_file_that_is_not_there_is_named_before_anybody_signs_in(
    tmp_path: Path, clock: FakeClock, line: str, said: str
) -> None:
    settings = f"{SETTINGS.format(issuer='https://login.example.org')}{line}\n"
    with (
        made_node(tmp_path / "hub", settings, clock=clock) as node,
        pytest.raises((NotFoundError, DamagedError), match=said) as caught,
        served(node),
    ):
        pass
    assert "organisation.md" in (caught.value.hint or "")


@pytest.mark.parametrize("issuer", ["javascript:alert(1)", "http://login.example.org", "x"])
def test_an_issuer_without_tls_is_refused_in_plain_words(tmp_path: Path, issuer: str) -> None:
    (tmp_path / "hub.toml").write_text(SETTINGS.format(issuer=issuer))
    with pytest.raises(DamagedError, match=r"organisation.issuer: is https://HOST"):
        read_settings(tmp_path / "hub.toml")


def test_a_private_authority_is_trusted_where_it_is_named(tmp_path: Path, clock: FakeClock) -> None:
    tls = made_certificates(tmp_path)
    with odd_provider(clock.wall_ns() // 10**9, tls) as provider:
        plain = SETTINGS.format(issuer=provider.issuer)
        named = f'{plain}ca_file = "{tls.authority}"\n'
        with made_node(tmp_path / "one", named, clock=clock) as node, served(node) as client:
            _draw(client, provider)
        with made_node(tmp_path / "two", plain, clock=clock) as node, served(node) as client:
            begun = client.get("/pages/organisation", params={"to": "draw"})
            assert "it cannot be reached" in shown(begun, 503).text
