"""Pages for contributors, auditors and operators, made on the server.

May know: every room below `api`. Begin with: `pages`.
"""
