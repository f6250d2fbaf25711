"""One store, one spelling."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from signoff_collector.consent.terms.audience import canonical_audience, folder_of, is_hub
from signoff_schemas.errors import RefusedError, SignoffError, UsageError
from signoff_schemas.strict import Audience, HubAudience, names_hub


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


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://Hub.Example.org", "https://hub.example.org"),
        ("https://hub.example.org/", "https://hub.example.org"),
        ("HTTPS://hub.example.org:443/team/", "https://hub.example.org/team"),
        ("https://hub.example.org:08443/te%61m", "https://hub.example.org:8443/team"),
        ("https://localhost:8443/a-b_c.9", "https://localhost:8443/a-b_c.9"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("http://LOCALHOST:8080/team", "http://127.0.0.1:8080/team"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://[::1]:8080/team", "http://[::1]:8080/team"),
    ],
)
def test_hubs_have_one_spelling(url: str, canonical: str) -> None:
    assert canonical_audience(url) == canonical
    assert is_hub(canonical_audience(url))


@pytest.mark.parametrize("url", ["s3://h.example/bucket", "s3+http://127.0.0.1:1/bucket", "/srv/x"])
def test_a_store_is_no_hub(url: str) -> None:
    assert not is_hub(canonical_audience(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "http://127.0.0.2:8080",
        "http://127.1:8080",
        "http://localhost.example.org:8080",
        "http://0.0.0.0:8080",
        "s3+http://example.org/bucket",
    ],
)
def test_plain_http_beyond_this_machine_is_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        canonical_audience(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/x",
        "https://",
        "https:///team",
        "https://hub.example.org/team/more",
        "https://hub.example.org/Team",
        "https://hub.example.org/..",
        "https://hub.example.org/.hidden",
        "https://hub.example.org/a%2Fb",
        "https://hub.example.org/a%00b",
        "https://hub.example.org/t\u00e9am",
        "https://hub.example.org/" + "t" * 64,
        "https://hub.example.org?x",
        "https://hub.example.org#x",
        "https://ada@hub.example.org/team",
        "https://hub.example.org:0/team",
        "https://hub.example.org:99999/team",
        "https://hub_1.example.org",
        "https://[::2]/team",
        "https://h\u00fcb.example.org",
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


SCHEMES = st.sampled_from(("s3", "s3+http", "https", "http", "file", "HTTPS", "Http"))
PLACES = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="aB1./:-_%@[]~?# \u00e9", max_size=30),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(("hub.example", "Hub.Example", "127.0.0.1", "localhost", "[::1]")),
        st.sampled_from(("", ":", ":80", ":443", ":0443", ":8443", ":65536")),
        st.sampled_from(("", "/", "//", "/team", "/team/", "/%74eam", "/Team", "/a/b", "/bucket")),
    ),
)


@given(SCHEMES, PLACES)
def test_any_text_is_an_audience_in_one_spelling_or_refused(scheme: str, place: str) -> None:
    try:
        audience = canonical_audience(f"{scheme}://{place}")
    except SignoffError:
        return
    assert canonical_audience(audience) == audience
    assert TypeAdapter[str](Audience).validate_python(audience) == audience
    assert is_hub(audience) == audience.startswith(("https://", "http://"))
    if is_hub(audience):
        assert TypeAdapter[str](HubAudience).validate_python(audience) == audience


@given(st.text(alphabet="htps:/.[]19aT-_%@", max_size=40))
def test_what_the_schema_takes_for_a_hub_is_no_other_kind(text: str) -> None:
    for url in (text, f"https://{text}", f"http://127.0.0.1{text}"):
        if names_hub(url):
            try:
                assert canonical_audience(url).startswith(("https://", "http://"))
            except UsageError:  # a port that no server has
                assert url.rpartition(":")[2].split("/")[0].isdigit()
