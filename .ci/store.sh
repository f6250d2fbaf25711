#!/bin/sh
# A real Ceph gateway for `make e2e-store`: Debian's radosgw, ceph-mon and ceph-osd (about 60 MB to
# fetch, 270 MB on disk). Without root or apt it says what is missing; the lane then skips, or
# fails with CI=true. Nothing is started here: the tests start and stop their own.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh

set --
for package in radosgw ceph-mon ceph-osd curl; do
    dpkg -s "$package" >/dev/null 2>&1 || set -- "$@" "$package"
done
require_packages "$@"
