"""Paths are judged name by name: trees of packages have no secrets in them, real ones go."""

from __future__ import annotations

import random

import pytest
from benchmarks.typing_sessions.secret_kinds import KINDS
from hypothesis import given
from hypothesis import strategies as st
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.typist import Typist

from signoff_collector.known_values.exact_values import of_values
from signoff_collector.redaction.interface import Identities, RedactionPolicy
from signoff_collector.redaction.path_names import is_path, names_in, secrets_in_name, split_name
from signoff_collector.redaction.redactor import ROUNDS, Redactor
from signoff_collector.redaction.strings.strings import StringMasker
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_schemas.steps import AgentStep, FilesStep
from signoff_schemas.values import DiskFile

ORDINARY = [
    "antd/es/input/OTP/OTPInput.d.ts",
    "antd/lib/input/OTP/OTPInput.js",
    "numpy/f2py/f2py2e.pyi",
    "numpy/f2py/tests/src/f2cmap/.f2py_f2cmap",
    "rolldown/dist/shared/watch-C1G4Q3kq.mjs",
    "next/dist/bundle-analyzer/_next/static/chunks/0w4cpmcl0uzvx.js",
    "next/dist/bundle-analyzer/_next/static/chunks/turbopack-0e5buymq-qp0w.js",
    "next/dist/bundle-analyzer/_next/static/HXklLiVSkDhUiou88A9LT/_clientMiddlewareManifest.js",
    "jupyterlab/static/1207.29d49de7be30f3c3.js",
    "jupyterlab/static/d5b0a3566b352ee9.ttf",
    "dist/chunk-7XKQ2J3A.js",
    "node_modules/@babel/helper-create-class-features-plugin/lib/decorators-2018-09.js.map",
    "node_modules/.pnpm/@babel+core@7.24.0_supports-color@8.1.1/node_modules/@babel/core",
    "site-packages/numpy.libs/libopenblas64_p-r0-0cf96a72.3.23.dev.so",
    "site-packages/Django-5.2.19.dist-info/METADATA",
    "pkg/__pycache__/test_session_tokens.cpython-311-pytest-8.3.4.pyc",
    "fixtures/user-3b241101-e2bb-4255-8caf-4136c566a962.json",
    "src/components/PasswordResetConfirmationDialogContainer.test.tsx",
    "pages/[id]/app/(group)/page.tsx",
    "auth/password/reset/views.py",
    "tokens/bearer/authorization.go",
    "src/😀🚀/token.ts",
]


def masker() -> StringMasker:
    return StringMasker(SecretsTable(IdentityPatterns(Identities(user_names=("wilma-roth",)))))


@pytest.mark.parametrize("path", ORDINARY)
def test_a_path_of_an_ordinary_tree_is_left_as_it_is(path: str) -> None:
    assert masker().mask_path(path) == path


def sealed_with(paths: list[str], values: list[str]) -> tuple[Redactor, int, str, bytes]:
    typist = Typist()
    typist.open("a.py", "# 😀🚀\n")
    items = tuple(DiskFile(path=path, sha256="0" * 64, size_bytes=1) for path in paths)
    typist.add(FilesStep, changed=items, changed_count=len(items))
    typist.add(AgentStep, tool="t", event="tool_call", paths=tuple(paths))
    rounds: list[str] = []
    redactor = Redactor(RedactionPolicy(exact_values=of_values(values)), progress=rounds.append)
    episode, data = redactor.seal_episode(typist.episode())
    assert leaks_in_episode(episode, values) == []
    assert leaks_in_bytes(data, values) == []
    assert (
        episode.steps[1].model_dump()["changed"][0]["path"]
        == episode.steps[2].model_dump()["paths"][0]
    )
    return redactor, rounds.count("checking"), str(episode.steps), data


def test_a_tree_of_ordinary_paths_is_sealed_in_one_round_without_a_mask() -> None:
    redactor, rounds, shown, _ = sealed_with(ORDINARY, [])
    assert redactor.summary() == {}
    assert redactor.to_check == ()
    assert rounds == 1
    assert all(path in shown for path in ORDINARY)


@pytest.mark.parametrize("at", ["{}", "src/{}.txt", "{}/a.py", "old/{}/b/c.js", "x/prod.{}.bak"])
@pytest.mark.parametrize("seed", range(4))
def test_secrets_of_issuers_go_from_paths(at: str, seed: int) -> None:
    """Not all kinds: those of word-like shape are found beside a name only."""
    source = random.Random(f"{at} {seed}")  # noqa: S311
    wanted = {"github_pat", "github_classic", "aws_access_key_id", "digitalocean", "netlify"}
    kinds = [kind for kind in KINDS if kind.name in wanted]
    assert kinds
    for kind in kinds:
        secret = kind.make(source)
        shown = masker().mask_path(at.format(secret.text))
        assert not any(piece in shown for piece in secret.windows())


@pytest.mark.parametrize("seed", range(6))
def test_random_names_addresses_and_known_values_go_and_alike_everywhere(seed: int) -> None:
    secret, known = random_secret(300 + seed, 32), random_secret(400 + seed, 20)
    mail = "wilma@roth-works.io"
    paths = [f"keys/{secret}.txt", f"{known}/😀/a.py", f"{known[:9]}/{known[9:]}", f"to/{mail}.txt"]
    _, rounds, shown, data = sealed_with(paths, [known])
    assert rounds <= ROUNDS
    assert secret not in shown
    assert mail not in shown
    assert leaks_in_bytes(data, [secret, mail]) == []


def test_a_value_that_goes_across_names_is_masked_across_them() -> None:
    known = f"{random_secret(501, 12)}/{random_secret(502, 12)}"
    _, rounds, shown, _ = sealed_with([f"a/{known}/b.py"], [known])
    assert rounds <= ROUNDS
    assert known not in shown


@pytest.mark.parametrize("at", ["{}", "k/{}.txt", "{}/a.py", "qz_live_{}", "a/b.{}.json", "{}.js"])
def test_a_key_of_64_digits_is_no_hash_of_a_bundler(at: str) -> None:
    key = random.Random(at).randbytes(32).hex()  # noqa: S311
    assert key[:12] not in masker().mask_path(at.format(key))


def test_a_user_name_in_a_path_is_masked() -> None:
    assert "wilma" not in masker().mask_path("var/home/wilma-roth/x")


@pytest.mark.parametrize(
    ("pointer", "text", "said"),
    [
        ("/path", "a/b", True),
        ("/old_path", "a/b", True),
        ("/changed/12/path", "a/b", True),
        ("/disk/0/path", "a", True),
        ("/paths/3", "a/b", True),
        ("/unsaved_paths/0", "a", True),
        ("/path", "/etc/passwd", False),
        ("/argv/1", "a/b", False),
        ("/xpath", "a/b", False),
        ("/payload/0/path", "a/b", False),
    ],
)
def test_what_is_a_path_is_told_by_its_place(pointer: str, text: str, *, said: bool) -> None:
    assert is_path(pointer, text) is said


@given(st.text(max_size=40))
def test_a_path_is_its_names(path: str) -> None:
    names = list(names_in(path))
    assert "/".join(name.text for name in names) == path
    folder, last = split_name(path)
    assert last == names[-1]
    assert path == (f"{folder}/{last.text}" if "/" in path else last.text)
    for name in names:
        for hit in secrets_in_name(name):
            assert 0 <= hit.start < hit.end <= len(name.text)
