#!/bin/sh
# PostgreSQL and a Ceph gateway for `make e2e-hub`, from Debian's packages. Without root or apt it
# says what is missing; the lane then skips, or fails with CI=true. The tests start and stop their
# own, whatever the package starts.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh
sh .ci/store.sh

set --
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || set -- postgresql
require_packages "$@"
