"""Full-text search over everything recorded on this machine: `signoff find`.

May know: history, episode, capture, system.
Begin with: `finding`, then `line_log`.
"""
