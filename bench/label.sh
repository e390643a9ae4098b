#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Labelling against simdjson, in one process, alternating. Without the
# package (script/setup bench) only our own speed is told.
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
peer=$B/bench/label_peer.so
rm -f "$peer"
g++ -O3 -shared -fPIC -o "$peer" bench/label_peer.cpp -lsimdjson 2>/dev/null ||
    echo "simdjson is not installed: not compared"
exec "$B/bench/label_against" "$PWD/$peer"
