"""From editor messages to journal records.

May know: bridge.documents, bridge.protocol, collector.capture.
Begin with: `recorder`.
"""
