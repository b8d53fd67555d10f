#!/bin/sh
# All that must hold before a change is taken: `sh tools/test.sh [workers]`.
# Every part runs, whatever the others say; the last output is the closing line of the full test run.
cd "$(dirname "$0")/.." || exit 1
workers="${1:-2}"
# Hundreds of processes start in here: each would compile what it imports, and rewrite its assertions.
unset PYTHONDONTWRITEBYTECODE
failed=0

sh tools/browser.sh || failed=1

# Beside each other: both begin with minutes that keep one processor busy, types here, migrations there.
said="$(mktemp)"
trap 'rm -f "$said"' EXIT
.venv/bin/python tools/check.py >"$said" 2>&1 &
checks=$!

echo "== what touches the database, on PostgreSQL 16"
# Only the files that have such tests: reading all the others takes longer than running these.
# shellcheck disable=SC2046 - names without spaces, one word each
CHUAN_TEST_PG=16 .venv/bin/pytest -n "$workers" --dist loadfile -m "data_layer and not browser" \
    $(grep -rl --include='test_*.py' 'mark\.data_layer' tests src) || failed=1

wait "$checks" || failed=1
echo "== checks"
cat "$said"

echo "== everything else, on PostgreSQL 18"
.venv/bin/pytest -n "$workers" --dist loadfile --no-loadscope-reorder --durations=10 || failed=1

exit "$failed"
