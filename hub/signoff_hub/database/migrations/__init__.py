"""Tables as each release made them, and the way from one to the next.

May know: nothing of the other tables. Begin with: `env`; the steps lie in `revisions`.
"""
