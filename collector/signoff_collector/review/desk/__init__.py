"""One review in progress: the episode, the plan and what the plan gives, behind every front.

May know: review.plan, applying, checking, tasks.
Begin with: `desk` (terminal) and `reviewing` (page).
"""
