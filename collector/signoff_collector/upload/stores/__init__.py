"""Stores: a folder or a bucket, behind one interface; the only code that opens a connection.

May know: consent.terms, system, obstore.
Begin with: `interface`.
"""
