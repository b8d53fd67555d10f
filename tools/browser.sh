#!/bin/sh
# The browser that tests drive: Debian's Chromium, installed when missing and we are root.
# Without one, browser tests are skipped with a message; on a build server (CI=true) that is a fault.
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

find_chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests…"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
    find_chromium >/dev/null && exit 0
fi
if [ "$CI" = true ]; then
    echo "No Chromium, and none could be installed: browser tests cannot run." >&2
    exit 1
fi
echo "No Chromium: browser tests will be skipped. Debian: apt-get install chromium" >&2
