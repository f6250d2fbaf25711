"""People, folders, addresses and commits in strings, in every spelling."""

from __future__ import annotations

import base64
import json
import random
import string
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import all_states, random_secret, windows
from tests.support.typist import Typist

from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.values.identities import IdentityPatterns, machine_identities
from signoff_collector.redaction.values.secrets_table import SecretsTable

SEEDS = range(6)
TMP = "/".join(("", "tmp"))
COMMIT = "3f2a9c1b7d" * 4
IDENTITIES = machine_identities(
    {"HOME": "/home/wilhelmine", "USER": "wilhelmine", "HOSTNAME": "wl-laptop7",
     "USERPROFILE": "C:\\Users\\wroth9"},
    Path("/srv/proj/repo"),
    authors=[("Wilma Q. Roth", "wroth@firm.example"), ("Otto Kern", "otto@kern.example"),
             ("O. Kern", "otto@kern.example"), ("Ida Sommer", "ida@sommer.example")],
    own=["wroth@firm.example"],
)  # fmt: skip


def masker(*values: str) -> StringMasker:
    patterns = IdentityPatterns(IDENTITIES, {COMMIT: "commit-0123456789ab"})
    table = SecretsTable(patterns)
    for value in values:
        table.learn("SECRET", value, is_exact=True)
    return StringMasker(table)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/wilhelmine/x.py", "<HOME>/x.py"),
        ("file:///home/wilhelmine/x.py", "file://<HOME>/x.py"),
        ("vscode-remote://wsl+ubuntu/home/wilhelmine/x", "vscode-remote://<HOME>/x"),
        ("\\\\wsl$\\Ubuntu\\home\\wilhelmine\\x", "\\\\<HOME>\\x"),
        ("\\\\wsl.localhost\\Debian\\home\\wilhelmine\\x", "\\\\<HOME>\\x"),
        ("%2Fhome%2Fwilhelmine%2Fx", "<HOME>%2Fx"),
        (json.dumps("C:\\Users\\wroth9\\x"), '"<HOME>\\\\x"'),
        ("file:///c%3A/Users/wroth9/x", "file:///<HOME>/x"),
        ("/mnt/c/Users/wroth9/x", "<HOME>/x"),
        ("C:/Users/wroth9/x", "<HOME>/x"),
        ("/home/someoneelse/x", "/home/REDACTED_USER_1/x"),
        ("C:\\Users\\some.one\\x", "C:\\Users\\REDACTED_USER_1\\x"),
        ("/Users/someone.else", "/Users/REDACTED_USER_1"),
        ("cd /srv/proj/repo && ls", "cd . && ls"),
        ("/srv/proj/repo/src/a.py:3: error", "./src/a.py:3: error"),
        (f"{TMP}/pytest-of-wilhelmine/pytest-3/x", "<TMP>/pytest-of-REDACTED_USER_1/pytest-3/x"),
        ("/var/folders/zz/abc123/T/x", "<TMP>/x"),
        ("/opt/venvs/acme/lib/python3.12/site-packages/requests/api.py",
         "<ABS>/lib/python3.12/site-packages/requests/api.py"),
        ("D:\\clients\\acme\\main.c", "<ABS>\\main.c"),
        ("\\\\fileserver\\clients\\acme\\a.txt", "<ABS>\\a.txt"),
        ("/usr/lib/python3.12/json/decoder.py and /dev/null and /etc/hosts",
         "/usr/lib/python3.12/json/decoder.py and /dev/null and /etc/hosts"),
        ("GET /api/v1/users and/or </div>", "GET /api/v1/users and/or </div>"),
    ],
)  # fmt: skip
def test_absolute_paths_tell_nothing_of_the_machine(text: str, shown: str) -> None:
    assert masker().mask(text) == shown
    assert masker().mask(f"😀 {text} 🚀") == f"😀 {shown} 🚀"


def test_authors_are_shown_as_roles_and_commits_by_their_names() -> None:
    log = (
        f"commit {COMMIT}\nAuthor: Wilma Q. Roth <wroth@firm.example>\n\n    fix {COMMIT[:9]}"
        " 😀🚀\n"
        "    Co-authored-by: Otto Kern <otto@kern.example>\n    by O. Kern, ida sommer\n"
    )
    assert masker().mask(log) == (
        "commit commit-0123456789ab\nAuthor: self <self>\n\n    fix commit-0123456789ab 😀🚀\n"
        "    Co-authored-by: other1 <other1>\n    by other1, other2\n"
    )
    others = f"{COMMIT[:6]} {COMMIT[:7]}0 x{COMMIT[:8]} beef{COMMIT}"
    assert "commit-" not in masker().mask(others)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://bob:pw@api.acme.io/v1?a=b&c=d#x=y",
         "https://REDACTED_USERINFO_1@api.acme.io/v1?a=REDACTED_QUERY_1&c=REDACTED_QUERY_2"
         "#x=REDACTED_QUERY_3"),
        ("http://localhost:8000/x?page=2", "http://localhost:8000/x?page=2"),
        ("http://build7.acme.corp/job/1", "http://REDACTED_HOST_1/job/1"),
        ("ssh ci@node-3.intranet", "ssh ci@REDACTED_HOST_1"),
        ("ping db1.lan", "ping REDACTED_HOST_1"),
        ("threading.local() self.internal.x com.sun.internal.y", "threading.local()"
         " self.internal.x com.sun.internal.y"),
        ("http://host.docker.internal:80/", "http://host.docker.internal:80/"),
        ("git@github.com:owner/name.git", "git@github.com:owner/name.git"),
    ],
)  # fmt: skip
def test_addresses_lose_what_is_private_in_them(text: str, shown: str) -> None:
    assert masker().mask(text) == shown


SIGNED = ["X-Amz-Signature", "sig", "token", "access_token", "X-Goog-Signature"]


@pytest.mark.parametrize("name", SIGNED)
def test_signed_parameters_are_gone_from_texts(name: str) -> None:
    value = random_secret(1, 20).lower()
    typist = Typist()
    typist.open("a.py", "# 😀𝄞\n")
    typist.type_at_end("a.py", f"u = 'https://cdn.example.net/a.zip?x=1&{name}={value}&y=2'\n")
    typist.save("a.py")
    shown = Redactor(RedactionPolicy()).redact_episode(typist.episode())
    states = "".join(map(str, all_states(shown)))
    assert not any(window in states for window in windows(value))


@pytest.mark.parametrize("name", SIGNED)
@pytest.mark.parametrize("seed", SEEDS)
def test_signed_parameters_are_masked_whatever_they_hold(name: str, seed: int) -> None:
    value = random_secret(seed, 20).lower()
    shown = masker().mask(f"https://cdn.example.net/a.zip?x=1&{name}={value}&y=2")
    assert not any(window in shown for window in windows(value))
    assert shown.startswith("https://cdn.example.net/a.zip?x=")


def _wrapped(text: str, width: int, before: str = "") -> str:
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return f"\n{before}".join(lines)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lead", range(3))
def test_a_known_value_is_found_in_every_encoding(seed: int, lead: int) -> None:
    source = random.Random(f"forms {seed} {lead}")  # noqa: S311
    secret = random_secret(seed, 30)
    around = "".join(source.choice(string.ascii_lowercase + " ") for _ in range(lead + 40))
    content = f"{around}:{secret}:{around}😀🚀".encode()
    encoded = base64.b64encode(content).decode()
    forms = {
        "base64": encoded,
        "base64 at 76 columns": _wrapped(encoded * 3, 76),
        "base64 in base64": base64.b64encode(encoded.encode()).decode(),
        "url-safe": base64.urlsafe_b64encode(content).decode().rstrip("="),
        "wrapped at 80 columns": _wrapped(f"{around} {secret} " + "x" * 90, 80),
        "a difference": _wrapped(f"+{around}{secret}", 60, "+"),
        "JSON in JSON": json.dumps(json.dumps({"k": f'"{secret}\\'})),
        "escapes": "".join(f"\\u{ord(char):04x}" for char in secret),
        "hex": secret.encode().hex(),
        "percent": "".join(f"%{ord(char):02X}" for char in secret),
        "percent twice": urllib.parse.quote("".join(f"%{ord(char):02X}" for char in secret)),
        "entities": "".join(f"&#x{ord(char):x};" for char in secret),
        "decimal entities": "".join(f"&#{ord(char)};" for char in secret),
        "shell": "".join(f"\\{char}" if not char.isalnum() else char for char in secret),
        "colours": "\x1b[1m".join(secret),
        "zero width": "\u200b".join(secret),
    }
    for name, form in forms.items():
        shown = masker(secret).mask(f"begin {form} end 😀🚀")
        assert form not in shown, name
        flat = "".join(char for char in shown if char.isalnum())
        assert not any(window in flat for window in windows(secret)), name
        assert shown.startswith("begin "), name
        assert shown.endswith(" end 😀🚀"), name


PIECES = st.sampled_from(
    [
        "/home/wilhelmine/x", "C:\\Users\\wroth9", "/srv/proj/repo/a", f"{TMP}/a", "/opt/a/b/c",
        "Wilma Q. Roth", "otto@kern.example", "Ida Sommer", COMMIT, COMMIT[:8], "wl-laptop7",
        "https://bob:pw@api.acme.io/v1?a=b", "http://x.corp/", "+49 30 9018204", "91.23.44.55",
        "ada.lovelace@analytic.io", "DE89370400440532013000", "x = 1", "def f(a):", "😀🚀", "\n",
        "\x1b[1m", "\\u0041", "&amp;", "%20", "REDACTED_SECRET_1", "<HOME>", "self", "other1",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(PIECES, st.sampled_from([" ", "", "'", "\n", ": ", "/"])), max_size=12))
def test_masking_what_is_masked_changes_nothing(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + gap for piece, gap in pieces)
    once = masker().mask(text)
    assert masker().mask(text) == once
    again = masker().mask(once)
    assert again == once
