"""Verifying: from every row of a data set to the sign-off that allows it, offline.

May know: building (where files lie, who builds), screening, schemas.
Begin with: `verifying`, then `findings`.
"""
