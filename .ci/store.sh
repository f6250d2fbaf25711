#!/bin/sh
# A real Ceph gateway for `make e2e-store`: Debian's radosgw, ceph-mon and ceph-osd (about 60 MB to
# fetch, 270 MB on disk). Without root or apt it says what is missing; the lane then skips, or
# fails with CI=true. Nothing is started here: the tests start and stop their own.
set -eu

missing=""
for package in radosgw ceph-mon ceph-osd curl; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
if [ -z "$missing" ]; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
else
    echo "missing:$missing" >&2
    echo "the store lane is skipped; install them with your package manager" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
fi
