"""What an editor says of itself when it introduces itself."""

from __future__ import annotations

import pytest

from signoff_bridge.protocol.encodings import agree, client_of
from signoff_collector.text.positions import Encoding


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"name": "Neovim", "version": "0.11.4+v0.11.4"}, ("Neovim", "0.11.4")),
        (
            {"name": "Neovim", "version": "0.12.0-dev-9+g0a1b2c3"},
            ("Neovim", "0.12.0-dev-9+g0a1b2c3"),
        ),
        ({"name": "Emacs", "version": "GNU Emacs 28.2"}, ("Emacs", "28.2")),
        ({"name": "emacs", "version": "GNU Emacs 28.2 (build 2, x)\n of 2023"}, ("emacs", "28.2")),
        ({"name": "My\nEd", "version": " 1\n 2 "}, ("My Ed", "1 2")),
        ({"name": "x" * 300, "version": 7}, ("x" * 100, "")),
        (None, ("", "")),
        (["name"], ("", "")),
    ],
)
def test_an_editor_is_called_as_it_says_and_its_version_once(
    info: object, expected: tuple[str, str]
) -> None:
    assert client_of({"clientInfo": info}) == expected


@pytest.mark.parametrize(
    ("name", "offered", "answered", "meant"),
    [
        ("Neovim", ["utf-8", "utf-16"], Encoding.UTF16, Encoding.UTF16),
        ("Helix", ["utf-8"], Encoding.UTF8, Encoding.UTF8),
        ("Ed", ["utf-32", "nonsense", 7], Encoding.UTF32, Encoding.UTF32),
        ("Ed", "utf-8", Encoding.UTF16, Encoding.UTF16),
        ("emacs", ["utf-16"], Encoding.UTF16, Encoding.UTF32),
    ],
)
def test_positions_are_counted_as_the_editor_means_them(
    name: str, offered: object, answered: Encoding, meant: Encoding
) -> None:
    params = {
        "clientInfo": {"name": name},
        "capabilities": {"general": {"positionEncodings": offered}},
    }
    agreement = agree(params)
    assert (agreement.answered, agreement.meant) == (answered, meant)
