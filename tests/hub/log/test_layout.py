"""Names of tiles are those of C2SP tlog-tiles, in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_hub.log.layout import (
    TileName,
    bundle,
    head_key,
    parse_head_key,
    parse_tile_key,
    tiles_of,
    unbundle,
)


@pytest.mark.parametrize(
    ("tile", "key"),
    [
        (TileName(level=0, index=0), "log/tile/0/000"),
        (TileName(level=3, index=1_234_067), "log/tile/3/x001/x234/067"),
        (TileName(level=1, index=999, width=7), "log/tile/1/999.p/7"),
        (TileName(level=None, index=1000, width=255), "log/tile/entries/x001/000.p/255"),
    ],
)
def test_the_layout_is_the_published_one(tile: TileName, key: str) -> None:
    assert tile.key == key
    assert parse_tile_key(key) == tile


@given(level=st.none() | st.integers(0, 5), index=st.integers(0, 2**48), width=st.integers(1, 256))
def test_a_name_is_read_back(level: int | None, index: int, width: int) -> None:
    tile = TileName(level=level, index=index, width=width)
    assert parse_tile_key(tile.key) == tile


@given(noise=st.text(max_size=30), at=st.integers(0, 30))
def test_other_spellings_are_none(noise: str, at: int) -> None:
    key = "log/tile/0/x001/234.p/56"
    changed = key[:at] + noise + key[at + len(noise) :]
    found = parse_tile_key(changed)
    assert found is None or found.key == changed
    for other in (
        "log/tile/0/x000/001", "log/tile/6/000", "log/tile/00/000", "log/tile/0/000.p/256",
        "log/tile/0/000.p/0", "log/tile/0/000.p/07", "log/tile/0/1", "tile/0/000",
        "log/tile/0/../heads", "log/tile/entries/000\n", "log/tile/0/\u0660\u0660\u0660",
    ):  # fmt: skip
        assert parse_tile_key(other) is None


def test_heads_have_names_of_their_sizes() -> None:
    assert head_key(70) == "log/heads/70.json"
    assert parse_head_key("log/heads/70.json.sig") == 70
    for other in ("log/heads/070.json", "log/heads/-1.json", "log/heads/70.json.sig.sig"):
        assert parse_head_key(other) is None


@given(content=st.binary(max_size=200))
def test_a_bundle_holds_commitments_and_nothing_else(content: bytes) -> None:
    many = [bytes([n]) * 32 for n in range(256)]
    assert unbundle(bundle(many)) == many
    for damaged in (content, bundle(many[:3]) + content[:33], bundle(many) + bundle(many[:1])):
        try:
            assert bundle(unbundle(damaged)) == damaged
        except ValueError:
            continue


@given(size=st.integers(0, 300_000), since=st.integers(0, 300_000))
def test_the_tiles_of_a_tree_hold_each_complete_subtree_once(size: int, since: int) -> None:
    whole = tiles_of(size)
    for level, shift in ((None, 0), (0, 0), (1, 8), (2, 16), (3, 24)):
        widths = [tile.width for tile in whole if tile.level == level]
        assert sum(widths) == size >> shift
        assert all(width == 256 for width in widths[:-1])
    assert set(tiles_of(size, since=min(since, size))) == set(whole) - set(
        tiles_of(min(since, size))
    )
