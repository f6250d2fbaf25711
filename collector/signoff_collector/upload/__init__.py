"""The outbox and the stores: the only room that opens an outgoing connection.

May know: consent, system.
Begin with: `sending`.
"""
