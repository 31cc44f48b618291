#!/bin/sh
# Plans the roll-out of one service, a step a line, and refuses what would go wrong.
#
# usage: deploy.sh plan SERVICE | deploy.sh apply SERVICE | deploy.sh --self-check
# Exit status 0 with the plan, 1 with what is wrong on stderr, 2 for wrong use.
set -eu
cd "$(dirname "$0")"

# The number at KEY of config.json.
setting() {
  sed -n "s/.*\"$1\": *\([0-9][0-9]*\).*/\1/p" config.json
}

# The value of KEY in the service's file.
value() {
  sed -n "s/^$2=//p" "services/$1.conf"
}

fail() {
  echo "$1: $2" >&2
  exit 1
}

# What has to be true of a service before it is rolled out.
check() {
  [ -f "services/$1.conf" ] || fail ServiceError "no file services/$1.conf"
  image=$(value "$1" image)
  case "$image" in
    *:latest) fail ImageError "$image is not a fixed version" ;;
  esac
  replicas=$(value "$1" replicas)
  [ "$replicas" -le "$(setting replicas_max)" ] || fail ReplicasError "$replicas replicas of $1"
}

# Gives the last instance that was looked at time to settle.
pause() {
  wait_ms=$(setting probe_wait_ms)
  sleep "$(printf '%d.%03d' $((wait_ms / 1000)) $((wait_ms % 1000)))"
}

plan() {
  check "$1"
  hooks/announce.sh "$1" "$(value "$1" image)"
  pause
  echo "pull $(value "$1" image)"
  count=1
  while [ "$count" -le "$(value "$1" replicas)" ]; do
    echo "replace $1-$count, then wait for port $(value "$1" port)"
    count=$((count + 1))
  done
}

case "${1:-} ${2:+service}" in
  "plan service") plan "$2" ;;
  "apply service") check "$2" && fleetctl roll "$2" "$(value "$2" image)" ;;
  "--self-check ")
    [ -n "$(setting probe_wait_ms)" ] && [ -n "$(setting replicas_max)" ] ||
      fail SettingsError "config.json: probe_wait_ms or replicas_max is missing"
    check web
    echo ok
    ;;
  *)
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
    ;;
esac
