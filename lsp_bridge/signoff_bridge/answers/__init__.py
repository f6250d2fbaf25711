"""What editors ask of the bridge: status, history, find, health.

May know: the rest of the bridge, collector.
Begin with: `commands`.
"""
