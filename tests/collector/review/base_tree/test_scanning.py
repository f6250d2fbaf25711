"""A file of the base that holds anything sealing would mask stays here as a whole."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from tests.support.leaks import random_secret

from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.redaction.verifying.second_engine import SecondHit, load_second_engine
from signoff_collector.review.base_tree.reading import ReadFile
from signoff_collector.review.base_tree.scanning import BaseScanner
from signoff_collector.review.base_tree.tree import ExcludedFile

MARKS = "😀𝄞"
RSA = "RSA PRIVATE KEY"
WHO = Identities(user_names=("adalovel",), person_names=("Ada Lovel",), home_paths=("/home/adal",))


@pytest.fixture
def engines(compiled_engine: None, home: Path) -> Path:
    return home / "state" / "engines"


def look(
    engines: Path,
    files: dict[str, str],
    *,
    known: tuple[str, ...] = (),
    is_public: bool = False,
    commits: dict[str, str] | None = None,
    passed: tuple[str, ...] = (),
) -> dict[str, ExcludedFile]:
    table = SecretsTable(IdentityPatterns(WHO))
    for value in known:
        table.learn("SECRET", value, is_exact=True)
    looker = BaseScanner(
        table,
        RedactionPolicy(identities=WHO, commits=commits or {}),
        load_second_engine(engines),
        is_public=is_public,
        passed={hashlib.sha256(text.encode()).digest() for text in passed},
    )
    read = [
        ReadFile(path=path, mode="100644", content=text.encode()) for path, text in files.items()
    ]
    return {one.path: one for one in looker.look(read)}


def test_secrets_of_every_kind_keep_their_file_here(engines: Path) -> None:
    plain, token, password = (random_secret(seed, 32) for seed in (1, 2, 3))
    key = base64.b64encode(random_secret(4, 600).encode()).decode()
    folded = "\n".join(key[at : at + 64] for at in range(0, len(key), 64))
    files = {
        "clean.py": f"def add(a, b):\n    return a + b  # {MARKS}\n",
        "assigned.py": f'# {MARKS}\napi_key = "{plain}"\n',
        "token.py": f"# {MARKS}\n\nuse('ghp_{token}{token[:4]}')\n",
        "url.py": f"# {MARKS}\nDB = 'postgres://app:{password}@db/app'\n",
        "key.pem.txt": f"-----BEGIN {RSA}-----\n{folded}\n-----END {RSA}-----\n",
        "beside.yaml": f"# {MARKS}\npassword:\n  {random_secret(5, 32)}\n",
    }
    found = look(engines, files)
    assert set(found) == set(files) - {"clean.py"}
    assert {one.why for one in found.values()} == {"secret"}
    assert found["assigned.py"].line == 2
    assert found["token.py"].line == 3
    said = repr(found)
    assert not any(value[:6] in said for value in (plain, token, password, key))


def test_a_value_of_the_session_is_found_in_every_spelling(engines: Path) -> None:
    value = random_secret(11, 32)
    files = {
        "bare.py": f"# {MARKS} {value}\n",
        "piece.py": f"# {MARKS} {value[4:16]}\n",
        "encoded.py": f"# {MARKS} {base64.b64encode(value.encode()).decode()}\n",
        f"{value}.py": MARKS,
        "clean.py": f"# {MARKS} nothing\n",
    }
    found = look(engines, files, known=(value,))
    assert set(found) == set(files) - {"clean.py"}


def test_what_one_file_shows_to_be_a_secret_is_found_in_another(engines: Path) -> None:
    value = random_secret(12, 24)
    files = {"a_bare.txt": f"{MARKS} {value[:12]}-{value[12:]} is here\n"}
    files["b_named.py"] = f'secret_key = "{value[:12]}-{value[12:]}"  # {MARKS}\n'
    assert set(look(engines, files)) == set(files)


class _Knowing:
    """An engine that knows some values, each where it is called by its name."""

    version = "test"

    def __init__(self, **values: str) -> None:
        self._values = values

    def find(self, text: str) -> list[SecondHit]:
        known = self._values.items()
        return [SecondHit(value, name) for name, value in known if f"{name} {value}" in text]


def test_whatever_the_second_engine_finds_in_a_file_is_found_in_another() -> None:
    first, second = (random_secret(seed, 12) for seed in (14, 15))
    files = {
        "a_bare.txt": f"{MARKS} {first} is here\n",
        "b_bare.txt": f"{MARKS} {second} is here\n",
        "c_named.txt": f"api_key = '{random_secret(16, 32)}'\none {first}\ntwo {second} {MARKS}\n",
    }
    engine = _Knowing(one=first, two=second)
    table = SecretsTable(IdentityPatterns(WHO))
    looker = BaseScanner(table, RedactionPolicy(identities=WHO), engine, is_public=True)
    read = [ReadFile(path=path, mode="100644", content=files[path].encode()) for path in files]
    assert {one.path for one in looker.look(read)} == set(files)


def test_people_and_machine_keep_a_file_here_unless_everybody_has_it(engines: Path) -> None:
    files = {
        "author.py": f"# {MARKS} by Ada Lovel\n",
        "place.py": f"# {MARKS} /home/adal/project/x\n",
        "mail.py": f"# {MARKS} write to someone.else@company-mail.net\n",
        "adalovel/notes.py": MARKS,
        "token.py": f"api_key = '{random_secret(13, 32)}'  # by Ada Lovel\n",
    }
    assert {one.why for one in look(engines, files).values()} == {"personal", "secret"}
    assert set(look(engines, files)) == set(files)
    public = look(engines, files, is_public=True)
    assert {path: one.why for path, one in public.items()} == {"token.py": "secret"}


def test_of_what_passed_before_only_what_the_session_knows_is_looked_for(engines: Path) -> None:
    value, commit = random_secret(15, 32), "1a2b3c4d5e" * 4
    texts = {
        "bare.py": f"# {MARKS} {value}\n",
        "commit.py": f"# {MARKS} {commit[:12]}\n",
        "adalovel.py": f"# {MARKS} clean\n",
        "clean.py": f"# {MARKS} clean\n",
    }
    commits = {commit: "commit-1"}
    fresh = look(engines, texts, known=(value,), commits=commits)
    assert set(fresh) == {"bare.py", "commit.py", "adalovel.py"}
    passed = tuple(texts.values())
    assert look(engines, texts, known=(value,), commits=commits, passed=passed) == fresh


def test_a_secret_of_the_session_behind_a_name_keeps_a_file_of_a_public_base_here(
    engines: Path,
) -> None:
    value = random_secret(17, 32)
    table = SecretsTable(IdentityPatterns(WHO))
    person = table.find_identities("Ada Lovel")[0].group
    table.learn("NAME", "Ada-Lovel-9f8e7d", group=person)
    table.learn("SECRET", value, is_exact=True)
    policy = RedactionPolicy(identities=WHO)
    looker = BaseScanner(table, policy, load_second_engine(engines), is_public=True)
    text = f"# {MARKS} Ada-Lovel-9f8e7d\n# {value[4:16]}\n"
    read = [ReadFile(path="a.py", mode="100644", content=text.encode())]
    assert [one.why for one in looker.look(read)] == ["secret"]
