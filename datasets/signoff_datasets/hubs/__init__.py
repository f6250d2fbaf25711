"""Hubs: data sets that a hub plans and builds, fetched, checked and refreshed by who may read them.

May know: refreshing (how an old version is erased), verifying, building; of the collector the
connection to a hub, which alone opens a network. Everything that a hub says is foreign bytes.
Begin with: `asking`, then `fetching`.
"""
