#!/bin/sh
# The image of `hub/deploy/Containerfile`, built by a real builder and kept in the folder that is
# given: `make image-check`, by hand, about two minutes. No registry of images is asked: in place of
# the base a Debian with its own Python goes by the base's name. Of this machine the build sees the
# settings of pip and the certificates, read-only. Needs root and Debian.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh
store=$1

set --
for package in buildah podman runc mmdebstrap postgresql; do
    dpkg -s "$package" >/dev/null 2>&1 || set -- "$@" "$package"
done
require_packages "$@"

rm -rf dist
.venv/bin/python -m build --wheel --no-isolation
base=$(sed -n 's/^FROM //p' hub/deploy/Containerfile)
mmdebstrap --quiet --variant=minbase --include=python3,python3-pip,python-is-python3,ca-certificates \
    bookworm "$store/base.tar"
builder="buildah --root $store/images --runroot $store/run --storage-driver vfs"
made=$($builder from scratch)
$builder add --quiet "$made" "$store/base.tar" /
rm "$store/base.tar"
$builder run --isolation chroot "$made" -- sh -c 'rm /usr/lib/python3*/EXTERNALLY-MANAGED'
$builder commit --quiet --rm "$made" "$base"

set -- --volume /etc/ssl/certs:/etc/ssl/certs:ro
[ ! -e /etc/pip.conf ] || set -- "$@" --volume /etc/pip.conf:/etc/pip.conf:ro
$builder build --isolation chroot --pull-never --format docker "$@" \
    -f hub/deploy/Containerfile -t signoff-hub:0.1.0 .
