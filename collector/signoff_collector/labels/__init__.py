"""Labels of episodes: what a person says of steps and spans, and what rules of ours propose.

May know: replay, levels, consent's signatures, episode, own_files. Labels lie beside an episode,
never in it. Begin with: `marks`, then `label_file`.
"""
