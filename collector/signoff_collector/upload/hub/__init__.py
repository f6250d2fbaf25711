"""The client of a hub: requests, answers, signing in. Everything that a hub says is foreign bytes.

May know: consent, system and the schemas.
Begin with: `client`, then `problems`.
"""
