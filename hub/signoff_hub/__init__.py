"""The hub: receives signed episodes, proves what it did, and forgets when told (decisions/0030).

May know: data sets, what reads and proves an episode in the collector, and the schemas.
Begin with: `place`, then `receiving`.
"""
