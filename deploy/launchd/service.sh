# shellcheck shell=bash disable=SC2034
# What install.sh and uninstall.sh both know: where weir lies on a Mac, and how
# launchd is asked. macOS has bash 3.2, where an empty array is an unset one.

label=dev.weir.server
user=_weir
kind=daemon
root=
dry_run=false
# Seconds that launchd gives a drain (ExitTimeOut in the plists), and some more.
stop_seconds_max=60

fail() {
  echo "${0##*/}: $*" >&2
  exit 1
}

# act COMMAND...: runs it, or says in a dry run what it would have run.
act() {
  if $dry_run; then
    echo "would run: $*"
  else
    "$@"
  fi
}

choose_places() {
  local prefix=/usr/local plists=/Library/LaunchDaemons
  domain=system
  if [[ $kind == agent ]]; then
    prefix=$HOME/.weir
    plists=$HOME/Library/LaunchAgents
    domain=gui/$(id -u)
  fi
  service=$domain/$label
  program=$root$prefix/bin/weir
  modules=$root$prefix/lib/weir
  config=$root$prefix/etc/weir/weir.yaml
  state=$root$prefix/var/weir
  logs=$root$prefix/var/log/weir
  plist=$root$plists/$label.plist
}

require_launchd() {
  command -v launchctl >/dev/null ||
    fail "there is no launchctl here; this is for macOS (deploy/systemd is for Linux)"
  [[ $kind == agent || $(id -u) -eq 0 ]] ||
    fail "a daemon needs root: use sudo, or --agent for a service of your own"
  [[ $kind == daemon || $(id -u) -ne 0 ]] ||
    fail "an agent belongs to a user: run this without sudo"
}

is_loaded() {
  launchctl print "$service" >/dev/null 2>&1
}

# Drains the service and waits until launchd has forgotten it. bootout itself may
# come back, or fail, while the server still answers; bootstrap would then fail.
boot_out() {
  local second
  is_loaded || return 0
  act launchctl bootout "$service" || true
  ! $dry_run || return 0
  for ((second = 0; second < stop_seconds_max; second++)); do
    is_loaded || return 0
    sleep 1
  done
  echo "${0##*/}: $service did not end within $stop_seconds_max s" >&2
  return 1
}
