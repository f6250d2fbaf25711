"""What a person agrees to: audience, notice, rights, whose code it is.

May know: episode, capture's opt-in, system.
Begin with: `notices`, then `audience`.
"""
