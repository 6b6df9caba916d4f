#!/usr/bin/env bash
# Installs the independent clients that test_peers.py drives, into .venv-peers of the repository.
# They need Python 3.12 or newer: one on the path, or one that pyenv has. Without one it says so and ends with status 1.
# Go is the other peer: apt-get install golang-go golang-golang-x-mod-dev.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=$here/../../../.venv-peers

for python in python3.14 python3.13 python3.12 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9].*/bin/python3; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
    "$python" -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt"
    exit
  fi
done
echo "peers: aics-tlog needs Python 3.12 or newer, and there is none" >&2
exit 1
