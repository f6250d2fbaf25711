"""Erases recorded data: `forget`, the purge after 14 days, rewriting of journals.

May know: kept, capture, text, episode, system.
Begin with: `forgetting`.
"""
