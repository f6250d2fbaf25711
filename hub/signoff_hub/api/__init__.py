"""The API under `/v1`: requests in, problem details out; decides nothing itself.

May know: every room below. Begin with: `app`.
"""
