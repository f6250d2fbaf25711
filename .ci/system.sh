#!/bin/sh
# System programs that the tests drive for real: ssh-keygen, zstd, git, unshare, tmux, zsh, fish.
set -eu
missing=""
for pair in git:git zsh:zsh fish:fish ssh-keygen:openssh-client ssh-agent:openssh-client zstd:zstd unshare:util-linux tmux:tmux; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
if [ -n "$missing" ]; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
    else
        echo "missing:$missing; install them with your system's package manager" >&2
        exit 1
    fi
fi
