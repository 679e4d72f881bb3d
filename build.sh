#!/usr/bin/env bash
# Builds, runs and tests SMS CRM. Needs the .NET SDK (global.json) on Debian, Ubuntu or macOS; it gets the rest.
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
server=src/SmsCrm.Server/bin/Release/net10.0/smscrm.dll
chaos=tests/SmsCrm.Chaos/bin/Release/net10.0/smscrm-chaos.dll
loadtests=loadtests/SmsCrm.LoadTests/bin/Release/net10.0/smscrm-loadtests.dll

usage() {
  cat <<'EOF'
usage: ./build.sh COMMAND [OPTIONS]

  run       set up everything on this machine, send a demo campaign of 1,000 texts to the simulated
            Twilio and stay up until Ctrl-C
              --kafka=embedded|managed|external   which broker (default embedded; managed needs KAFKA_HOME,
                                                  external reads SmsCrm__Kafka__BootstrapServers)
              --exit                              stop after the summary
  test      build, then run every test on private ports; prints the line coverage and, last,
            "N passed, N failed". With KAFKA_HOME set also on that real broker
  lint      check the formatting (dotnet format) and the shell scripts (shellcheck, where installed)
  loadtest  --scenario pipeline|ingest-grpc|ingest-rest|fairness --rate R --duration S
            --scenario reports|webhooks|links (loadtest --help says more)
  clean     end what a killed run left running and delete .local/ (the data) and out/ (test results)
  chaos     send texts while the send role, Redis, Postgres and the broker are killed and the provider misbehaves;
            prints the seed and what was broken, and ends with "N lost", "N texted twice", "N uncertain"
              --seed N --messages N (default 50000) --kafka embedded|managed (chaos --help says more)

Exit codes: 0 done, 1 failed, 2 wrong arguments.
EOF
}

fail_usage() {
  echo "build.sh: $1 (./build.sh --help)" >&2
  exit 2
}

no_arguments() {
  local command=$1
  shift
  case "${1:-}" in
    "") ;;
    -h | --help) usage; exit 0 ;;
    *) fail_usage "unknown argument '$1' for $command" ;;
  esac
}

cake() {
  command -v dotnet >/dev/null || {
    echo "build.sh: the .NET SDK 10 is missing; install it from https://dotnet.microsoft.com/download" >&2
    exit 1
  }
  dotnet tool restore >/dev/null || {
    dotnet tool restore >&2
    exit 1
  }
  dotnet tool run dotnet-cake build.cake "$@"
}

run() {
  local kafka=embedded exit_after=""
  while [ $# -gt 0 ]; do
    case "$1" in
      --kafka=*) kafka=${1#--kafka=} ;;
      --kafka) shift; kafka=${1:-} ;;
      --exit) exit_after=--exit ;;
      -h | --help) usage; exit 0 ;;
      *) fail_usage "unknown argument '$1' for run" ;;
    esac
    shift
  done
  case "$kafka" in
    embedded | external) ;;
    managed)
      [ -x "${KAFKA_HOME:-}/bin/kafka-server-start.sh" ] ||
        fail_usage "--kafka=managed needs KAFKA_HOME, an unpacked Apache Kafka; it is '${KAFKA_HOME:-}'" ;;
    *) fail_usage "--kafka is '$kafka'; it must be embedded, managed or external" ;;
  esac
  cake --target=Prepare "--kafka=$kafka" --verbosity=quiet

  # The server is the supervisor of what it starts; Cake would leave on Ctrl-C without stopping anything.
  exec dotnet "$server" local run "--kafka=$kafka" --folder "$PWD/.local" ${exit_after:+"$exit_after"}
}

run_tests() {
  rm -f out/closing-line
  local result=0
  cake --target=Test --verbosity=normal || result=1

  # Cake's own table of durations comes last; this line comes after it.
  [ -f out/closing-line ] || {
    echo "build.sh: the tests did not come to their end" >&2
    exit 1
  }
  cat out/closing-line
  exit $result
}

# A pid file holds an id and a mark: only a process whose command line carries the mark is ours to end.
end_leftovers() {
  local file pid mark
  find "$1" -maxdepth 6 -name '*.pid' 2>/dev/null | while read -r file; do
    { read -r pid && read -r mark; } <"$file" || continue
    case "$pid" in '' | *[!0-9]*) continue ;; esac
    [ -n "$mark" ] || continue
    if ps -ww -o args= -p "$pid" 2>/dev/null | grep -qF -- "$mark"; then
      echo "ending $(basename "$file" .pid) ($pid) of an earlier run"
      case "$file" in
        */postmaster.pid) kill -INT "$pid" 2>/dev/null || true ;;
        *) kill "$pid" 2>/dev/null || true ;;
      esac
      for _ in $(seq 100); do
        ps -ww -o args= -p "$pid" 2>/dev/null | grep -qF -- "$mark" || break
        sleep 0.1
      done
    fi
  done
}

clean() {
  local place
  for place in $(find .local -maxdepth 4 -name location -exec head -n 1 {} + 2>/dev/null) .local; do
    case "$place" in
      /var/tmp/smscrm-* | .local)
        end_leftovers "$place"
        rm -rf "$place" ;;
    esac
  done
  rm -rf out
  echo "removed .local/ and out/"
}

command=${1:-}
[ $# -gt 0 ] && shift
case "$command" in
  run) run "$@" ;;
  test) no_arguments test "$@"; run_tests ;;
  lint) no_arguments lint "$@"; cake --target=Lint --verbosity=normal ;;
  loadtest)
    cake --target=Prepare --verbosity=quiet
    exec dotnet "$loadtests" "$@" ;;
  clean) no_arguments clean "$@"; clean ;;
  chaos)
    cake --target=Prepare --verbosity=quiet
    exec dotnet "$chaos" "$@" ;;
  -h | --help | help) usage ;;
  "") usage >&2; exit 2 ;;
  *) fail_usage "unknown command '$command'" ;;
esac
