"""`signoff dataset`: a person's own episodes become a data set that anybody can check."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import duckdb
import pytest
from tests.support.cli import Said, signoff
from tests.support.datasets_built import files_of
from tests.support.datasets_refreshed import texts_of, windows_of
from tests.support.deadline import deadline
from tests.support.sign_off import signed_episode

from signoff_schemas.dataset import parse_manifest

pytestmark = pytest.mark.slow
TEXTS = [f"x{number} = '\U0001f600\U00010348'\n" for number in range(3)]


@pytest.fixture
def episodes(home: Path, tmp_path: Path) -> Path:
    """Return the folder of three signed episodes of one's own."""
    store = tmp_path / "store"
    for text in TEXTS:
        path = signed_episode(home, store, "--purpose", "model-training", text=text)
    return path.parent


def planned(episodes: Path, out: Path, *options: str) -> Said:
    return signoff(
        "dataset", "plan", "--from", episodes, "--purpose", "model-training", "--k", "1",
        "-o", out, *options,
    )  # fmt: skip


def built(episodes: Path, folder: Path) -> Path:
    assert planned(episodes, folder / "plan.json").code == 0
    said = signoff(
        "dataset", "build", folder / "plan.json", "--from", episodes, "-o", folder / "out",
        "--workers", "1",
    )  # fmt: skip
    assert said.code == 0, said
    return folder / "out"


def test_own_episodes_are_planned_built_verified_and_read(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    said = signoff("dataset", "verify", out, "--plan", tmp_path / "plan.json")
    assert said.code == 0, said
    assert "of 3 episodes, for model-training" in said.out
    rows = duckdb.sql(
        f"select string_agg(text, '' order by episode, seq) from '{out}/edits/*.parquet'"  # noqa: S608
    ).fetchall()
    assert sorted(rows[0][0]) == sorted("".join(TEXTS))


def test_one_flipped_bit_is_named(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    place = out / "steps" / "train-00000.parquet"
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    said = signoff("dataset", "verify", out)
    assert said.code == 11
    assert "damaged     steps/train-00000.parquet" in said.out
    assert "hint:" in said.err


def test_stock_tools_check_manifest_and_files(episodes: Path, tmp_path: Path, home: Path) -> None:
    out = built(episodes, tmp_path)
    manifest = parse_manifest((out / "manifest.json").read_bytes())
    lines = "".join(f"{file.sha256}  {file.path}\n" for file in manifest.files)
    subprocess.run(
        ["sha256sum", "-c"], cwd=out, input=lines, text=True, check=True, timeout=deadline()
    )
    keys = json.loads((home / "keys" / "register.json").read_text())
    (key,) = [one["public_key"] for one in keys if one["audience"] == "urn:signoff:dataset:v1"]
    builder = tmp_path / "builder"
    builder.write_text(f'builder namespaces="signoff-dataset-v1" {key}\n')
    subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", builder, "-I", "builder", "-n", "signoff-dataset-v1",
         "-s", out / "manifest.json.sig"],
        input=(out / "manifest.json").read_bytes(), check=True, timeout=deadline(),
    )  # fmt: skip
    (tmp_path / "key.pub").write_text(f"{key}\n")
    assert signoff("dataset", "verify", out, "--builder", tmp_path / "key.pub").code == 0
    assert signoff("dataset", "verify", out, "--builder", "SHA256:other").code == 12


def test_what_its_author_did_not_allow_is_not_planned(episodes: Path, tmp_path: Path) -> None:
    said = signoff(
        "dataset", "plan", "--from", episodes, "--purpose", "teaching", "--k", "1",
        "-o", tmp_path / "plan.json",
    )  # fmt: skip
    assert said.code == 13
    assert "3 purpose" in said.err
    said = planned(episodes, tmp_path / "plan.json", "--never", "profiling")
    assert said.code == 13
    assert "3 prohibited-use" in said.err
    assert not (tmp_path / "plan.json").exists()


def test_gates_are_asked_for_by_name_and_stand_in_plan_and_manifest(
    episodes: Path, tmp_path: Path
) -> None:
    said = planned(episodes, tmp_path / "plan.json", "--require", "tests")
    assert said.code == 13
    assert "3 quality-tests" in said.err
    assert "--require" in said.err
    said = planned(episodes, tmp_path / "plan.json", "--require", "tests,skill")
    assert said.code == 2
    assert "'skill'" in said.err
    assert "replay, coverage" in said.err
    said = planned(episodes, tmp_path / "plan.json", "--require", "readable, authors,coverage")
    assert said.code == 0, said
    said = signoff(
        "dataset", "build", tmp_path / "plan.json", "--from", episodes, "-o", tmp_path / "out",
        "--workers", "1",
    )  # fmt: skip
    assert said.code == 0, said
    manifest = parse_manifest((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest.request.gates == ("coverage", "authors", "readable")
    said = signoff("dataset", "verify", tmp_path / "out", "--plan", tmp_path / "plan.json")
    assert said.code == 0, said


def test_what_is_there_is_never_written_over(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    assert planned(episodes, tmp_path / "plan.json").code == 13
    for place in (out, tmp_path / "plan.json", "/dev/zero", "/proc/self"):
        said = signoff("dataset", "build", tmp_path / "plan.json", "--from", episodes, "-o", place)
        assert said.code == 13, said


def test_without_pyarrow_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from signoff_collector.system import extras
    from signoff_datasets.commands import dataset
    from signoff_schemas.errors import MissingProgramError

    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    arguments = __import__("argparse").Namespace(part="plan")
    with pytest.raises(MissingProgramError, match="pyarrow"):
        dataset.run(arguments, None)  # type: ignore[arg-type]  # it is not asked


def test_a_withdrawn_episode_leaves_the_next_version(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    refresh = ("dataset", "refresh", out, "--plan", tmp_path / "plan.json", "--from", episodes)
    said = signoff(*refresh, "-o", tmp_path / "next", "--workers", "1")
    assert (said.code, said.out) == (0, f"nothing is gone: {out} stays as it is\n")
    (tmp_path / "store").mkdir()
    gone = min(episodes.glob("*.episode"))
    assert signoff("withdraw", "--yes", gone).code == 0
    said = signoff(*refresh, "-o", tmp_path / "next", "--workers", "1")
    assert said.code == 0, said
    assert "gone       1  withdrawn" in said.out
    plan = tmp_path / "next.plan.json"
    said = signoff("dataset", "verify", tmp_path / "next", "--plan", plan)
    assert "of 2 episodes, for model-training" in said.out
    assert sorted(path.name for path in out.iterdir()) == ["NOTICE.json", "NOTICE.json.sig"]


def test_a_day_that_is_none_is_named(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    said = signoff(
        "dataset", "refresh", out, "--plan", tmp_path / "plan.json", "--from", episodes,
        "-o", tmp_path / "next", "--as-of", "tomorrow",
    )  # fmt: skip
    assert said.code == 2
    assert "hint: Write it as 2027-01-01T00:00:00Z" in said.err


def test_a_refused_build_leaves_no_folder(episodes: Path, tmp_path: Path) -> None:
    assert planned(episodes, tmp_path / "plan.json").code == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    build = ("dataset", "build", tmp_path / "plan.json", "-o", tmp_path / "out", "--workers", "1")
    assert signoff(*build, "--from", empty).code == 13
    assert not [one.name for one in tmp_path.iterdir() if "building" in one.name]


def test_a_refresh_into_the_data_set_is_refused(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    before = sorted(out.rglob("*"))
    plan = tmp_path / "plan.json"
    refresh = ("dataset", "refresh", out, "--from", episodes, "--plan", plan)
    for places in (("-o", out / "sub"), ("-o", tmp_path / "next", "--new-plan", plan)):
        said = signoff(*refresh, *places)
        assert said.code == 13, said
        assert "hint: Name" in said.err
    assert sorted(out.rglob("*")) == before


def test_a_withdrawn_episode_leaves_an_export_too(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    told = ("--from", episodes, "--format", "chat")
    mine = tmp_path / "chat \U0001f98a\U00010348"
    said = signoff("dataset", "export", out, *told, "-o", mine)
    assert said.code == 0, said
    assert "3 files" in said.out
    assert signoff("dataset", "export", out, *told, "-o", mine).code == 13
    gone, *others = sorted(episodes.glob("*.episode"))
    windows = windows_of(
        texts_of(gone.read_bytes()), b"".join(texts_of(one.read_bytes()) for one in others)
    )
    digest = hashlib.sha256(gone.read_bytes()).hexdigest()
    windows.append(digest.encode())
    assert [one for one in windows if one in b"".join(files_of(mine).values())]
    (tmp_path / "store").mkdir()
    assert signoff("withdraw", "--yes", gone).code == 0
    said = signoff("dataset", "export", out, *told, "-o", tmp_path / "late", "--json")
    assert said.code == 3, said
    assert json.loads(said.out)["left_out"] == {"withdrawn": [digest]}
    assert "`signoff dataset refresh`" in said.err
    refresh = ("--plan", tmp_path / "plan.json", "--from", episodes, "--workers", "1")
    assert signoff("dataset", "refresh", out, *refresh, "-o", tmp_path / "next").code == 0
    said = signoff("dataset", "export", out, *told, "-o", mine, "--refresh")
    assert said.code == 10
    assert "hint: Name the new version" in said.err
    said = signoff("dataset", "export", tmp_path / "next", *told, "-o", mine, "--refresh")
    assert said.code == 0, said
    held = files_of(mine)
    assert [one for one in windows if one in "".join(held).encode() + b"".join(held.values())] == []
    assert signoff("dataset", "export", tmp_path / "next", *told, "-o", tmp_path / "new").code == 0
    assert held == files_of(tmp_path / "new")
    lines = "".join(f"{one['sha256']}  {one['path']}\n" for one in
                    json.loads(held["export.json"])["files"])  # fmt: skip
    subprocess.run(
        ["sha256sum", "-c"], cwd=mine, input=lines, text=True, check=True, timeout=deadline()
    )


def test_an_export_is_of_a_data_set_whose_builder_is_known_and_never_in_it(
    episodes: Path, tmp_path: Path
) -> None:
    out = built(episodes, tmp_path)
    told = ("dataset", "export", out, "--from", episodes, "--format", "atif", "-o")
    assert signoff(*told, out / "in").code == 2
    assert signoff(*told, tmp_path / "not-there" / "mine").code == 2
    assert signoff(*told, episodes / "mine").code == 13  # Signoff's own folder
    assert signoff(*told, tmp_path / "mine", "--builder", "SHA256:other").code == 12
    manifest = out / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"episodes"', b'"episodez"', 1))
    assert signoff(*told, tmp_path / "mine").code == 11
    manifest.write_bytes(manifest.read_bytes().replace(b'"episodez"', b'"episodes"', 1))
    (out / "manifest.json.sig").unlink()
    assert signoff(*told, tmp_path / "mine").code == 12
    assert not (tmp_path / "mine").exists()


def test_words_that_cannot_be_meant_are_refused_with_what_helps(
    episodes: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    for options, fact, hint in (
        (["--by-time"], "--by-time parts nothing", "--splits 900,50,50"),
        (["--k", "0"], "out of range: --k 0\n", "from 1 up"),
        (["--shard-mib", "0"], "out of range: --shard-mib 0\n", "from 1 up"),
        (["--licences", "GPL"], "there is any, permissive", "TOML"),
    ):
        said = planned(episodes, plan, *options)
        assert (said.code, fact in said.err, hint in said.err) == (2, True, True), said
    said = planned(episodes, plan, "--from", "file:///nowhere/\U0001f600\U00010348")
    assert (said.code, "folder of episodes" in said.err) == (10, True), said
    assert planned(episodes, plan).code == 0
    build = ("dataset", "build", plan, "--from", episodes, "-o", tmp_path / "out")
    said = signoff(*build, "--workers", "-5")
    assert (said.code, "leave it out" in said.err) == (2, True), said
    plan.write_text("{}")
    said = signoff(*build)
    assert (said.code, "not valid at " in said.err, "hint: " in said.err) == (11, True, True), said


def test_nothing_is_written_into_the_folder_that_is_read(episodes: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(episodes)
    before = sorted(episodes.iterdir())
    for place in (episodes, tmp_path / "link"):
        said = planned(episodes, place / "plan.json")
        assert (said.code, "only read" in said.err) == (13, True), said
    out = built(episodes, tmp_path)
    plan = ("--plan", tmp_path / "plan.json")
    for said in (
        signoff("dataset", "build", plan[1], "--from", episodes, "-o", episodes / "out"),
        signoff("dataset", "refresh", out, *plan, "--from", episodes, "-o", episodes / "out"),
    ):
        assert (said.code, "only read" in said.err) == (13, True), said
    assert sorted(episodes.iterdir()) == before


def test_a_card_that_was_edited_is_written_over_only_by_force(
    episodes: Path, tmp_path: Path
) -> None:
    out = built(episodes, tmp_path)
    for _ in range(2):
        assert signoff("dataset", "card", out).code == 0
    card = out / "README.md"
    card.write_text("mine \U0001f600\U00010348")
    said = signoff("dataset", "card", out)
    assert (said.code, "--force" in said.err) == (13, True), said
    assert card.read_text() == "mine \U0001f600\U00010348"
    assert signoff("dataset", "card", out, "--force").code == 0
    assert signoff("dataset", "verify", out).code == 0


def test_each_fault_is_told_once_and_what_was_replaced_is_said(
    episodes: Path, tmp_path: Path
) -> None:
    out = built(episodes, tmp_path)
    assert signoff("dataset", "verify", "/dev/null").code == 10
    refresh = ("dataset", "refresh", out, "--plan", tmp_path / "plan.json", "--from", episodes)
    later = (*refresh, "-o", tmp_path / "next", "--workers", "1", "--as-of", "2999-01-01T00:00:00Z")
    said = signoff(*later)
    assert (said.code, "yet to come" in said.err) == (2, True), said
    said = signoff(*refresh, "-o", tmp_path / "next", "--as-of", "2020-01-01T00:00:00Z")
    assert (said.code, "hint: Leave --as-of out" in said.err) == (13, True), said
    table = out / "tests" / "train-00000.parquet"
    content = table.read_bytes()
    table.unlink()
    proof = min((out / "proofs").rglob("*.json"))
    kept = proof.read_bytes()
    proof.unlink()
    said = signoff("dataset", "verify", out)
    assert said.code == 11
    assert len(said.out.splitlines()) == 2, said
    table.write_bytes(content)
    proof.write_bytes(kept)
    assert signoff(*later, "--yes").code == 0
    said = signoff("dataset", "verify", out)
    assert (said.code, "NOTICE.json is left of it" in said.err) == (10, True), said


def test_a_difference_says_what_it_was(episodes: Path, tmp_path: Path) -> None:
    out = built(episodes, tmp_path)
    (tmp_path / "store").mkdir()
    assert signoff("withdraw", "--yes", min(episodes.glob("*.episode"))).code == 0
    assert planned(episodes, tmp_path / "two.json", "--name", "two").code == 0
    other = tmp_path / "other"
    said = signoff(
        "dataset", "build", tmp_path / "two.json", "--from", episodes, "-o", other,
        "--workers", "1",
    )  # fmt: skip
    assert said.code == 0, said
    said = signoff("dataset", "diff", out, other)
    assert said.code == 3
    assert "changed  field name: episodes -> two\n" in said.out
    assert "changed  field left_out.withdrawn: none -> 1\n" in said.out
    assert "changed  field plan_sha256: " in said.out
