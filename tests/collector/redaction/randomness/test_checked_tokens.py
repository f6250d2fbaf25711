"""What a token is not is decided by what it can be checked against."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
from dataclasses import replace

import pytest
from tests.support.typist import Typist

from signoff_collector.redaction.detectors.detectors import find_settled
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.randomness.checked_tokens import (
    checked_tokens_in,
    checked_tokens_of,
)
from signoff_collector.redaction.randomness.public_data import is_public_data, public_rows
from signoff_collector.redaction.redactor import Redactor
from signoff_schemas.steps import CommandStep

pytestmark = pytest.mark.slow

SEEDS = range(6)
START = "# 😀🚀\n"
LOCK_LINES = (
    ("package-lock.json", '      "integrity": "sha512-{b64:64}",', "b64:64"),
    ("yarn.lock", "  integrity sha512-{b64:64}", "b64:64"),
    ("web/pnpm-lock.yaml", "    resolution: {{integrity: sha512-{b64:64}}}", "b64:64"),
    ("Cargo.lock", 'checksum = "{hex:32}"', "hex:32"),
    ("poetry.lock", 'content-hash = "{hex:32}"', "hex:32"),
    ("uv.lock", '    {{ url = "https://x", hash = "sha256:{hex:32}", size = 1 }},', "hex:32"),
    ("requirements/dev.txt", "    --hash=sha256:{hex:32} \\", "hex:32"),
    ("go.sum", "golang.org/x/net v0.1.0 h1:{b64:32}", "b64:32"),
    ("composer.lock", '                "reference": "{hex:20}"', "hex:20"),
    ("flake.lock", '        "rev": "{hex:20}",', "hex:20"),
    ("Gemfile.lock", "  revision: {hex:20}", "hex:20"),
)
"""Lines of lock files with a place for a digest, and what stands there."""


def source_of(seed: int) -> random.Random:
    print(f"seed {seed}")  # noqa: T201
    return random.Random(f"checked {seed}")  # noqa: S311


def made(form: str, source: random.Random) -> str:
    kind, _, size = form.partition(":")
    content = source.randbytes(int(size))
    return content.hex() if kind == "hex" else base64.b64encode(content).decode()


def certificate(source: random.Random, size: int = 700) -> bytes:
    body = b"\x30\x82\x02\x00\xa0\x03\x02\x01\x02" + source.randbytes(size)
    return b"\x30\x82" + struct.pack(">H", len(body)) + body


def sealed(typist: Typist) -> str:
    redacted = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    states = b"\n".join(redacted.blobs).decode()
    return states + "".join(str(step.model_dump()) for step in redacted.steps) + redacted.edits.text


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("path", "line", "form"), LOCK_LINES)
def test_a_digest_counts_on_a_line_of_a_lock_file_only(
    path: str, line: str, form: str, seed: int
) -> None:
    digest = made(form, source_of(seed))
    text = line.format(**{form.partition(":")[0]: _Placed(digest)})
    assert digest in text
    other = f"x = '{digest}'"
    assert find_settled(other)
    assert not find_settled(other, checked_tokens_in(path, text))
    assert find_settled(other, checked_tokens_in("notes.py", text))
    assert find_settled(other, checked_tokens_in(path, f"note {digest}"))


class _Placed(str):
    """A string that ignores the size in its place: `{hex:32}`."""

    def __format__(self, spec: str) -> str:
        return str(self)


@pytest.mark.parametrize("seed", SEEDS)
def test_digests_of_what_the_episode_holds_stay_in_texts_and_outputs(seed: int) -> None:
    source = source_of(seed)
    content = START + made("hex:8", source)
    digests = [
        hashlib.new(name, content.encode()).hexdigest() for name in ("sha1", "sha256", "sha512")
    ]
    digests += [base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()]
    digests += [hashlib.sha1(b"blob %d\0" % len(content.encode()) + content.encode()).hexdigest()]  # noqa: S324
    strange = source.randbytes(32).hex()
    typist = Typist()
    typist.open("a.py", content)
    typist.open("b.py", START + "\n".join([*digests, strange]))
    typist.command(["sums"], "\n".join([*digests, strange]))
    shown = sealed(typist)
    assert all(shown.count(digest) >= 2 for digest in digests)
    assert strange not in shown


@pytest.mark.parametrize("seed", SEEDS)
def test_a_diff_of_a_lock_file_is_known_by_its_path(seed: int) -> None:
    digest = source_of(seed).randbytes(32).hex()
    line = f'+checksum = "{digest}"\n'
    for path, stays in (("Cargo.lock", True), ("src/main.rs", False)):
        typist = Typist()
        typist.open("a.py", START)
        head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n"
        typist.command(["git", "diff"], head + line)
        assert (digest in sealed(typist)) == stays


@pytest.mark.parametrize("seed", SEEDS)
def test_commits_that_exist_are_checked(seed: int) -> None:
    commit = source_of(seed).randbytes(20).hex()
    typist = Typist()
    typist.open("a.py", START)
    assert commit in checked_tokens_of(typist.episode(), [commit])
    assert find_settled(f"x = '{commit}'")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_id_of_its_own_session_is_no_secret_where_signoff_was_called_with_it(seed: int) -> None:
    source = source_of(seed)
    for _ in range(5):
        own, secret = f"20261125T102958Z-{made('hex:4', source)}", made("b64:18", source)
        typist = Typist()
        typist.command(["signoff", "restore", ".", "--session", own, "--at", "step:3"])
        typist.command([], line=f"signoff restore . --session={own} --at 1")
        typist.command([], line=f"curl --session={secret}", output="😀🚀")
        begun = typist.episode()
        header = begun.header.model_copy(update={"session": own})
        redacted = Redactor(RedactionPolicy()).redact_episode(replace(begun, header=header))
        assert redacted.header.session == own
        commands = [step for step in redacted.steps if isinstance(step, CommandStep)]
        shown = [" ".join([*step.argv, step.line or ""]) for step in commands]
        assert [own in one for one in shown] == [True, True, False], shown
        assert secret not in shown[2]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("width", [60, 64, 76])
def test_rows_of_base64_stay_where_joined_they_are_public_data(width: int, seed: int) -> None:
    source = source_of(seed)
    picture = b"\x89PNG\r\n\x1a\n" + source.randbytes(700)
    for content, stays in (
        (picture, True),
        (certificate(source), True),
        (source.randbytes(700), False),
    ):
        whole = base64.b64encode(content).decode()
        rows = [whole[at : at + width] for at in range(0, len(whole), width)]
        for lead, tail in (("", ""), ("    '", "'"), ("+", ""), ("# ", "")):
            typist = Typist()
            typist.open("a.py", START + "\n".join(f"{lead}{row}{tail}" for row in rows) + "\nend\n")
            shown = sealed(typist)
            assert all((row in shown) == stays for row in rows[:-1])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_private_key_in_the_armour_of_a_certificate_is_no_public_data(seed: int) -> None:
    body = b"\x02\x01\x00" + source_of(seed).randbytes(600)
    key = base64.b64encode(b"\x30\x82" + struct.pack(">H", len(body)) + body).decode()
    rows = [key[at : at + 64] for at in range(0, len(key), 64)]
    armoured = "-----BEGIN CERTIFICATE-----\n" + "\n".join(rows) + "\n-----END CERTIFICATE-----\n"
    assert list(public_rows(armoured)) == []
    assert not is_public_data(key)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_data_address_is_public_by_what_it_decodes_to(seed: int) -> None:
    source = source_of(seed)
    picture = base64.b64encode(b"GIF89a" + source.randbytes(90)).decode()
    secret = base64.b64encode(source.randbytes(96)).decode()
    assert find_settled(f'<img src="data:image/gif;base64,{picture}">') == []
    assert find_settled(f'<img src="data:image/gif;base64,{secret}">')
