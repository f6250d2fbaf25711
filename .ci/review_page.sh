#!/bin/sh
# What `make e2e-review` drives: Node from PyPI, playwright-core and axe-core from npm, Chromium
# from the system. About 220 MB, outside the sources; a second run does nothing. Prints the folder
# on its last line: bin/node and bin/npm lie in it, and the page is built and checked with them too.
# Without a way to get a part it says what is missing; the lane then skips, or fails with CI=true.
set -eu
cd "$(dirname "$0")/.."
sources=$PWD
dest=${SIGNOFF_E2E_REVIEW:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/review}
e2e=$sources/editor_extensions/review_page/e2e
. .ci/node_folder.sh
stamp=$dest/.made-$node_wheel-$(digest_of "$e2e/package-lock.json" .ci/review_page.sh)

require_chromium
begin_folder
install_node

step "playwright-core and axe-core, from npm; no install script is run"
cp "$e2e/package.json" "$e2e/package-lock.json" "$dest/"
(cd "$dest" && npm ci) >&2
end_folder
