#!/bin/sh
# Runs a command where there is no network but the loopback: Ray listens on every interface it
# finds, and whoever reaches it may run code. Needs `unshare` and the right to use it.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] && own= || own=--map-root-user
exec unshare $own --net .venv/bin/python -I -c '
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
    fcntl.ioctl(asked, 0x8914, struct.pack("16sh14x", b"lo", 1))
os.execv(sys.argv[1], sys.argv[1:])
' "$@"
