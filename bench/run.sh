#!/usr/bin/env bash
# Measures AiPipe and nginx on this machine: bench/run.sh [all | quick | throughput | latency | streams | pages | replicas]
# REDIS=1 runs two Proxy replicas with their counters in Redis; INLINE=1 lets AiPipe handle sockets inline. All processes listen on loopback
# only, and stop with the run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for program in nginx wrk redis-server; do
  command -v "$program" >/dev/null || { echo "$program is missing (Debian: apt-get install nginx-light wrk redis-server)"; exit 1; }
done
dotnet build AiPipe.Bench -c Release --nologo -v quiet -clp:NoSummary
exec dotnet AiPipe.Bench/bin/Release/net10.0/AiPipe.Bench.dll "$@"
