#!/bin/sh
# Checks one folder of TypeScript with the Node that its lane laid ready: types, lint, format, that
# what is built and committed is what the sources give, byte for byte, and its unit tests.
#   sh .ci/node_check.sh editor_extensions/vscode "$(sh .ci/vscode.sh)"
set -eu
cd "$(dirname "$0")/../$1"
tools=$2
if [ -z "$tools" ] || [ ! -x "$tools/bin/npm" ]; then
    echo "no Node, so $1 is not checked" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi
export PATH="$tools/bin:$PATH"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent check
npm test --silent
