#!/bin/sh
# Runs a command where git is the oldest that Signoff works with, a real one: git 2.30 of Debian
# bullseye, unpacked into a folder of the cache and mounted over the system's own in a namespace of
# mounts, since Signoff looks for git in the system's folders before PATH. Its libraries are the
# system's. Wants Debian's apt, which proves what it fetches, `unshare` and the right to use it.
#   sh .ci/old_git.sh COMMAND…
set -eu
cd "$(dirname "$0")/.."
. .ci/made_folder.sh
dest=${SIGNOFF_E2E_OLD_GIT:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/old-git}
stamp=$dest/.made-$(cat .ci/old_git.sh .ci/made_folder.sh | sha256sum | cut -c1-16)
(
    begin_folder
    step "git 2.30, from Debian bullseye"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1) # the machine's own
    mkdir -p "$dest/made/lists/partial" "$dest/made/archives/partial"
    cd "$dest/made"
    echo "deb $mirror bullseye main" >sources.list
    for words in update "download git"; do
        apt-get -qq -o Dir::Etc::SourceList="$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null \
            -o Dir::State::Lists="$PWD/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$PWD" \
            -o Acquire::Check-Valid-Until=false -o APT::Sandbox::User=root $words
    done
    dpkg-deb -x git_*.deb "$dest"
    rm -rf "$dest/made"
    end_folder
) >&2
[ "$(id -u)" -eq 0 ] && own= || own=--map-root-user
exec unshare $own --mount --propagation private sh -c '
    set -e
    for part in bin/git lib/git-core; do mount --bind "$1/usr/$part" "/usr/$part"; done
    shift
    git version >&2
    exec "$@"' old_git "$dest" "$@"
