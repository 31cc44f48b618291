#!/bin/sh
# Tests in the Test Anything Protocol (https://testanything.org): one line a case.
cd "$(dirname "$0")/.." || exit 1
number=0
failed=0

# case NAME STATUS PATTERN COMMAND...: the command ends with STATUS and prints what PATTERN finds.
case_of() {
  name=$1 expected=$2 pattern=$3
  shift 3
  number=$((number + 1))
  output=$("$@" 2>&1)
  status=$?
  if [ "$status" -eq "$expected" ] && printf '%s\n' "$output" | grep -q -- "$pattern"; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    printf '%s\n' "$output" | sed "s/^/# status $status: /"
    failed=1
  fi
}

case_of "a plan begins with the image" 0 '^pull registry.example/web:4.2.1$' sh deploy.sh plan web
case_of "a plan replaces each instance" 0 '^replace web-3, then wait for port 8080$' sh deploy.sh plan web
case_of "a plan replaces no more than there are" 1 'replace web-4' sh -c 'sh deploy.sh plan web | grep "web-4" || { echo "no replace web-4"; exit 1; }'
case_of "a roll-out is announced" 0 '^announce: rolling out billing as registry' sh deploy.sh plan billing
case_of "a version that floats is refused" 1 '^ImageError: .*latest' sh deploy.sh plan search
case_of "an unknown service is named" 1 '^ServiceError: no file services/none.conf$' sh deploy.sh plan none
case_of "wrong use shows the usage" 2 '^usage: deploy.sh plan' sh deploy.sh
case_of "the self-check passes" 0 '^ok$' sh deploy.sh --self-check
case_of "a probe waits at least 20 ms" 0 '^yes$' \
  sh -c 'wait=$(sed -n "s/.*probe_wait_ms\": *\([0-9]*\).*/\1/p" config.json); [ "$wait" -ge 20 ] && echo yes'
case_of "the pinned python is one that is here" 0 '^yes$' sh -c '
  pinned=$(sed -n "s/^python //p" .tool-versions)
  python3 -c "import sys; print(\"yes\" if tuple(map(int, \"$pinned\".split(\".\"))) <= sys.version_info[:3] else \"no\")"'
echo "1..$number"
exit $failed
