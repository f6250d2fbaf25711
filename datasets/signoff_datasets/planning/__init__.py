"""Planning: which episodes are in a data set, and in which shard and split each lies.

May know: screening, sources. A plan follows from the episodes, the request and the salt alone.
Begin with: `plans`, then `cutting`.
"""
