#!/bin/sh
# Checks the review page with the Node that .ci/review_page.sh installed: types, lint, format, that
# types and the built page are what their sources give, byte for byte, and its unit tests.
set -eu
cd "$(dirname "$0")/../editor_extensions/review_page"
tools=${SIGNOFF_E2E_REVIEW:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/review}
if [ ! -x "$tools/bin/npm" ]; then
    echo "no Node in $tools, so the page is not checked (.ci/review_page.sh installs it)" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi
export PATH="$tools/bin:$PATH"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent check
npm test --silent
