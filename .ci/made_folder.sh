# Sourced: a folder of outside programs, made once and whole. Wants `dest` (the folder) and `stamp`
# (the file in it that says it is whole). A folder that was not made so is never removed.
step() { echo "[$(date +%T)] $*" >&2; }

begin_folder() {
    mkdir -p "$(dirname "$dest")"
    exec 9>"$dest.lock"
    flock 9
    if [ -e "$stamp" ]; then
        echo "$dest"
        exit 0
    fi
    if [ -e "$dest" ] && [ ! -e "$dest/.signoff-e2e" ]; then
        echo "$dest is there and was not made by this script; move it away" >&2
        exit 1
    fi
    rm -rf "$dest"
    mkdir -p "$dest/bin"
    touch "$dest/.signoff-e2e"
}

end_folder() {
    touch "$stamp"
    step "made"
    echo "$dest"
}
