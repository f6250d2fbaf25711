"""Seals the journals of one session into one episode: gather once, then pure functions.

May know: forgetting, capture, redaction, known_values, episode, text, system.
Begin with: `sealing`, then `assemble`; rooms from the bottom: building, documents,
gathering, times, disk, steps.
"""
