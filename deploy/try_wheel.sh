#!/usr/bin/env bash
# Installs a built wheel into an empty environment and uses it as somebody would who has never seen the sources: the
# command on the path, the samples indexed, a question answered, the page served, every extra resolved.
#
# Usage: deploy/try_wheel.sh dist/pincite-0.1.0-py3-none-any.whl
set -euo pipefail

wheel=$(realpath "$1")
constraints=$(realpath "$(dirname "$0")/../constraints.txt")
python=${PYTHON:-python3}
torch=${TORCH:-torch==2.13.0}
empty=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" || true; rm -rf "$empty"' EXIT
cd "$empty"

say() { echo "— $*"; }

say "installing $(basename "$wheel") into an empty environment"
"$python" -m venv environment
environment/bin/pip install --quiet ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$torch"
environment/bin/pip install --quiet --constraint "$constraints" "$wheel[openvino]"
environment/bin/pip check
mkdir bin && ln -s ../environment/bin/pincite bin/pincite   # as pipx puts a command on the path

export PATH="$empty/bin:$PATH" PINCITE_LIBRARY="$empty/library"
unset PYTHONPATH

say "pincite --help: $( { TIMEFORMAT=%R; time pincite --help > help.txt; } 2>&1 ) s"
pincite models get multilingual-e5-small ms-marco-MiniLM-L12-v2 all-MiniLM-L6-v2
pincite index --samples
pincite search "Why is Ukraine not ready for peace talks?" --limit 1 | tee answer.txt
grep -q "Harbour Gazette" answer.txt

say "serving"
pincite serve --port "${PORT:-8765}" & server=$!
for _ in $(seq 60); do
  curl -fs "localhost:${PORT:-8765}/readyz" > ready.json && break
  sleep 1
done
curl -fs "localhost:${PORT:-8765}/?q=peace+talks" > page.html
grep -q "<mark" page.html
curl -fs "localhost:${PORT:-8765}$(grep -o '/static/[^"]*page.css' page.html)" > page.css
kill "$server"; wait "$server" || true   # ended by a signal, as asked
server=

say "extras"
for extra in $(environment/bin/python -c 'from importlib.metadata import metadata; print(*metadata("pincite").get_all("Provides-Extra"))'); do
  environment/bin/pip install --quiet --dry-run --constraint "$constraints" "$wheel[$extra]"
  echo "$extra resolves"
done
say "all is well"
