"""Taking back what was recorded: `forget`, purging after 14 days, rewriting journals.

May know: kept, capture, text, episode, system.
Begin with: `forgetting`.
"""
