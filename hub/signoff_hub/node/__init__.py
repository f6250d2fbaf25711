"""A node: what one process of a hub holds in its hands, and the terms that it speaks for.

May know: log, objects, database and the place. Begin with: `node`.
"""
