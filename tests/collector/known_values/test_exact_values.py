"""Values from the environment and dotenv files; identities of the machine."""

from __future__ import annotations

import os
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.known_values.exact_values import (
    HANDOVER_MAX_BYTES,
    gather_exact_values,
    handover,
    is_secret_name,
    of_values,
)
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.values.identities import IdentityPatterns, machine_identities

pytestmark = pytest.mark.slow


def test_secret_variables_and_dotenv_values_are_gathered(tmp_path: Path) -> None:
    one, two, three, four = (random_secret(seed) for seed in range(4))
    (tmp_path / ".env").write_text(
        f"# comment\nexport API_TOKEN='{one}'\nPLAIN={two} # opaque\nNAME=x\nnot a line\n"
    )
    (tmp_path / ".env.example").write_text(f"TOKEN={four}\n")
    (tmp_path / "db.env").write_text(f"URL=postgres://app:{three}@host/db\n")
    values = gather_exact_values(
        {"MY_SECRET": four, "PATH": "/usr/bin", "KEY": "/a/path"}, tmp_path
    )
    assert set(values.values) == {one, two, three, four}
    assert values.mask_text(f"a {one} b {two}") == "a REDACTED_VALUE b REDACTED_VALUE"
    assert one not in repr(values)


def test_values_are_handed_to_a_sealer_in_the_background() -> None:
    one, two = random_secret(1), random_secret(2)
    given = handover({"A_TOKEN": one, "DATABASE_URL": f"pg://u:{two}@h/x", "HOME": "/home/x"})
    assert set(gather_exact_values(given).values) == {one, two}
    assert handover({"HOME": "/home/x"}) == {}
    large = handover({f"TOKEN_{n}": f"{one}{n}" * 900 for n in range(9)})
    assert len("".join(large.values())) <= HANDOVER_MAX_BYTES


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("HOOK_URL", "https://chat.example.org/services/T0/{}"),
        ("REPORT_URL", "https://api.example.org/v1/report?page=2&key={}#top"),
        ("CALLBACK", "https://{}:@example.org/x"),
        ("DATABASE_URL", "postgres://app:{}@host:5432/shop?sslmode=require"),
    ],
)
def test_the_secret_part_of_an_address_is_gathered(name: str, address: str) -> None:
    secret = random_secret(7)
    assert gather_exact_values({name: address.format(secret)}).values == (secret,)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("TEAM_WEBHOOK", "https://chat.example.org/hooks/{}?wait=true"),
        ("SENTRY_DSN", "https://{}@o634258.ingest.example.org/3814724"),
    ],
)
def test_an_address_whose_name_is_secret_is_gathered_as_a_whole_too(
    name: str, address: str
) -> None:
    secret = random_secret(7)
    whole = address.format(secret)
    values = gather_exact_values({name: whole})
    assert values.values == (whole, secret)
    assert values.mask_text(f"# {whole}\nkey={secret}") == "# REDACTED_VALUE\nkey=REDACTED_VALUE"


def test_an_address_is_no_secret_unless_its_name_says_so() -> None:
    plain = "https://login.example.org/oauth/authorize?audience=shop"
    assert gather_exact_values({"AUTH_URL": plain, "HOME_PAGE": plain}).values == ()
    assert gather_exact_values({"TEAM_WEBHOOK": plain}).values == (plain,)
    short = "https://chat.example.org/h/a1b2c3d4"
    assert gather_exact_values({"TEAM_WEBHOOK": short, "PAGE": short}).values == (short, "a1b2c3d4")
    slash = "redis://:pa/ss:wo@rd77@cache.example.org:6379/0"
    assert gather_exact_values({"REDIS_URL": slash}).values == ("pa/ss:wo@rd77",)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    (tmp_path / "real").write_text(f"TOKEN={random_secret(1)}\n")
    (tmp_path / ".env.local").symlink_to(tmp_path / "real")
    (tmp_path / ".env.folder").mkdir()
    assert gather_exact_values({}, tmp_path).values == ()
    assert gather_exact_values({}, tmp_path / "missing").values == ()


def test_short_and_public_values_are_not_looked_for() -> None:
    assert of_values(["short", "changeme", "password", "  ", ""]).values == ()


@pytest.mark.parametrize(
    "name",
    ["SSH_AUTH_SOCK", "GIT_AUTHOR_NAME", "PWD", "HOME", "LANG", "EDITOR", "SHIPPING", "PING_URL"],
)
def test_ordinary_variables_hold_no_secret(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize("name", ["PIN_CODE", "CARD_PIN", "wifi_psk", "WALLET_SEED", "API_KEY"])
def test_short_words_in_a_name_say_secret(name: str) -> None:
    assert is_secret_name(name)


def test_capture_can_import_it_without_heavy_packages() -> None:
    code = (
        "import sys; import signoff_collector.known_values.exact_values;"
        "print(sorted({'numpy', 'pydantic', 'msgpack', 'backports.zstd'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/home/wilma7/x.py", ["HOME"]),
        ("file:///home/wilma7/x.py", ["HOME"]),
        ("/home/wilma71/x.py", ["USER"]),
        ("C:\\Users\\wilma7\\x", ["USER"]),
        ("hi wilma7!", ["USER"]),
        ("wilma71 swilma7", []),
        ("Wilma W. Roth and wilma w. roth", ["NAME", "NAME"]),
        ("<W.Roth@Firm.example>", ["EMAIL"]),
        ("/home/user/docs, /Users/runner/x", []),
        ("/srv/proj/repo/a.py", ["WORKSPACE"]),
        ("mail from wilma-laptop.", ["HOST"]),
    ],
)
def test_identities_are_found_as_whole_words(text: str, kinds: list[str]) -> None:
    identities = machine_identities(
        {"HOME": "/home/wilma7", "USER": "wilma7", "HOSTNAME": "wilma-laptop"},
        Path("/srv/proj/repo"),
        authors=[("Wilma W. Roth", "w.roth@firm.example")],
    )
    patterns = IdentityPatterns(identities)
    assert [one.kind for one in patterns.find(text)] == kinds


def test_a_machine_with_generic_names_masks_no_words() -> None:
    identities = machine_identities({"HOME": "/root", "USER": "root", "HOSTNAME": "localhost"})
    patterns = IdentityPatterns(identities)
    assert not patterns.find("the root of the tree on localhost")
    assert [hit[2] for hit in patterns.find("cd /root/x")] == ["HOME"]


@pytest.mark.parametrize("tail", ["-AS@AXh.drn", "@d", "-a.b@c-d.e", "@Qx.y"])
def test_the_password_of_an_address_ends_at_its_last_at(tail: str) -> None:
    """As in the URL standard; what is too short to look random is masked with what is."""
    draw = random.Random(20261123)  # noqa: S311  (printed: it is the same each time)
    letters = "".join(draw.choices(string.ascii_letters, k=8))
    password = (
        f"{letters[:4]}*9{letters[4]}2{letters[5:7]}{tail}"  # too few digits to be random all over
    )
    address = f"postgresql://app:{password}@db.example.org:5432/shop"
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    for size in range(address.index(password) + 10, len(address) + 1):
        typist.type_at_end("a.py", f"{address[:size]}\n")
    typist.save("a.py")
    for policy in (
        RedactionPolicy(exact_values=of_values([address])),
        RedactionPolicy(exact_values=of_values([password])),
        RedactionPolicy(),
    ):
        redacted, data = Redactor(policy).seal_episode(typist.episode())
        assert leaks_in_episode(redacted, [password]) == []
        assert leaks_in_bytes(data, [password]) == []


@pytest.mark.parametrize("start", ["L", "s", "5", "SK", "0x", ""])
def test_six_characters_of_a_value_are_found_whatever_it_begins_with(start: str) -> None:
    secret = start + random_secret(20261124, 40)
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    typist.command(["echo"], f"got {secret[:6]} and {secret[-6:]}\n")
    redacted, _ = Redactor(RedactionPolicy(exact_values=of_values([secret]))).seal_episode(
        typist.episode()
    )
    assert leaks_in_episode(redacted, [secret]) == []
