"""The review page's server: loopback only, one reader, nothing for anybody else.

May know: review.desk, review.final; Starlette and uvicorn.
Begin with: `server`, then `guard`.
"""
