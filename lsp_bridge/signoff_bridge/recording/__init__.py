"""Open documents as mirrored by the bridge, and conversion of messages into journal records.

May know: bridge.documents, bridge.protocol, collector.capture.
Begin with: `recorder`, then `documents`.
"""
