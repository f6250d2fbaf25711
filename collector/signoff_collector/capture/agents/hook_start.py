"""What an agent starts for each of its events: `python -I -S hook_start.py HOME AGENT`.

The agents wait for it, so it is the smallest file there is: Python compiles the file it is given
at every start, but reads what that imports already compiled. Without `site` (-S) nothing of the
person's or the project's runs in it; the folder of our packages comes last on the path, so that
nothing there can stand in for a module of Python's own.
"""

import sys

try:
    sys.path.append(__file__.rpartition("/signoff_collector/")[0])
    from signoff_collector.capture.agents.hook import run

    run(sys.argv[1:])
except BaseException:  # noqa: BLE001, S110  an agent is never told of a fault of ours
    pass
