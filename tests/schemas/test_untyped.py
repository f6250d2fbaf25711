"""What a decoder gave is narrowed by asking."""

from __future__ import annotations

import pytest

from signoff_schemas.untyped import fields_of, is_fields, is_items, items_of, list_of


@pytest.mark.parametrize("value", [None, 3, "text", b"bytes", {1, 2}])
def test_what_is_neither_a_table_nor_a_list_holds_nothing(value: object) -> None:
    assert not is_fields(value)
    assert not is_items(value)
    assert (fields_of(value), list_of(value), list(items_of(value))) == ({}, [], [])


def test_a_table_and_a_list_are_given_as_they_are() -> None:
    table: object = {"name": "text"}
    items: object = ["one", 2]
    assert is_fields(table)
    assert is_items(items)
    assert fields_of(table) is table
    assert list_of(items) is items
    assert items_of(items) is items


def test_a_tuple_has_items_but_is_no_list() -> None:
    assert items_of((1, 2)) == (1, 2)
    assert list_of((1, 2)) == []
