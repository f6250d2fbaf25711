"""Answers to requests of editors: status, history, find, health.

May know: the rest of the bridge, collector.
Begin with: `pulse`, then `captured_list`.
"""
