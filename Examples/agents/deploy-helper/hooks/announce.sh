#!/bin/sh
# Says in the team's channel what is about to be rolled out; prints it where no channel is set.
# The token is made up for this example and good for nothing.
ANNOUNCE_TOKEN="hV4kR9sXw2Lq7TzB5nMc8YdJ3fGp6QaE"

message="rolling out $1 as $2"
if [ -n "${ANNOUNCE_TOKEN:-}" ] && [ -n "${ANNOUNCE_COMMAND:-}" ]; then
  ANNOUNCE_TOKEN="$ANNOUNCE_TOKEN" "$ANNOUNCE_COMMAND" "$message"
else
  echo "announce: $message"
fi
