"""The terminal review as full-screen application; `entry.run_review` opens it.

May know: review.desk, review.final, review.file_screens, replay.drawing.
Begin with: `entry`, then `app`.
"""
