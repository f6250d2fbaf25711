"""Names in the orders in which people write them, handles, and hosts of an organisation."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from signoff_collector.redaction.detectors.phones import find_phones
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.values.identities import IdentityPatterns, machine_identities
from signoff_collector.redaction.values.secrets_table import SecretsTable

SEEDS = range(8)


def _name(source: random.Random) -> str:
    return "".join(source.choice("bdfglmnrtvz") + source.choice("aeiou") for _ in range(4)).title()


def _masker(name: str, mail: str, *, is_own: bool) -> StringMasker:
    identities = machine_identities(
        {"HOME": "/home/qx", "USER": "qx", "HOSTNAME": "zz-laptop7"},
        Path("/srv/proj/repo"),
        authors=[(name, mail)],
        own=[name, mail] if is_own else [],
        domains=["fernwald.de", "corp.fernwald.net"],
    )
    return StringMasker(SecretsTable(IdentityPatterns(identities)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "another"])
def test_a_name_is_masked_in_all_usual_orders(seed: int, *, is_own: bool) -> None:
    print(f"seed {seed}")  # noqa: T201
    source = random.Random(f"orders {seed}")  # noqa: S311
    first, last, mail = _name(source), _name(source), f"{_name(source).lower()}7@x{seed}mail.de"
    f, m, who = first[0], source.choice("QRX"), "self" if is_own else "other1"
    forms = [
        f"{first} {last}", f"{last}, {first}", f"{last} {first}", f"{f}. {last}", f"{f}.{last}",
        f"{f} {last}", f"{last}, {f}.", f"{first} {m}. {last}", f"{f}. {m}. {last}",
        f"{last}, {first} {m}.", f"{first} {last[0]}.", f"{first}.{last}".lower(),
        f"{f}{last}".lower(), f"{first}{last}".lower(), f"{last}.{first}".lower(),
        f"{first}_{last}".lower(), mail.partition("@")[0],
    ]  # fmt: skip
    if is_own:
        forms += [last, f"{f}. {m}. {last[0]}.", f"{f}.{m}.{last[0]}.", f"{f}. {last[0]}."]
    masker = _masker(f"{first} {m}. {last}", mail, is_own=is_own)
    for form in forms:
        assert masker.mask(f"😀 by {form} (see x)") == f"😀 by {who} (see x)", form
    assert masker.mask(f"{mail} 🚀") == f"{who} 🚀"
    todo = f"# TODO({f}{m}{last[0]}): x"
    assert masker.mask(todo) == ("# TODO(self): x" if is_own else todo)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will Young", "young will grow; a will; w. young trees"),
        ("Al Pine", "FROM alpine:3.20"),
        ("Mark Long", "a long mark, mlong = 3, Mark r."),
        ("Grant Park", "park, grant and go; Park the car"),
        ("Ian Case", "case i of x: I case"),
    ],
)
def test_names_that_are_words_mask_no_words(name: str, text: str) -> None:
    assert _masker(name, "q@y.de", is_own=True).mask(text) == text


@pytest.mark.parametrize("seed", SEEDS)
def test_hosts_of_the_organisation_and_of_internal_networks_are_masked(seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201
    source = random.Random(f"hosts {seed}")  # noqa: S311
    name = f"{_name(source).lower()}{source.randrange(10, 99)}"
    other = _name(source).lower()
    masker = _masker("Ada Bell", "q@y.de", is_own=True)
    for host in (
        f"{name}.fernwald.de", f"{name}.{other}.fernwald.de", "fernwald.de", f"{other}.lan",
        f"{name}.corp.fernwald.net", f"{name}.internal", f"{name}.local", f"{other}.corp",
        f"{name}.corp.{other}-{name}.com", f"{name}.{other}.internal",
    ):  # fmt: skip
        for spelt in (host, host.upper()):
            shown = masker.mask(f"see {spelt} 😀, then x")
            assert shown.startswith("see REDACTED_HOST_"), spelt
            assert shown.endswith(" 😀, then x"), spelt
    code = "self.local threading.local com.sun.internal notfernwald.de fernwald.design x.internal"
    assert masker.mask(code) == code


@pytest.mark.parametrize("seed", SEEDS)
def test_ten_digits_are_a_number_in_quotes_or_behind_a_word_for_it(seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201
    source = random.Random(f"digits {seed}")  # noqa: S311
    number = f"5{source.randrange(20, 99)}7{source.randrange(234_567, 987_654)}"
    for line in (f"x = '{number}'", f'["{number}", 1]', f"phone of the shop is {number} 😀",
                 f"contact,{number},yes", f"Mobile (new)  1{number}"):  # fmt: skip
        assert [line[one.start : one.end][-10:] for one in find_phones(line)][:1] == [number], line
    for line in (f"x = {number}", f"id {number}", f"'{number}1'", f"t = '{number}.5'",
                 "x = '4294967295'", "x = '2345678901'", f"#{number}", f"a{number}"):  # fmt: skip
        assert list(find_phones(line)) == [], line
