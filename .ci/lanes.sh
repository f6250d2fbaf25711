#!/bin/sh
# Runs lanes (`make e2e-NAME`) side by side, the longest named first. What a lane printed comes when
# it ends; what the failed ones ended with comes once more at the end, since only the end of a long
# output is read. Usage: lanes.sh HOW_MANY NAME…
set -u
cd "$(dirname "$0")/.."
at_once=$1
shift
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export logs
# What only computes gives way to real editors, and to what we ourselves start at low priority in them
# (sealing, watching): it starved beside them.
# The children of xargs are told apart by their logs; each says on its last line how it ended.
printf '%s\n' "$@" | xargs -P "$at_once" -I NAME sh -c '
    case NAME in
        rest | redaction) calm="nice -n 15" ;;
        *) calm= ;;
    esac
    if $calm make e2e-NAME >"$logs/NAME" 2>&1; then touch "$logs/NAME.passed"; fi
    flock "$logs" cat "$logs/NAME"'
failed=
for name in "$@"; do
    if [ ! -e "$logs/$name.passed" ]; then
        failed="$failed $name"
        echo "=== e2e-$name failed; it ended with:"
        tail -c 6000 "$logs/$name"
    fi
done
[ -z "$failed" ] || { echo "failed lanes:$failed"; exit 1; }
echo "all lanes passed: $*"
