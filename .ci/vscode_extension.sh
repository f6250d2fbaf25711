#!/bin/sh
# Checks the extension for VS Code with the Node that .ci/vscode.sh installed: types, lint, format,
# its unit and protocol tests, and that a fresh build is `dist/extension.js` byte for byte.
set -eu
cd "$(dirname "$0")/../editor_extensions/vscode"
tools=${SIGNOFF_E2E_VSCODE:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/vscode}
if [ ! -x "$tools/bin/npm" ]; then
    echo "no Node in $tools, so the extension is not checked (.ci/vscode.sh installs it)" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi
export PATH="$tools/bin:$PATH"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent check
npm test --silent
