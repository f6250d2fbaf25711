"""Remote addresses: one place, one spelling."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.opt_in.remotes import bound_remote, normalise_remote, remotes_in


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/ada/engine.git",
        "https://example.org/ada/engine",
        "https://example.org/ada/engine/",
        "https://EXAMPLE.org:443/ada/engine.git",
        "https://ada:s3cret@example.org/ada/engine.git",
        "http://example.org/ada/engine.git",
        "ssh://git@example.org/ada/engine.git",
        "ssh://git@example.org:22/ada/engine.git",
        "git@example.org:ada/engine.git",
        "git@example.org:/ada/engine.git",
        "example.org:ada/engine",
        "git://example.org/ada/engine.git",
    ],
)
def test_every_form_of_one_address_is_the_same_remote(url: str) -> None:
    assert normalise_remote(url) == "example.org/ada/engine"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/ada/engine2.git",
        "https://example.com/ada/engine.git",
        "ssh://git@example.org:2222/ada/engine.git",
        "git@example.org:eve/engine.git",
        "/srv/ada/engine.git",
    ],
)
def test_another_address_is_another_remote(url: str) -> None:
    assert normalise_remote(url) != "example.org/ada/engine"


def test_a_local_path_and_its_file_form_are_the_same_remote() -> None:
    assert normalise_remote("/srv/git/a b.git") == normalise_remote("file:///srv/git/a%20b.git")


def test_credentials_in_an_address_are_dropped() -> None:
    assert "s3cret" not in normalise_remote("https://u:s3cret@example.org/x.git")
    assert "s3cret" not in normalise_remote("https://u:s3cret@example.org:99999999/x.git")


@given(st.text())
def test_any_text_normalises_to_a_fixed_point_or_at_least_without_error(url: str) -> None:
    assert isinstance(normalise_remote(url), str)


@given(st.binary())
def test_any_bytes_are_read_as_a_configuration_without_error(content: bytes) -> None:
    assert isinstance(remotes_in(content), dict)


def test_a_configuration_written_by_git_is_read_as_git_reads_it(tmp_path: Path) -> None:
    names = {
        "origin": 'https://example.org/a "quoted" #;path\\x.git',
        "up stream": "git@example.org:ada/engine.git",
        "🎈🎉": "file:///srv/🎈 🎉",
    }
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=60)
    for name, url in names.items():
        subprocess.run(
            ["git", "-C", str(tmp_path), "config", f"remote.{name}.url", url],
            check=True,
            timeout=60,
        )
    content = (tmp_path / ".git" / "config").read_bytes()
    assert remotes_in(content) == names
    assert bound_remote(content) == normalise_remote(names["origin"])


def test_without_origin_the_first_remote_by_name_counts() -> None:
    content = b'[remote "b"]\n\turl = x:b\n[remote "a"]\n\turl = x:a\n\turl = x:second\n'
    assert bound_remote(content) == "x/a"
    assert bound_remote(b"[core]\n\turl = x:a\n") is None
