#!/bin/sh
# The gate of a CI job: audits PostgreSQL at LEADER_URL and FOLLOWER_URL with the routing rule READ_POLICY, and ends with
# afterwrite's exit code. Flags are handed on to `afterwrite audit`.
#
# REPORTS   folder for history, report.json and junit.xml (afterwrite-report)
# BASELINE  a report.json of the main branch: fail only for what is new or worse; unset, or not there yet: fail for every violation
# SUMMARY   file to append a summary in Markdown to; on GitHub that of the job's page
set -eu

if [ -n "${BASELINE:-}" ] && [ -f "$BASELINE" ]; then set -- --baseline "$BASELINE" "$@"; fi
summary=${SUMMARY:-${GITHUB_STEP_SUMMARY:-}}
if [ -n "$summary" ]; then set -- --summary "$summary" "$@"; fi

exec afterwrite audit postgres --quiet --leader "${LEADER_URL:?}" --follower "${FOLLOWER_URL:?}" \
  --read-policy "${READ_POLICY:-recent-writer:2s}" --guarantee read-your-writes \
  --until at-risk=100 --duration 3m --out "${REPORTS:-afterwrite-report}" "$@"
