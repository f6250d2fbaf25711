"""The Language Server Protocol: framing, messages, what the server offers.

May know: text; pygls for the types.
Begin with: `language_server`, then `framing`.
"""
