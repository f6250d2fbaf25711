#!/bin/sh
# Signoff on other releases of Python and git, real ones: Debian suites in folders of their own, for
# `make versions-check`, by hand, as root on Debian: 10 to 20 minutes a suite on two cores.
# In each: the wheel in a new environment goes the whole way (examples/demo.py), then the tests of
# the recorder. Of this machine a suite sees the settings of pip and the certificates, read-only.
# `old-git` is this machine with git 2.30 (.ci/old_git.sh): the whole way, and each test of the
# recorder that makes a repository. `arm64` is trixie for another processor, by qemu: the whole way,
# and the golden episodes.
#   sh .ci/versions.sh [SUITE…]     trixie: Python 3.13, git 2.47; sid: Python 3.14, git 2.55
# What was made is kept in the cache and used again; the last line of each suite says what ran.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh
mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1) # this machine's own
dest=${SIGNOFF_E2E_VERSIONS:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/versions}
[ $# -gt 0 ] || set -- old-git trixie sid arm64

if [ "$(id -u)" -ne 0 ]; then
    echo "other releases of Python and git are tried as root: a suite is a folder to chroot to" >&2
    exit 1
fi
command -v debootstrap >/dev/null 2>&1 || require_packages debootstrap
rm -rf dist
.venv/bin/python -m build --wheel --no-isolation >/dev/null
mkdir -p "$dest"
own=$(mktemp -d)
registered=
trap 'rm -rf "$own"; [ -z "$registered" ] || echo -1 >"$registered"' EXIT
# The kernel is told, until this script ends, what runs programs for arm64.
register_arm64() {
    formats=/proc/sys/fs/binfmt_misc
    command -v qemu-aarch64-static >/dev/null 2>&1 || require_packages qemu-user-static
    [ -e "$formats/register" ] || mount -t binfmt_misc binfmt_misc "$formats"
    [ -e "$formats/qemu-aarch64" ] && return
    cat /usr/lib/binfmt.d/qemu-aarch64.conf >"$formats/register"
    registered=$formats/qemu-aarch64
}
with_old_git() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/demo.txt
    sh .ci/old_git.sh .venv/bin/python -I examples/demo.py --editor plain --folder "$own/demo" >"$own/log" 2>&1 &&
        sh .ci/old_git.sh .venv/bin/python -m pytest -q -n 2 --dist worksteal -p no:randomly \
            $(grep -rlE --include='test_*.py' 'WorkTree|hostile_repository|"init"' tests/collector tests/commands tests/lsp_bridge) \
            >"$own/log" 2>&1 || { tail -n 80 "$own/log" && false; }
    tail -n 1 "$own/log"
}
read_here() { # what a suite read and made is the same here
    rm -rf "$own/out" && mkdir "$own/out"
    .venv/bin/python -I tests/support/between_systems.py "$1/between" "$own/out" 2>"$own/log" |
        cmp - "$1/between.json" && echo "$(ls "$1/between" | wc -l) episodes are the same here" >>"$1/ran" ||
        { cat "$own/log" && false; }
}
failed=
for suite in "$@"; do
    if [ "$suite" = old-git ]; then
        with_old_git || failed="$failed $suite"
        continue
    fi
    root=$dest/$suite
    release=$suite arch=$(dpkg --print-architecture) tests=${SIGNOFF_VERSIONS_TESTS:-}
    if [ "$suite" = arm64 ]; then
        register_arm64
        release=trixie arch=arm64 tests=none # they would take hours
    fi
    if [ ! -e "$root.made" ]; then
        rm -rf "$root"
        # A release of debootstrap knows no suite that is newer; all of Debian's are made like sid.
        debootstrap --arch="$arch" --variant=minbase \
            --include=python3,python3-venv,python3-pip,git,make,ca-certificates,procps,locales "$release" "$root" \
            "$mirror" /usr/share/debootstrap/scripts/sid >&2
        touch "$root.made"
    fi
    rm -rf "$root/src" "$root/tmp" && mkdir -p "$root/src" "$root/root" && mkdir -m 1777 "$root/tmp"
    git archive HEAD | tar -x -C "$root/src"
    cp -r dist "$root/src/dist"
    cp .ci/versions_inside.sh "$root/src/.ci/"
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    # A mirror may keep a suite for longer than its list says.
    echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/90old"
    # A namespace of mounts of its own: what is mounted here ends with it, also after a kill.
    if unshare --mount --propagation private sh -c '
        set -e
        mount --bind "$1" "$1" # so that / has a line in /proc/self/mountinfo
        for place in /dev /sys /etc/ssl/certs /opt; do
            mkdir -p "$1$place" && [ -d "$place" ] && mount --rbind "$place" "$1$place"
        done
        mount -t proc proc "$1/proc"
        ! [ -e /etc/pip.conf ] || cp /etc/pip.conf "$1/etc/pip.conf"
        exec chroot "$1" /usr/bin/env -i HOME=/root TERM=xterm LANG=C.UTF-8 CI="${CI:-}" SHELL=/bin/bash \
            SIGNOFF_VERSIONS_TESTS="$2" SIGNOFF_TEST_DEADLINE_S=180 SIGNOFF_DEMO_LIMIT_S=900 \
            PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
            sh /src/.ci/versions_inside.sh' versions "$root" "$tests" && read_here "$root/src"; then
        echo "$suite: passed: $(cat "$root/src/ran")"
    else
        failed="$failed $suite"
        echo "$suite: FAILED: $(cat "$root/src/ran" 2>/dev/null || true)"
    fi
done
[ -z "$failed" ] || exit 1
