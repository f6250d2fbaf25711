"""Who is asking: keys that prove themselves, tokens, enrolment codes, scopes.

May know: the database. Begin with: `tokens`.
"""
