#!/bin/sh
# A real VS Code workbench for `make e2e-vscode`: code-server and playwright-core from npm, their
# Node from PyPI, Chromium from the system. About 480 MB, outside the sources; a second run does
# nothing. Prints the folder on its last line: bin/node, bin/npm and bin/code-server lie in it.
# Without a way to get a part it says what is missing; the lane then skips, or fails with CI=true.
set -eu
cd "$(dirname "$0")/.."
sources=$PWD
dest=${SIGNOFF_E2E_VSCODE:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/vscode}
lock=$sources/editor_extensions/vscode/e2e/package-lock.json
. .ci/node_folder.sh
stamp=$dest/.made-$node_wheel-$(digest_of "$lock" .ci/vscode.sh .ci/vscode_logs.cjs)

require_chromium
begin_folder
install_node

step "code-server and playwright-core, from npm; no install script is run"
cp "$sources/editor_extensions/vscode/e2e/package.json" "$lock" "$dest/"
(cd "$dest" && npm ci --omit=dev) >&2
server=$dest/node_modules/code-server
vscode=$server/lib/vscode
step "what VS Code itself needs, at the versions that code-server pins"
(cd "$vscode" && npm install --omit=dev) >&2
(cd "$vscode/extensions" && npm install --omit=dev) >&2
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
end_folder
