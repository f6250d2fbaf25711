"""A hub as it was set up: its folder, settings, key and terms.

May know: nothing of the hub. Begin with: `hub_folder`.
"""
