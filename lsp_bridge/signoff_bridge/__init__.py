"""The language server that records what an editor does (editor_extensions/PROTOCOL.md).

Editors start it as `python -I -m signoff_bridge`. The hot path (framing, messages,
recorder, lane) touches no typed LSP object; pygls serves everything else on a
thread of its own, started beside it.
"""
