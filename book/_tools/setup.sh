#!/bin/sh
# Makes the virtual environment $1 and installs the versions of constraints.txt: what the book and its tests
# need or, as $2, another extra. Called by make from the root.
set -eu

venv=$1
extra=${2:-}
need=${NEED_GB:-8}
say() { echo "$1" >&2; exit 1; }

version() { "$1" --version 2>/dev/null || true; }
fits() { # does this command start a Python that the book runs on?
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

if [ -n "${PYTHON:-}" ]; then
    fits "$PYTHON" || say "PYTHON=$PYTHON is $(version "$PYTHON"); the book needs Python 3.11, 3.12 or 3.13: give one with make PYTHON=/path/to/python3."
    python=$PYTHON
else
    python=
    for candidate in python3.13 python3.12 python3.11 python3 python; do
        if fits "$candidate"; then python=$candidate; break; fi
    done
    found=$(version python3)
    [ -n "$python" ] || say "No Python 3.11, 3.12 or 3.13 on the PATH (python3 is ${found:-absent}): install one, or give it with make PYTHON=/path/to/python3."
fi

if [ -e "$venv" ] && [ ! -f "$venv/pyvenv.cfg" ] && [ -n "$(ls -A "$venv" 2>/dev/null)" ]; then
    say "$venv exists and is no virtual environment: move it away, or give another folder with make VENV=…"
fi

# A previous environment whose Python is gone or no longer fits is made anew.
if [ -f "$venv/pyvenv.cfg" ] && ! fits "$venv/bin/python"; then rm -rf "$venv"; fi

if [ ! -f "$venv/.ready" ]; then
    mkdir -p "$venv"
    free=$(df -Pk "$venv" | awk 'NR == 2 {print int($4 / 1048576)}')
    [ "$free" -ge "$need" ] || rmdir "$venv" 2>/dev/null || true
    [ "$free" -ge "$need" ] || say "$free GB are free where $venv goes, and a fresh installation takes up to $need GB (most of it torch): free some, or give a folder elsewhere with make VENV=…"
    echo "Setting up $venv with $(version "$python"): once, a few minutes." >&2
fi
if [ ! -x "$venv/bin/uv" ]; then
    "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 || say "$python ($(version "$python")) has no venv module: install it (on Debian and Ubuntu the package python3-venv) or give another Python with make PYTHON=/path/to/python3."
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv ||
        say "The installation into $venv did not begin (see above); the next make takes it up again."
fi

# uv does not read pip's settings; an index that was set for pip is meant for both.
index=${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX="$index"; fi

# Compiled here, since where PYTHONDONTWRITEBYTECODE is set, as in many containers, each start would do it anew.
install() { "$venv/bin/uv" pip install --quiet --compile-bytecode --python "$venv/bin/python" --constraint constraints.txt "$@"; }
if [ -n "$extra" ] && install --requirement pyproject.toml --extra "$extra"; then
    touch "$venv/.$extra"
elif [ -z "$extra" ] && install --requirement pyproject.toml --extra book --extra test &&
    install --no-deps --no-build-isolation --editable .; then
    touch "$venv/.ready"
else
    say "The installation into $venv did not finish (see above); the next make takes it up again."
fi
