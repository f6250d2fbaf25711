"""Our verdict against `ssh-keygen -Y verify`, over lines, keys, times and changed bytes.

What we accept, ssh-keygen accepts; what it accepts beyond that is what docs/sign_off.md
refuses: patterns, lines for every purpose, second spellings, certificates, version 0.
"""

from __future__ import annotations

import subprocess
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.deadline import deadline
from tests.support.ssh_agent import software_key

from signoff_collector.consent.signatures.authority import parse_allowed_signers
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.ssh_keygen import public_key_line, read_public_key
from signoff_collector.consent.signatures.sshsig import (
    SIGN_OFF,
    WITHDRAWAL,
    Wire,
    armour,
    parse_signature,
    signed_data,
    unarmour,
    wire_string,
)
from signoff_collector.programs.children import find_program
from signoff_schemas.errors import NotSignedError

MESSAGE = '{"statement": "\U0001f600\U00010348"}\n'.encode()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLAIN = (("ed25519", "256"), ("ecdsa", "256"), ("ecdsa", "384"), ("ecdsa", "521"), ("rsa", "2048"))
VERSION_0 = (len(b"SSHSIG\0\0\0"), 0)
"""Byte and bit that make of version 1 a version 0, which ssh-keygen 9.2 takes for a good one."""
KINDS = (*(f"{kind}-{bits}" for kind, bits in PLAIN), "sk-ed25519", "sk-ecdsa")


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, bytes]]:
    """Give for each kind of key its public line and a signature over the message."""
    folder = tmp_path_factory.mktemp("keys")
    made = {f"{kind}-{bits}": plain_signer(folder, kind, bits) for kind, bits in PLAIN}
    for kind in ("ed25519", "ecdsa"):
        key = software_key(kind)
        value = key.sign(signed_data(SIGN_OFF, "sha512", MESSAGE))
        parts = (key.public, SIGN_OFF.encode(), b"", b"sha512", value)
        text = armour(b"SSHSIG\0\0\0\x01" + b"".join(map(wire_string, parts)))
        made[f"sk-{kind}"] = (key.line, text)
    return MappingProxyType(made)


def plain_signer(folder: Path, kind: str, bits: str) -> tuple[str, bytes]:
    path = folder / f"{kind}-{bits}"
    keygen = str(find_program("ssh-keygen"))
    make = [keygen, "-q", "-t", kind, "-b", bits, "-N", "", "-C", "", "-f", str(path)]
    subprocess.run(make, check=True, timeout=deadline())
    sign = [keygen, "-Y", "sign", "-n", SIGN_OFF, "-f", str(path)]
    done = subprocess.run(sign, input=MESSAGE, capture_output=True, check=True, timeout=deadline())
    text = armour(unarmour(done.stdout, is_canonical=False))
    return public_key_line(read_public_key(path.with_suffix(".pub"))), text


def stock_accepts(line: str, text: bytes, folder: Path) -> bool:
    allowed, place = folder / "allowed", folder / "sig"
    allowed.write_text(line + "\n")
    place.write_bytes(text)
    argv = [str(find_program("ssh-keygen")), "-Y", "verify", "-f", str(allowed), "-I", "ada"]
    argv += ["-n", SIGN_OFF, "-s", str(place), "-O", f"verify-time={NOW:%Y%m%d%H%M%S}Z"]
    done = subprocess.run(argv, input=MESSAGE, capture_output=True, timeout=deadline(), check=False)
    return done.returncode == 0


def we_accept(line: str, text: bytes) -> bool:
    try:
        key = verify_signature(MESSAGE, text, SIGN_OFF).public_key
    except NotSignedError:
        return False
    return parse_allowed_signers(line.encode()).vouch("ada", key, SIGN_OFF, NOW).is_so


def time_near(hours: int) -> str:
    return f"{NOW + timedelta(hours=hours):%Y%m%d%H%M%S}Z"


HOURS = st.one_of(st.none(), st.integers(-48, 48).filter(bool))


@given(
    kind=st.sampled_from(KINDS),
    key_of=st.sampled_from(KINDS),
    is_same=st.booleans(),
    namespaces=st.lists(st.sampled_from([SIGN_OFF, WITHDRAWAL, "git", "file"]), max_size=3),
    after=HOURS,
    before=HOURS,
)
@settings(max_examples=80, deadline=None)
def test_plain_lines_are_judged_alike(
    *,
    kind: str,
    key_of: str,
    is_same: bool,
    namespaces: list[str],
    after: int | None,
    before: int | None,
    signers: Mapping[str, tuple[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    options = [f'namespaces="{",".join(namespaces)}"'] if namespaces else []
    options += [f'valid-after="{time_near(after)}"'] if after else []
    options += [f'valid-before="{time_near(before)}"'] if before else []
    public = signers[kind if is_same else key_of][0]
    line = " ".join(filter(None, ("ada", ",".join(options), public)))
    text = signers[kind][1]
    ours = we_accept(line, text)
    theirs = stock_accepts(line, text, tmp_path_factory.getbasetemp())
    if namespaces:
        assert ours == theirs, line
    else:
        assert not ours, "a line for every purpose vouches for nobody"


@given(
    kind=st.sampled_from(KINDS),
    principals=st.sampled_from(["ada", "*", "a*", "bo,ada", "ada,!bo", "bo"]),
    namespaces=st.sampled_from([SIGN_OFF, "*", "signoff-*", f"git,{SIGN_OFF}"]),
)
@settings(max_examples=40, deadline=None)
def test_what_we_accept_with_patterns_about_ssh_keygen_accepts(
    kind: str,
    principals: str,
    namespaces: str,
    signers: Mapping[str, tuple[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    public, text = signers[kind]
    line = f'{principals} namespaces="{namespaces}" {public}'
    if we_accept(line, text) and "ada" in principals.split(","):
        assert stock_accepts(line, text, tmp_path_factory.getbasetemp()), line


@given(kind=st.sampled_from(KINDS), at=st.integers(0, 2000), bit=st.integers(0, 7))
@settings(max_examples=120, deadline=None)
def test_one_flipped_bit_is_refused_by_both(
    kind: str,
    at: int,
    bit: int,
    signers: Mapping[str, tuple[str, bytes]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    public, text = signers[kind]
    at %= len(unarmour(text))
    flipped = with_flipped_bit(text, at, bit)
    line = f'ada namespaces="{SIGN_OFF}" {public}'
    assert not we_accept(line, flipped)
    if (at, bit) != VERSION_0:
        assert not stock_accepts(line, flipped, tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_of_version_0_is_refused(
    kind: str, signers: Mapping[str, tuple[str, bytes]], tmp_path: Path
) -> None:
    # nothing signs the version: the same signature would have a second spelling
    public, text = signers[kind]
    line = f'ada namespaces="{SIGN_OFF}" {public}'
    assert we_accept(line, text)
    assert stock_accepts(line, text, tmp_path)
    assert not we_accept(line, with_flipped_bit(text, *VERSION_0))


def with_flipped_bit(text: bytes, at: int, bit: int) -> bytes:
    blob = bytearray(unarmour(text))
    blob[at] ^= 1 << bit
    return armour(bytes(blob))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "ecdsa" in kind])
def test_a_point_in_its_short_spelling_is_refused_by_both(
    kind: str, signers: Mapping[str, tuple[str, bytes]], tmp_path: Path
) -> None:
    # the same key would have a second fingerprint, and ssh-keygen takes none of it
    line, text = signers[kind]
    good = parse_signature(unarmour(text))
    assert stock_accepts(f'ada namespaces="{SIGN_OFF}" {line}', text, tmp_path)
    wire = Wire(good.public_key)
    key_type, curve, point = wire.string(), wire.string(), wire.string()
    half = len(point) // 2
    short = bytes([2 + (point[-1] & 1)]) + point[1 : 1 + half]
    rest = good.public_key[len(b"".join(map(wire_string, (key_type, curve, point)))) :]
    public = b"".join(map(wire_string, (key_type, curve, short))) + rest
    parts = (public, SIGN_OFF.encode(), b"", good.hash_name.encode(), good.signature)
    again = armour(b"SSHSIG\0\0\0\x01" + b"".join(map(wire_string, parts)))
    allowed = f'ada namespaces="{SIGN_OFF}" {key_type.decode()} {b64encode(public).decode()}'
    assert not stock_accepts(allowed, again, tmp_path)
    with pytest.raises(NotSignedError, match="malformed"):
        verify_signature(MESSAGE, again, SIGN_OFF)
