"""`signoff upload`: to the one audience that was signed for, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.sign_off import (
    call_signoff,
    put_episode,
    run_signoff,
    signed_episode,
    small_episode,
)

from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.consent.sign_off_files import statement_path
from signoff_collector.own_files.home import resolve_home
from signoff_collector.upload.outbox.outbox import waiting
from signoff_schemas.words import Owner


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_an_upload_puts_three_objects_and_can_be_repeated(home: Path, store: Path) -> None:
    path = signed_episode(home, store)
    for _ in range(2):
        done = run_signoff("upload", path, "--to", f"file://{store}", "--json")
        assert done.code == 0, done.err
        (row,) = done.rows()
        assert (store / str(row["blob"])).read_bytes() == path.read_bytes()
        statement = store / str(row["statement"])
        assert statement.read_bytes() == statement_path(path).read_bytes()
        assert statement.with_name(f"{statement.name}.sig").is_file()
    assert sum(p.is_file() for p in store.rglob("*")) == 3
    assert waiting(resolve_home()) == ()


def test_an_unsigned_episode_is_not_sent(home: Path, store: Path) -> None:
    path = put_episode(resolve_home().ensure(), small_episode())
    assert call_signoff("upload", path, "--to", store).code == 12
    assert not store.exists()


def test_what_is_signed_for_one_store_goes_to_no_other(
    home: Path, store: Path, tmp_path: Path
) -> None:
    path = signed_episode(home, store)
    for other in (tmp_path / "other", store / "inner", f"file://{store}-2"):
        assert call_signoff("upload", path, "--to", other).code == 13
    assert not (tmp_path / "other").exists()
    assert not store.exists()


def test_a_store_inside_a_recorded_folder_is_refused(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project 😀𝄞"
    project.mkdir()
    store = project / "deep" / "er"
    path = signed_episode(home, store)
    workspaces = Workspaces(resolve_home())
    workspaces.enable(project, owner=Owner.MINE, is_confirmed=True)
    assert call_signoff("upload", path, "--to", store).code == 13
    for place in (project, store):
        said = call_signoff("sign", path, "--to", place, "--yes")
        assert (said.code, "is recorded" in said.err) == (13, True)
    assert list(project.iterdir()) == []


@pytest.mark.parametrize("url", ["http://example.org/x", "s3+http://example.org/bucket"])
def test_nothing_is_sent_over_plain_http(home: Path, store: Path, url: str) -> None:
    assert call_signoff("upload", signed_episode(home, store), "--to", url).code == 13


@pytest.mark.parametrize(
    "arguments", [(), ("last",), ("--resume", "last"), ("--resume", "--to", "/x")]
)
def test_where_to_send_must_be_said(home: Path, arguments: tuple[str, ...]) -> None:
    assert call_signoff("upload", *arguments).code == 2


def test_a_store_that_is_down_keeps_it_waiting_until_it_is_back(home: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    store = drive / "store"
    path = signed_episode(home, store)
    drive.rename(tmp_path / "unplugged")
    assert run_signoff("upload", path, "--to", store).code == 1
    (item,) = waiting(resolve_home())
    assert (item.verb, item.state) == ("upload", "queued")
    assert item.last_error is not None
    assert "cannot be reached" in item.last_error
    assert call_signoff("upload", "--resume").code == 1
    said = run_signoff("status", cwd=tmp_path)
    assert f"Not yet sent: upload {item.sha256}" in said.out, said.err
    (row,) = run_signoff("status", "--json", cwd=tmp_path).rows()
    assert [waits["sha256"] for waits in row["outbox"]] == [item.sha256]  # type: ignore[attr-defined]
    (tmp_path / "unplugged").rename(drive)
    assert call_signoff("upload", "--resume").code == 0
    assert waiting(resolve_home()) == ()
    assert any(store.glob("signoffs/*/*/*.json"))


def test_a_used_store_that_vanished_is_down_and_not_made_anew(
    home: Path, store: Path, tmp_path: Path
) -> None:
    assert call_signoff("upload", signed_episode(home, store), "--to", store).code == 0
    store.rename(tmp_path / "away")
    second = signed_episode(home, store, text="second \U0001f600\U00010348\n")
    assert call_signoff("upload", second, "--to", store).code == 1
    assert not store.exists()


def test_one_failure_does_not_keep_the_rest_from_being_sent(home: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    paths = [
        signed_episode(home, drive / "store", text=f"{n} \U0001f600\U00010348\n") for n in range(3)
    ]
    drive.rename(tmp_path / "unplugged")
    for path in paths:
        assert call_signoff("upload", path, "--to", drive / "store").code == 1
    paths[0].write_bytes(b"changed")
    paths[1].unlink()
    (tmp_path / "unplugged").rename(drive)
    done = call_signoff("upload", "--resume")
    assert done.code == 3, done.err
    assert len(list(drive.glob("store/blobs/*/*"))) == 1
    assert waiting(resolve_home()) == ()


def test_the_environment_cannot_redirect_an_upload(home: Path, store: Path, tmp_path: Path) -> None:
    path = signed_episode(home, store)
    decoy = str(tmp_path / "decoy")
    env = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:1/{decoy}",
        "AWS_ENDPOINT_URL_S3": decoy,
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "SIGNOFF_STORE": decoy,
    }
    assert run_signoff("upload", path, "--to", store, env=env).code == 0
    assert not Path(decoy).exists()
    assert sum(p.is_file() for p in store.rglob("*")) == 3


@pytest.mark.parametrize(
    "words", [("last", "--to", "file:///tmp/store", "--enrol"), ("--resume", "--enrol")]
)
def test_a_code_is_for_a_hub(words: tuple[str, ...], home: Path) -> None:
    del home
    said = signoff("upload", *words)
    assert said.code == 2, said
    assert "--enrol is for a hub" in said.err
