"""One store, one spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.consent.terms.audience import canonical_audience, folder_of
from signoff_schemas.errors import RefusedError, SignoffError, UsageError


def test_every_way_to_name_a_folder_gives_its_real_path(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    names = [
        str(tmp_path / "real"),
        f"file://{tmp_path}/real",
        f"file://localhost{tmp_path}/real/",
        f"file://{tmp_path}/link",
        f"file://{tmp_path}/./x/../real",
        f"file://{tmp_path}/%72eal",
    ]
    assert {canonical_audience(name) for name in names} == {f"file://{tmp_path}/real"}


def test_a_folder_name_of_any_characters_comes_back_whole(tmp_path: Path) -> None:
    folder = tmp_path / "ä \U0001f600\U00010348%?#"
    audience = canonical_audience(str(folder))
    assert audience.isascii()
    assert folder_of(audience) == folder
    assert canonical_audience(audience) == audience


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("s3://S3.Example.org/bucket", "s3://s3.example.org/bucket"),
        ("s3://s3.example.org:443/bucket/", "s3://s3.example.org/bucket"),
        ("s3://h.example:9000/bucket/a/b", "s3://h.example:9000/bucket/a/b"),
        ("s3+http://127.0.0.1:5000/bucket", "s3+http://127.0.0.1:5000/bucket"),
        ("s3+http://LocalHost:5000/bucket", "s3+http://127.0.0.1:5000/bucket"),
        (
            "s3://h.example/bucket/\U0001f600%F0%90%8D%88 x".replace(" ", "%20"),
            "s3://h.example/bucket/%F0%9F%98%80%F0%90%8D%88%20x",
        ),
        ("s3+http://[::1]:5000/bucket", "s3+http://[::1]:5000/bucket"),
    ],
)
def test_object_stores_have_one_spelling(url: str, canonical: str) -> None:
    assert canonical_audience(url) == canonical


@pytest.mark.parametrize("url", ["http://example.org/x", "s3+http://example.org/bucket"])
def test_plain_http_beyond_this_machine_is_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        canonical_audience(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "https://example.org/x",
        "file://other-host/x",
        "file:///",
        "file:///x?y",
        "file:///x#y",
        "file:///a%00b",
        "s3://user@h.example/bucket",
        "s3://h.example/",
        "s3://h.example/bucket/../x",
        "s3://h.example/bucket/%2e%2e/x",
        "s3://h.example:99999/bucket",
        "s3://h.example:0/bucket",
        "s3://h.example/bucket/a%0Ab",
        "s3://h.example/bucket/a%E2%80%AEb",
        "s3://h.example/bucket/a%FFb",
        "s3://h.example/bucket//x",
        "s3://[bad/bucket",
        "s3://h_st/bucket",
        "s3://h.example/bu cket",
    ],
)
def test_what_names_no_store_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        canonical_audience(url)


@given(st.text(max_size=60))
def test_any_text_is_an_audience_or_refused(text: str) -> None:
    try:
        audience = canonical_audience(f"s3://{text}")
    except SignoffError:
        return
    assert canonical_audience(audience) == audience
