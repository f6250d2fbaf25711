#!/bin/sh
# What .ci/versions.sh runs inside of a suite: the whole way with the wheel, then the tests.
set -eu
cd /src
git config --global --add safe.directory '*'
git init -q . && git add -A && git -c user.name=A -c user.email=a@example.org commit -qm sources
sh .ci/system.sh
echo "Python $(python3 -c 'import platform; print(platform.python_version())'), $(git --version), $(uname -m)" >ran

[ -x /wheel/bin/python ] || python3 -m venv /wheel
/wheel/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps dist/*.whl
/wheel/bin/python -m pip install --quiet --disable-pip-version-check "$(echo dist/*.whl)[seal]" -c requirements/run.txt -r requirements/demo.txt
rm -rf /demo
/wheel/bin/python -I examples/demo.py --editor plain --folder /demo >/demo.log 2>&1 || {
    tail -n 40 /demo.log
    exit 1
}
echo "the whole way" >>ran

# The golden episodes and the one that was just made: .ci/versions.sh compares with what it reads.
mkdir between
find tests/golden /demo -name '*.episode' -exec cp {} between/ ';'
/wheel/bin/python -I tests/support/between_systems.py between "$(mktemp -d)" >between.json
[ "${SIGNOFF_VERSIONS_TESTS:-}" != none ] || exit 0

python3 -m venv --upgrade-deps .venv >/dev/null
make dev
.venv/bin/python -m pytest -q -n 2 --dist worksteal -p no:randomly ${SIGNOFF_VERSIONS_TESTS:-tests/schemas tests/collector tests/lsp_bridge} \
    -m 'not (editors or install or vscode or review or store or exports or ray or hub or platforms or image or slow)' \
    >tests.log 2>&1 || {
    tail -n 80 tests.log
    tail -n 1 tests.log >>ran
    exit 1
}
tail -n 1 tests.log >>ran
