#!/bin/sh
# Makes the environment .venv from uv.lock, with nothing but Python >= 3.11: `bootstrap.sh run|dev`.
# `run` installs what the program needs, `dev` also what its tests and checks need.
# The Makefile calls it when pyproject.toml or uv.lock changed, and touches a stamp after it.
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$name" >/dev/null 2>&1 && is_new_enough "$name"; then
            "$name" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || echo "no python3")
    fail "Equerry needs Python 3.11 or newer, and here is ${found}; install one, or name it: make PYTHON=/path/to/python3"
}

has_pinned_uv() {
    want=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' scripts/uv.requirements.txt)
    case "$("$1" --version 2>/dev/null)" in "uv $want"*) return 0 ;; *) return 1 ;; esac
}

# uv goes into the checkout, its hash checked. Debian ships Python without ensurepip, and then
# `venv` fails: pip alone will do, and so will a uv that is there already.
install_uv() {
    pinned="--quiet --disable-pip-version-check --require-hashes -r scripts/uv.requirements.txt"
    rm -rf .uv
    # shellcheck disable=SC2086
    if "$python" -m venv .uv >/dev/null 2>&1; then
        .uv/bin/python -m pip install $pinned || fail "uv could not be installed: see the lines above."
    elif "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf .uv
        "$python" -m pip install $pinned --target .uv || fail "uv could not be installed: see the lines above."
    elif command -v uv >/dev/null 2>&1; then
        rm -rf .uv
        mkdir -p .uv/bin && ln -s "$(command -v uv)" .uv/bin/uv
    else
        rm -rf .uv
        fail "This Python has neither ensurepip nor pip; install them first (on Debian and Ubuntu: apt install python3-venv), then run make again."
    fi
}

python=$(find_python) || exit 1
has_pinned_uv .uv/bin/uv || install_uv

case "${1:-run}" in
    run) set -- --no-dev --inexact ;; # leaves what the tests use in place
    dev) set -- ;;
    *) fail "bootstrap.sh takes run or dev, not $1." ;;
esac
[ -t 2 ] || set -- "$@" --quiet
.uv/bin/uv sync --locked --compile-bytecode --python "$python" "$@" ||
    fail "The packages of uv.lock could not be installed: see the lines above."
