"""What Tab offers: verbs, options and values from a generated table, ids from this machine.

May know: kept, capture.sessions, system. Begin with: `answering`.
"""
