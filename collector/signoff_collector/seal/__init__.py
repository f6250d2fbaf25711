"""Turns the journals of one session into one episode: gather once, then a pure seal.

May know: forgetting, capture, redaction, known_values, episode, text, system.
Begin with: `sealing`, then `assemble`.
"""
