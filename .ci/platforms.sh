#!/bin/sh
# What other systems do, for `make e2e-platforms`: FUSE, for a disk that folds names.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh

set --
command -v fusermount3 >/dev/null 2>&1 || set -- fuse3
require_packages "$@"
