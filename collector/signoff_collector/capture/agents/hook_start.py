"""Entry point that an agent starts for each event: `python -I -S hook_start.py HOME AGENT`.

The agent waits for it, so this file is as small as possible: Python compiles the file it is given
at every start, but loads the modules that it imports from cached bytecode. Without `site` (-S)
nothing of the person's or the project's runs. The folder of our packages comes last on the path, so
that nothing in it can shadow a module of the standard library. An installation keeps this file in
`share/`, whose name survives an upgrade of Python; the packages are in a folder named after the
running release.
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
