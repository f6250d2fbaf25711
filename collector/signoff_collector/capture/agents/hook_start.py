"""What an agent starts for each of its events: `python -I -S hook_start.py HOME AGENT`.

The agents wait for it, so it is the smallest file there is: Python compiles the file it is given
at every start, but reads what that imports already compiled. Without `site` (-S) nothing of the
person's or the project's runs in it; the folder of our packages comes last on the path, so that
nothing there can stand in for a module of Python's own. An installation keeps it in `share/`, whose
name outlives an upgrade of Python; the packages lie in a folder named after the release that runs.
"""

import sys

try:
    prefix, installed, _ = __file__.rpartition("/share/signoff-companions/")
    release = f"{sys.version_info[0]}.{sys.version_info[1]}"
    packages = f"{prefix}/lib/python{release}/site-packages"
    sys.path.append(packages if installed else __file__.rpartition("/signoff_collector/")[0])
    from signoff_collector.capture.agents.hook import run

    run(sys.argv[1:])
except BaseException:  # noqa: BLE001, S110  an agent is never told of a fault of ours
    pass
