#!/bin/sh
# A real CPython for Windows under Wine, for `make e2e-platforms`. PyPI has no such interpreter by
# itself, but a game engine's wheel carries its library; the program that calls it is compiled here,
# and the standard library is that of a Python 3.11 of this machine. Prints the folder on its last
# line; a second run does nothing. With Wine 8 numpy has to be 1.26 (it lacks `crealf`).
set -eu
cd "$(dirname "$0")/.."
. .ci/packages.sh
. .ci/made_folder.sh
dest=${SIGNOFF_E2E_WINE:-${XDG_CACHE_HOME:-$HOME/.cache}/signoff-e2e/wine}
stamp=$dest/.made-$(cat .ci/wine.sh .ci/made_folder.sh requirements/run.txt requirements/pictures.txt requirements/windows.txt | sha256sum | cut -c1-16)
[ "$(uname -m)" = x86_64 ] || {
    echo "Windows is tried on x86-64 alone; what needs it is skipped" >&2
    exit 0
}
set --
[ -x /usr/lib/wine/wine64 ] || set -- wine64
command -v x86_64-w64-mingw32-gcc >/dev/null 2>&1 || set -- "$@" gcc-mingw-w64-x86-64
require_packages "$@"
begin_folder
mkdir -p "$dest/python/DLLs" "$dest/python/Lib/site-packages" "$dest/made"
step "a Python for Windows, from PyPI"
pip() { .venv/bin/python -m pip "$@" --quiet --disable-pip-version-check --only-binary=:all: \
    --platform win_amd64 --python-version 3.11 --abi cp311 --abi abi3 --abi none; }
pip download --no-deps -d "$dest/made" panda3d==1.10.16
.venv/bin/python - "$dest" <<'P'
import shutil, sys, sysconfig, zipfile
from pathlib import Path

dest = Path(sys.argv[1])
python = dest / "python"
(wheel,) = (dest / "made").glob("panda3d*.whl")
with zipfile.ZipFile(wheel) as content:
    for item in content.infolist():
        name = item.filename.rpartition("/")[2]
        is_ours = item.filename.startswith("deploy_libs/")
        if is_ours and name.endswith(".pyd"):
            (python / "DLLs" / name).write_bytes(content.read(item))
        elif name.endswith(".dll") and (is_ours or name.lower().startswith(("msvcp", "api-ms"))):
            (python / name).write_bytes(content.read(item))
shutil.copytree(
    sysconfig.get_path("stdlib"), python / "Lib", dirs_exist_ok=True,
    ignore=shutil.ignore_patterns("site-packages", "lib-dynload", "test", "__pycache__", "config-*"),
)
P
cc=x86_64-w64-mingw32-gcc
cd "$dest/made"
cat >python.c <<'C'
__declspec(dllimport) int Py_Main(int, unsigned short **);
int wmain(int count, unsigned short **words) { return Py_Main(count, words); }
C
$cc -municode python.c -o ../python/python.exe ../python/python311.dll
cat >random.c <<'C'
#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE at, SIZE_T size) { return SystemFunction036(at, (ULONG)size); }
C
$cc -shared random.c -o ../python/bcryptprimitives.dll -ladvapi32
x86_64-w64-mingw32-objdump -p ../python/python311.dll | sed -n '/Name Pointer\] Table/,$p' |
    grep -oE '\b_?Py[A-Za-z0-9_]+$' | sort -u |
    awk 'BEGIN { print "LIBRARY python3.dll\nEXPORTS" } { print $1 "=python311." $1 }' >stable.def
echo 'int nothing;' >nothing.c
$cc -shared nothing.c stable.def -o ../python/python3.dll
# OpenSSH for Windows is in none of the registries: the system's own ssh-keygen runs in its place.
# Wine starts programs of the system, but passes them no pipes and does not wait for them.
cat >keygen.c <<'C'
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#define FOLDER PREFIX "/keygen"
static char *inside(char *word) {
    char *path = malloc(strlen(word) + sizeof PREFIX + 16);
    if (word[0] && word[1] == ':' && (word[2] == '\\' || word[2] == '/'))
        sprintf(path, "%s%s", word[0] == 'Z' ? "" : PREFIX "/drive_c", word + 2);
    else
        return strcpy(path, word);
    for (char *at = path; *at; at++)
        if (*at == '\\') *at = '/';
    return path;
}
static void copy(FILE *from, FILE *to) {
    char piece[4096];
    size_t size;
    while ((size = fread(piece, 1, sizeof piece, from))) fwrite(piece, 1, size, to);
    fflush(to);
}
static unsigned long began; /* numbers of processes are used again */
static FILE *beside(const char *what, const char *how) {
    char path[1024];
    sprintf(path, "Z:%s-%lu-%lu.%s", FOLDER, GetCurrentProcessId(), began, what);
    return fopen(path, how);
}
int main(int count, char **words) {
    static char line[1 << 15];
    began = GetTickCount();
    setvbuf(stdin, NULL, _IONBF, 0);
    _setmode(0, 0x8000), _setmode(1, 0x8000);
    FILE *in = beside("in", "wb"), *found;
    for (int at = 1; at < count; at++)
        if (!strcmp(words[at], "sign")) copy(stdin, in);
    fclose(in);
    sprintf(line, "Z:\\bin\\sh -c \"f=$1; shift; /usr/bin/ssh-keygen \\\"$@\\\" <$f.in >$f.out 2>$f.err; "
                  "echo $? >$f.now; mv $f.now $f.code\" sh %s-%lu-%lu", FOLDER, GetCurrentProcessId(), began);
    for (int at = 1; at < count; at++)
        sprintf(line + strlen(line), " \"%s\"", inside(words[at]));
    STARTUPINFOA start = {sizeof start};
    PROCESS_INFORMATION started;
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &start, &started)) return 125;
    for (int tries = 0; !(found = beside("code", "rb")); tries++) {
        if (tries > 3000) return 124;
        Sleep(20);
    }
    int code = 123;
    fscanf(found, "%d", &code);
    copy(beside("out", "rb"), stdout);
    copy(beside("err", "rb"), stderr);
    return code;
}
C
mkdir -p "$dest/made/OpenSSH"
$cc -DPREFIX="\"$dest/prefix\"" keygen.c -o OpenSSH/ssh-keygen.exe
cd - >/dev/null
sed 's/^numpy==.*/numpy==1.26.4/' requirements/run.txt >"$dest/made/wanted.txt"
cat requirements/pictures.txt requirements/windows.txt >>"$dest/made/wanted.txt"
pip install --no-deps --no-compile --target "$dest/python/Lib/site-packages" -r "$dest/made/wanted.txt"
# Its output has to be a pipe: where it is a file, this Python under Wine may not start.
said=$(WINEPREFIX=$dest/prefix WINEDEBUG=-all /usr/lib/wine/wine64 "$dest/python/python.exe" -c 'print("runs")' </dev/null 2>&1) || {
    echo "$said" >&2
    exit 1
}
mv "$dest/made/OpenSSH" "$dest/prefix/drive_c/windows/system32/"
rm -rf "$dest/made"
end_folder
