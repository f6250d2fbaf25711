"""The Merkle log of all that the hub did (RFC 9162), with openings that can be erased.

May know: database and objects. Begin with: `log`, then `leaves`; to check one: `verifying`.
"""
