#!/usr/bin/env bash
# Installs the pipelines of others that `passerby bench edge` measures beside ours, into .venv-peers-edge of the repository.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=$here/../../../.venv-peers-edge

python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$here/edge.txt"
