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
# bodies of other makers: whole lives (one without white space), a page of
# observations, a report, documents
data=${VIGIE_SHARED:-../shared}/data/fhir
life=$B/bench/life.json
python3 - "$data" >"$life" 2>/dev/null <<'END'
import glob, json, sys
with open(glob.glob(sys.argv[1] + "/synthea-r4/Courtney*")[0]) as file:
    json.dump(json.load(file), sys.stdout, separators=(",", ":"))
END
set --
for file in "$life" "$data"/synthea-r4/Courtney* \
    "$data"/searchsets/observation_bundle.json \
    "$data"/hl7-r4-examples/Bundle-ghp.json \
    "$data"/hl7-r4-examples/Bundle-xds.json; do
    [ -s "$file" ] && set -- "$@" "$file"
done
exec "$B/bench/label_against" "$PWD/$peer" "$@"
