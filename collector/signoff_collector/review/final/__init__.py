"""The last stage of a review: the final file, its local record, its signature.

May know: review.desk, consent, upload.outbox.
Begin with: `signing`.
"""
