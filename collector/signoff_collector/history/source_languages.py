"""Map file suffixes to names of programming languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LANGUAGES: Final[Mapping[str, str]] = {
    ".bash": "Shell", ".c": "C", ".cc": "C++", ".clj": "Clojure", ".cpp": "C++", ".cs": "C#",
    ".css": "CSS", ".cxx": "C++", ".dart": "Dart", ".el": "Emacs Lisp", ".elm": "Elm",
    ".erl": "Erlang", ".ex": "Elixir", ".exs": "Elixir", ".f90": "Fortran", ".fs": "F#",
    ".go": "Go", ".h": "C", ".hpp": "C++", ".hs": "Haskell", ".html": "HTML", ".java": "Java",
    ".jl": "Julia", ".js": "JavaScript", ".jsx": "JavaScript", ".kt": "Kotlin", ".lua": "Lua",
    ".m": "Objective-C", ".md": "Markdown", ".ml": "OCaml", ".mli": "OCaml", ".nim": "Nim",
    ".nix": "Nix", ".php": "PHP", ".pl": "Perl", ".pm": "Perl", ".proto": "Protocol Buffers",
    ".py": "Python", ".pyi": "Python", ".r": "R", ".rb": "Ruby", ".rs": "Rust", ".rst": "reST",
    ".scala": "Scala", ".scss": "CSS", ".sh": "Shell", ".sql": "SQL", ".svelte": "Svelte",
    ".swift": "Swift", ".tex": "TeX", ".tf": "Terraform", ".toml": "TOML", ".ts": "TypeScript",
    ".tsx": "TypeScript", ".vim": "Vim script", ".vue": "Vue", ".zig": "Zig", ".zsh": "Shell",
}  # fmt: skip
"""Only suffixes of files that people write by hand, not of generated ones."""
