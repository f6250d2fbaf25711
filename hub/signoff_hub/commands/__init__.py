"""`signoff hub …`: one module per part.

May know: every room below. Begin with: `hub`.
"""
