"""A node: the app with its database, its objects and its workers, listening.

May know: every room below; nothing else listens. Begin with: `node`.
"""
