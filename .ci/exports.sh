#!/bin/sh
# The outside programs of `make e2e-exports`, each in an environment of its own outside the sources:
# Harbor's validator (Python 3.12 or newer), webdataset, TRL and its like, SWE-bench, mlcroissant,
# Label Studio's own checks. About 2.8 GB; a second run does nothing. Prints the folder on its last line. Without a Python for Harbor it says
# so; what needs it then skips, or fails with CI=true.
set -eu
cd "$(dirname "$0")/.."
dest=${SIGNOFF_E2E_EXPORTS:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/exports}

step() { echo "[$(date +%T)] $*" >&2; }

# new_python: prints a Python from 3.12 on, or nothing.
new_python() {
    for python in "$HOME"/.pyenv/versions/3.1[2-9].*/bin/python3.1[2-9] /usr/bin/python3.1[2-9] \
        .venv/bin/python; do
        if "$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
}

# environment NAME PYTHON REQUIREMENTS [OPTION…]: makes one, unless the same is there already.
environment() {
    name=$1 python=$2 wanted=$3
    shift 3
    stamp=$dest/$name/.made-$(cat "$wanted" .ci/exports.sh | sha256sum | cut -c1-16)
    if [ -e "$stamp" ]; then return; fi
    step "$name, from $wanted"
    rm -rf "${dest:?}/$name"
    "$python" -m venv "$dest/$name"
    "$dest/$name/bin/python" -m pip install --quiet --disable-pip-version-check "$@" -r "$wanted" >&2
    touch "$stamp"
}

mkdir -p "$dest"
exec 9>"$dest.lock"
flock 9
python=$(new_python)
if [ -n "$python" ]; then
    environment harbor "$python" requirements/harbor.txt --no-deps
else
    echo "missing: a Python from 3.12 on, for Harbor's validator; what needs it is skipped" >&2
    [ "${CI:-}" != true ] || exit 1
fi
environment webdataset .venv/bin/python requirements/webdataset.txt
environment trainers .venv/bin/python requirements/exports.txt
environment swebench .venv/bin/python requirements/swebench.txt
environment croissant .venv/bin/python requirements/croissant.txt
environment label_studio .venv/bin/python requirements/label_studio.txt --no-deps
echo "$dest"
