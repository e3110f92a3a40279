#!/usr/bin/env bash
# Drains weir, takes it out of launchd and removes its program and plist.
#
#     sudo ./uninstall.sh          ./uninstall.sh --agent
#
# --agent      the LaunchAgent of this user in place of the LaunchDaemon
# --purge      also removes the configuration, the models and the log
# --root DIR   every path lies under DIR
# --dry-run    changes nothing, and says what it would do
#
# A second run finds nothing to do. The user _weir stays, so that no file ever
# comes to belong to another user of the same number.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/launchd/service.sh
source "$here/service.sh"

purge=false

read_arguments() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --agent) kind=agent ;;
      --purge) purge=true ;;
      --dry-run) dry_run=true ;;
      --root)
        [[ $# -ge 2 ]] || fail "$1 needs a value"
        root=$2
        shift
        ;;
      *) fail "unknown argument: $1 (the top of this script lists them)" ;;
    esac
    shift
  done
}

main() {
  local place path found=false
  read_arguments "$@"
  choose_places
  require_launchd
  ! is_loaded || found=true
  boot_out || fail "the service still runs, so nothing was removed"
  for place in "$plist" "$program" "$modules"; do
    for path in "$place" "$place.new" "$place.before"; do
      [[ -e $path ]] || continue
      found=true
      act rm -rf "$path"
    done
  done
  if $purge; then
    act rm -rf "$(dirname "$config")" "$state" "$logs"
  fi
  if $found; then
    echo "uninstall.sh: $service is gone"
  else
    echo "uninstall.sh: $service is not installed"
  fi
}

main "$@"
