# Sourced: `require_packages NAME…` installs the named packages of the system, if any are named.
# Without root or apt it says what is missing; what needs them is then skipped, or fails if CI=true.
require_packages() {
    [ $# -eq 0 ] && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "[$(date +%T)] $*, from the system's packages" >&2
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
        return
    fi
    echo "missing: $*" >&2
    echo "what needs them is skipped; install them with your package manager" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
}
