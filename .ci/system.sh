#!/bin/sh
# System programs that the tests drive for real: git, zstd, tmux, strace, shells and the like.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh
set --
for pair in git:git zsh:zsh fish:fish ssh-keygen:openssh-client ssh-agent:openssh-client zstd:zstd unshare:util-linux tmux:tmux strace:strace; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || set -- "$@" "${pair#*:}"
done
require_packages "$@"
