"""What an earlier release signed is read, judged and verified by this one, for ever."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.deadline import deadline
from tests.support.sign_off import call_signoff

from signoff_collector.consent.sign_off_files import SignOff, read_sign_off, take_snapshot
from signoff_collector.consent.signatures.authority import parse_allowed_signers
from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import SIGN_OFF, parse_signature, unarmour
from signoff_collector.consent.verifying import judge
from signoff_collector.programs.children import find_program
from signoff_schemas.statement import PREDICATE_TYPE, parse_statement

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "statement_1"
"""Signed on 2026-11-25 for a folder, by the last release that knew version 1 alone."""
DAY = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def episode(tmp_path: Path) -> Path:
    folder = tmp_path / "given"
    shutil.copytree(GOLDEN, folder)
    return folder / "small.episode"


def line_of(sign_off: SignOff) -> str:
    name = parse_statement(sign_off.statement).predicate.contributor
    key = public_key_line(parse_signature(unarmour(sign_off.signature)).public_key)
    return f'{name} namespaces="{SIGN_OFF}" {key}\n'


def test_a_statement_of_version_1_is_good_on_all_three_questions(episode: Path) -> None:
    sign_off = read_sign_off(episode)
    statement = parse_statement(sign_off.statement)
    assert statement.predicate_type == PREDICATE_TYPE
    assert statement.predicate.receiver is None
    signers = parse_allowed_signers(line_of(sign_off).encode())
    verdict = judge(
        take_snapshot(episode),
        sign_off,
        voucher=lambda said, key: signers.vouch(said.contributor, key, SIGN_OFF, DAY),
        now=DAY,
        audience=statement.predicate.audience,
    )
    assert verdict.is_good, verdict.fault()


def test_the_same_statement_called_version_2_is_void(episode: Path) -> None:
    sign_off = read_sign_off(episode)
    renamed = sign_off.statement.replace(b"episode-signoff:v1", b"episode-signoff:v2")
    given = json.loads(renamed)
    assert given["predicateType"].endswith(":v2")
    signers = parse_allowed_signers(line_of(sign_off).encode())
    verdict = judge(
        take_snapshot(episode),
        SignOff(statement=renamed, signature=sign_off.signature),
        voucher=lambda said, key: signers.vouch(said.contributor, key, SIGN_OFF, DAY),
        now=DAY,
    )
    assert not verdict.is_good


@pytest.mark.usefixtures("home")
def test_verify_reads_it_on_the_command_line(episode: Path, tmp_path: Path) -> None:
    sign_off = read_sign_off(episode)
    signers = tmp_path / "signers"
    signers.write_text(line_of(sign_off), "utf-8")
    audience = parse_statement(sign_off.statement).predicate.audience
    done = call_signoff("verify", episode, "--allowed-signers", signers, "--audience", audience)
    expired = datetime.now(UTC) >= datetime(2027, 11, 25, 20, 36, 8, tzinfo=UTC)
    assert done.code == (12 if expired else 0), done.out + done.err


def test_stock_tools_verify_it(episode: Path, tmp_path: Path) -> None:
    sign_off = read_sign_off(episode)
    signers = tmp_path / "signers"
    signers.write_text(line_of(sign_off), "utf-8")
    name = parse_statement(sign_off.statement).predicate.contributor
    argv = [find_program("ssh-keygen"), "-Y", "verify", "-f", signers, "-I", name]
    done = subprocess.run(
        [*argv, "-n", SIGN_OFF, "-s", episode.with_name("small.signoff.json.sig")],
        input=sign_off.statement,
        capture_output=True,
        timeout=deadline(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
