"""HTTP server of the review page: loopback only, one browser window, 404 for everyone else.

May know: review.desk, review.final; Starlette and uvicorn.
Begin with: `server`, then `guard`.
"""
