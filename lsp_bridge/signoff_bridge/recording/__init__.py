"""Conversion of editor messages into journal records.

May know: bridge.documents, bridge.protocol, collector.capture.
Begin with: `recorder`.
"""
