#!/usr/bin/env bash
# Installs what is missing where it may, builds, checks the format, runs every test.
# The last line is: N passed, N failed, N skipped. Nonzero exit where anything failed, or nothing ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
exec </dev/null
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
# Hundreds of hosts in one run: none watches its settings files, since a user's file watchers are limited (128 on many systems).
export DOTNET_hostBuilder__reloadConfigOnChange=false
# Code is compiled for a short run: without a second mapping of its pages, and without gathering profiles.
export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredPGO=0
# 16 MiB (hexadecimal): garbage of hundreds of gateways is collected before it has spread.
export DOTNET_GCgen0size=1000000
# The time of day (UTC) at which the tests start, such as 23:59:30; otherwise the time that it is.
at=${TESTS_AT:-}
configuration=${CONFIGURATION:-Release}

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

stop() {
  printf '%s\n' "$1"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

command -v dotnet >/dev/null || stop "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download"

# What the tests use besides .NET. Without redis-server, Garnet (a NuGet package) takes its place; without Chromium its tests are skipped; without PostgreSQL in /usr/lib/postgresql nearly all fail.
missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G '/opt/homebrew/opt/postgresql*/bin/initdb' >/dev/null || missing+=(postgresql)
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -qy --no-install-recommends "${missing[@]}"; } >"$results/apt.log" 2>&1 ||
      { tail -n 5 "$results/apt.log"; echo "Could not install ${missing[*]}; going on without."; }
  else
    echo "Missing: ${missing[*]}. Install them to run every test."
  fi
fi

echo "Building ($configuration)"
dotnet build AiPipe.sln -c "$configuration" -v quiet --nologo -clp:NoSummary || stop "The build failed."

echo "Checking the format"
# The build has checked style and analyzers already; what is left are encoding, line ends and the last newline.
dotnet format whitespace . --folder --verify-no-changes -v quiet || stop "The format is not as .editorconfig says: run dotnet format."

moved=()
if [ -n "$at" ]; then
  cc -O2 -shared -fPIC -o "$results/clock.so" AiPipe.Tests/Support/clock.c || stop "TESTS_AT needs a C compiler: apt-get install gcc libc6-dev"
  # Postgres, which runs as another user, must find it, too.
  chmod 755 "$results"
  # The same distance for every process that the tests start, and none for the clock that timers use.
  moved=(env LD_PRELOAD="$results/clock.so" TESTS_CLOCK=$((($(date -ud "$at" +%s) - $(date +%s) + 86400) % 86400)))
fi

echo "Testing"
"${moved[@]}" dotnet test AiPipe.Tests -c "$configuration" --no-build --nologo -v quiet \
  --blame-hang-timeout 10m --blame-hang-dump-type none --logger "trx;LogFileName=tests.trx" --results-directory "$results" >"$results/tests.log" 2>&1
status=$?

trx=$results/tests.trx
if [ ! -f "$trx" ]; then
  tail -n 40 "$results/tests.log"
  stop "The tests did not run to their end."
fi
if [ $status -ne 0 ]; then grep -vE '^\s*$' "$results/tests.log" | tail -n 200; fi

# One line each: an element of the results file may span several.
flat=$(tr '\n\r' '  ' <"$trx")
printf '%s' "$flat" | grep -oE '<UnitTestResult [^>]*outcome="NotExecuted"[^>]*>.{0,600}' |
  sed -E 's/.*testName="([^"]*)".*<Message>([^<]*)<.*/Skipped: \1: \2/; t; s/.*testName="([^"]*)".*/Skipped: \1/' || true

printf '%s' "$flat" | sed 's/<UnitTestResult /\n&/g' | grep -E '^<UnitTestResult [^>]*outcome="Failed"' |
  sed -E 's/.*testName="([^"]*)".*<Message>([^<]*)<.*/Failed: \1: \2/; s/^<UnitTestResult .*testName="([^"]*)".*/Failed: \1/' |
  awk '{ print (length($0) > 3000 ? substr($0, 1, 1000) " … " substr($0, length($0) - 1900) : $0) }' || true

echo "Slowest classes, in seconds:"
printf '%s' "$flat" | sed 's/<UnitTestResult /\n&/g' | sed -nE 's/^<UnitTestResult .*testName="AiPipe\.Tests\.([A-Za-z0-9_.]+)\.[A-Za-z0-9_]+[("].*/\1 &/p' |
  sed -nE 's/^([^ ]+) .* duration="([0-9]+):([0-9]+):([0-9.]+)".*/\1 \2 \3 \4/p' |
  awk '{ seconds[$1] += $2 * 3600 + $3 * 60 + $4 } END { for (name in seconds) printf "%8.1f %s\n", seconds[name], name }' | sort -rn | head -n 10 || true

counters=$(printf '%s' "$flat" | grep -oE '<Counters [^>]*>' | head -n 1)
count() { printf '%s' "$counters" | sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p"; }
total=$(count total) passed=$(count passed) failed=$(count failed)
total=${total:-0} passed=${passed:-0} failed=${failed:-0}
skipped=$((total - passed - failed))
if [ "$failed" = 0 ] && { [ $status -ne 0 ] || [ "$passed" = 0 ]; }; then
  echo "The test run ended with status $status and $passed passed tests."
  failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
