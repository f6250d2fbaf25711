"""Files that hold credentials are read when a person allowed it, and give up their values."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import random_secret

from signoff_collector.known_values.credential_stores import (
    STORES,
    allow_stores,
    allowed_stores,
    disallow_stores,
    present_stores,
    values_in,
    was_asked,
)
from signoff_collector.known_values.exact_values import gather_exact_values
from signoff_collector.own_files.home import resolve_home

SECRET = random_secret(11)
FORMS = {
    "netrc": f"machine example.org\n  login ada\n  password {SECRET}\n",
    "netrc in one line": f"machine example.org login ada password {SECRET}\n",
    "git-credentials": f"https://ada:{SECRET}@example.org\n",
    "npmrc": f"//registry.example.org/:_authToken={SECRET}\nregistry=https://example.org/\n",
    "yarnrc": f'npmAuthToken: "{SECRET}"\nnodeLinker: node-modules\n',
    "pypirc": f"[pypi]\nusername = __token__\npassword = {SECRET}\n",
    "pip.conf": f"[global]\nindex-url = https://ada:{SECRET}@example.org/simple\n",
    "cargo": f'[registry]\ntoken = "{SECRET}"\n',
    "gem": f"---\n:rubygems_api_key: {SECRET}\n",
    "docker": json.dumps(
        {"auths": {"example.org": {"auth": base64.b64encode(f"ada:{SECRET}".encode()).decode()}}}
    ),
    "kube": f"users:\n- name: ada\n  user:\n    token: {SECRET}\n",
    "aws": f"[default]\naws_access_key_id = AK\naws_secret_access_key = {SECRET}\n",
    "gh": f"example.org:\n    user: ada\n    oauth_token: {SECRET}\n",
    "terraform": json.dumps({"credentials": {"example.org": {"token": SECRET}}}, indent=1),
    "bare": f"{SECRET}\n",
    "pgpass": f"localhost:5432:*:ada:{SECRET}\n",
    "my.cnf": f"[client]\nuser=ada\npassword='{SECRET}'\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_kind_of_store_gives_its_secret(form: str) -> None:
    assert SECRET in values_in(FORMS[form])


def test_private_keys_are_left_out() -> None:
    body = random_secret(5, 64)
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    assert values_in(f"token: {SECRET}\n{key}x: y\n") == [SECRET]
    assert values_in(json.dumps({"token": SECRET, "private_key": key})) == [SECRET]


def test_only_what_a_person_allowed_is_read(home: Path, tmp_path: Path) -> None:
    user = tmp_path / "user"
    (user / ".config/gh").mkdir(parents=True)
    (user / ".config/gh/hosts.yml").write_text(FORMS["gh"])
    (user / ".netrc").symlink_to(user / ".config/gh/hosts.yml")
    made = resolve_home().ensure()
    assert not was_asked(made)
    assert gather_exact_values({}, None, stores=allowed_stores(made)).values == ()
    allow_stores(made, present_stores(user))
    assert was_asked(made)
    assert SECRET in gather_exact_values({}, None, stores=allowed_stores(made)).values
    (made.config / "credential_stores").write_text("/etc/passwd\n.netrc\n/a/.netrc\n")
    assert allowed_stores(made) == (Path("/a/.netrc"),)
    disallow_stores(made)
    assert allowed_stores(made) == ()


def test_dotenv_files_of_packages_are_found_and_those_of_libraries_are_not(tmp_path: Path) -> None:
    secrets = [random_secret(seed) for seed in range(4)]
    places = [".env", "apps/web/.env.local", "node_modules/x/.env", "a/b/c/d/.env"]
    for place, secret in zip(places, secrets, strict=True):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(f"TOKEN={secret}\n")
    assert set(gather_exact_values({}, tmp_path).values) == set(secrets[:2])


@given(st.text(max_size=400), st.integers(0, 2**32))
def test_no_text_is_too_odd(text: str, seed: int) -> None:
    source = random.Random(seed)  # noqa: S311
    form = source.choice(sorted(FORMS.values()))
    place = source.randrange(len(form) + 1)
    values_in(form[:place] + text + "😀🦊" + form[place:])


def test_every_store_is_below_the_home_folder() -> None:
    assert not any(name.startswith("/") or ".." in name for name in STORES)
