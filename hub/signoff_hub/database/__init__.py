"""Tables and transactions, on SQLite or PostgreSQL.

May know: the place. Begin with: `tables`, then `database`.
"""
