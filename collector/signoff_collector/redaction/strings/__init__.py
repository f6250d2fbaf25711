"""Mask strings that are no file text: outputs, command lines, messages, labels, paths.

May know: redaction.detectors, texts, values; episode.
Begin with: `strings`, then `step_strings`.
"""
