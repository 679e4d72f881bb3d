#!/usr/bin/env bash
# packages.sh NAME...: sees that the named programs are there: postgres redis java docker-compose shellcheck node.
# Installs what is missing with apt-get or Homebrew where it may, never starting a service; where it can't, one line
# says what to install. Exit code 1 when something is still missing.
set -euo pipefail
cache="$(cd "$(dirname "$0")/.." && pwd)/.local/cache"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

# apt_install PACKAGE...: quiet; the package lists are fetched once, when a package isn't known without.
apt_install() {
  command -v apt-get >/dev/null || return 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >/dev/null 2>&1 && return
  as_root apt-get update -q </dev/null >/dev/null 2>&1 || return 1
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null >/dev/null
}

brew_install() { command -v brew >/dev/null && brew install --quiet "$1" >/dev/null; }

missing() {
  echo "missing: $1. Debian and Ubuntu: $2. macOS: $3" >&2
  status=1
}

has_postgres() {
  [ -x "${POSTGRES_BIN:-/nowhere}/initdb" ] || command -v initdb >/dev/null ||
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G '/opt/homebrew/opt/postgresql@*/bin/initdb' >/dev/null ||
    compgen -G '/usr/local/opt/postgresql@*/bin/initdb' >/dev/null
}

postgres() {
  has_postgres && return
  echo "installing PostgreSQL"
  if command -v apt-get >/dev/null && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    # Without this the package would make a cluster and start it on port 5432.
    if as_root mkdir -p /etc/postgresql-common; then
      echo "create_main_cluster = false" | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
  fi
  apt_install postgresql || brew_install postgresql@17 || true
  has_postgres || missing "PostgreSQL's server" "apt-get install postgresql" "brew install postgresql@17"
}

# The server itself unpacks Debian's packages into .local/cache, without installing them, when redis-server isn't there.
redis() {
  command -v redis-server >/dev/null || [ -x "${REDIS_SERVER:-/nowhere}" ] || [ -x "$cache/redis/usr/bin/redis-server" ] && return
  if command -v apt-get >/dev/null && command -v dpkg >/dev/null; then return; fi
  echo "installing Redis"
  brew_install redis || missing "Redis" "apt-get install redis-server" "brew install redis"
}

java_version() { { java -version 2>&1 || true; } | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1; }

java_17() {
  local version
  version=$(java_version)
  [ "${version:-0}" -ge 17 ] && return
  echo "installing Java 17"
  apt_install openjdk-17-jre-headless || apt_install default-jre-headless || brew_install openjdk@17 || true
  version=$(java_version)
  [ "${version:-0}" -ge 17 ] || missing "Java 17 or later (for --kafka=managed)" "apt-get install openjdk-17-jre-headless" "brew install openjdk@17"
}

# program NAME PACKAGE: a program that both package managers call the same.
program() {
  command -v "$1" >/dev/null && return
  echo "installing $2"
  apt_install "$2" || brew_install "$2" || true
  command -v "$1" >/dev/null || missing "$1" "apt-get install --no-install-recommends $2" "brew install $2"
}

node_version() { "$1" --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p'; }

# Twilio's npm package needs Node 20, Debian 12 has 18: npm's own "node" package brings a newer one into the cache.
node_20() {
  local own="$cache/node/node_modules/node/bin/node"
  [ "$(node_version node || true)" -ge 20 ] 2>/dev/null && return
  [ "$(node_version "$own" || true)" -ge 20 ] 2>/dev/null && return
  echo "installing Node 20"
  command -v npm >/dev/null || apt_install nodejs npm || brew_install node || true
  if command -v npm >/dev/null; then
    mkdir -p "$cache/node"
    npm install --silent --no-audit --no-fund --prefix "$cache/node" node@20 </dev/null >/dev/null 2>&1 || true
  fi
  [ "$(node_version "$own" || node_version node || true)" -ge 20 ] 2>/dev/null ||
    missing "Node 20 (for the checks with Twilio's npm package)" "https://nodejs.org" "brew install node"
}

status=0
for name in "$@"; do
  case "$name" in
    postgres) postgres ;;
    redis) redis ;;
    java) java_17 ;;
    docker-compose) program docker-compose docker-compose ;;
    shellcheck) program shellcheck shellcheck ;;
    node) node_20 ;;
    *) echo "packages.sh: unknown name '$name'" >&2; exit 2 ;;
  esac
done
exit $status
