"""How useful an episode is to learn from: of the recording, never of the person.

May know: levels, episode, text, schemas. Pure functions of an episode, own or shared.
Begin with: `quality`, then `measures`.
"""
