"""The second step: an episode is read strictly in a worker with limits, then admitted or refused.

May know: receiving and below. Begin with: `admission`, then `examining` and `readers`.
"""
