#!/usr/bin/env bash
# Installs weir as a service of launchd, or brings an installed one up to date.
#
#     sudo ./install.sh --from FOLDER --config weir.yaml       from boot
#     ./install.sh --agent --from FOLDER --config weir.yaml    while you are logged in
#
# --from FOLDER       holds bin/weir and, with the modules, lib/weir
# --config FILE       the configuration to install; without it the installed one stays
# --agent             a LaunchAgent of this user in place of a LaunchDaemon
# --restart           drains and starts anew even where nothing has changed
# --ready-url URL     what answers once it is ready (http://127.0.0.1:8002/readyz)
# --ready-seconds N   how long that may take (60)
# --root DIR          puts every path under DIR
# --dry-run           changes nothing, and says what it would do
#
# The configuration is checked before anything changes. When the new service is
# not ready in time, the old program, configuration and plist come back and are
# started again, and this ends with 1. A second run finds nothing to do.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/launchd/service.sh
source "$here/service.sh"

from=
new_config=
restart=false
ready_url=http://127.0.0.1:8002/readyz
ready_seconds_max=60
# What a failure has to undo.
swapped=()
was_loaded=false
changing=false

read_arguments() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --agent) kind=agent ;;
      --restart) restart=true ;;
      --dry-run) dry_run=true ;;
      --from | --config | --ready-url | --ready-seconds | --root)
        [[ $# -ge 2 ]] || fail "$1 needs a value"
        case $1 in
          --from) from=$2 ;;
          --config) new_config=$2 ;;
          --ready-url) ready_url=$2 ;;
          --ready-seconds) ready_seconds_max=$2 ;;
          --root) root=$2 ;;
        esac
        shift
        ;;
      *) fail "unknown argument: $1 (the top of this script lists them)" ;;
    esac
    shift
  done
  [[ $ready_seconds_max =~ ^[1-9][0-9]{0,3}$ ]] ||
    fail "--ready-seconds must be 1 to 9999, got $ready_seconds_max"
  [[ -n $from ]] || fail "say with --from which folder holds bin/weir"
  [[ -x $from/bin/weir ]] || fail "there is no program $from/bin/weir"
}

check_config() {
  local candidate=${new_config:-$config}
  [[ -f $candidate ]] ||
    fail "there is no configuration at $candidate; give one with --config" \
      "(config/default.yaml holds every knob at its default)"
  "$from/bin/weir" config check --config "$candidate" </dev/null ||
    fail "weir refuses $candidate; nothing was changed"
}

render_plist() {
  if [[ $kind == agent ]]; then
    # The home folder as text of XML, and then as a replacement of sed's.
    local home
    home=$(printf '%s' "$HOME" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/[\\&|]/\\&/g')
    sed "s|@HOME@|$home|g" "$here/$label.agent.plist"
  else
    cat "$here/$label.plist"
  fi
}

is_ready() {
  curl --fail --silent --output /dev/null --max-time 2 "$ready_url"
}

is_up_to_date() {
  cmp -s "$from/bin/weir" "$program" || return 1
  [[ ! -d $from/lib/weir ]] || diff -rq "$from/lib/weir" "$modules" >/dev/null 2>&1 || return 1
  [[ -z $new_config ]] || cmp -s "$new_config" "$config" || return 1
  render_plist | cmp -s - "$plist" || return 1
  is_loaded && is_ready
}

# The first number that is neither a user's nor a group's.
free_number() {
  local taken number
  taken=$(dscl . -list /Users UniqueID; dscl . -list /Groups PrimaryGroupID)
  for ((number = 300; number < 500; number++)); do
    if ! grep -Eq "[[:space:]]$number\$" <<<"$taken"; then
      echo "$number"
      return 0
    fi
  done
  fail "no number between 300 and 499 is free for the user $user"
}

make_user() {
  local number
  [[ $kind == daemon ]] || return 0
  # What is written last, so that a creation that was cut off is done again.
  ! dscl . -read "/Users/$user" NFSHomeDirectory >/dev/null 2>&1 || return 0
  number=$(free_number)
  act dscl . -create "/Groups/$user" PrimaryGroupID "$number"
  act dscl . -create "/Users/$user" UniqueID "$number"
  act dscl . -create "/Users/$user" PrimaryGroupID "$number"
  act dscl . -create "/Users/$user" RealName "weir inference server"
  act dscl . -create "/Users/$user" UserShell /usr/bin/false
  act dscl . -create "/Users/$user" IsHidden 1
  act dscl . -create "/Users/$user" NFSHomeDirectory "${state#"$root"}"
}

make_folders() {
  act mkdir -p "$(dirname "$program")" "$(dirname "$modules")" \
    "$(dirname "$config")" "$(dirname "$plist")" "$state/models" "$logs"
  act chmod 750 "$state" "$logs"
  [[ $kind == agent ]] || act chown "$user:$user" "$state" "$state/models" "$logs"
}

# A run that was killed in the middle has left the old files beside the new ones.
recover() {
  local target
  for target in "$program" "$modules" "$config" "$plist"; do
    [[ ! -e $target.new ]] || act rm -rf "$target.new"
    [[ -e $target.before ]] || continue
    act rm -rf "$target"
    act mv "$target.before" "$target"
  done
}

# Copies first, so that the service is down for no longer than a few renames.
stage() {
  act cp "$from/bin/weir" "$program.new"
  [[ ! -d $from/lib/weir ]] || act cp -R "$from/lib/weir" "$modules.new"
  if [[ -n $new_config ]]; then
    act cp "$new_config" "$config.new"
    act chmod 640 "$config.new"
    [[ $kind == agent ]] || act chown "root:$user" "$config.new"
  fi
  act write_plist
}

write_plist() {
  render_plist >"$plist.new"
}

swap_in() {
  local target
  for target in "$program" "$modules" "$config" "$plist"; do
    [[ -e $target.new ]] || continue
    swapped+=("$target")
    [[ ! -e $target ]] || mv "$target" "$target.before"
    mv "$target.new" "$target"
  done
}

start() {
  # A service that somebody has disabled cannot be bootstrapped.
  act launchctl enable "$service" &&
    act launchctl bootstrap "$domain" "$plist" &&
    act launchctl kickstart "$service"
}

wait_until_ready() {
  local second
  for ((second = 0; second < ready_seconds_max; second++)); do
    ! is_ready || return 0
    sleep 1
  done
  echo "install.sh: not ready within $ready_seconds_max s; see $logs/weir.log" >&2
  return 1
}

# Runs at every end; does something only where a change was left unfinished.
roll_back() {
  local target
  $changing || return 0
  changing=false
  set +e
  trap '' INT TERM HUP
  echo "install.sh: going back to what was there before" >&2
  boot_out
  if [[ ${#swapped[@]} -gt 0 ]]; then
    for target in "${swapped[@]}"; do
      # Neither of the two renames has happened.
      [[ ! -e $target.new || -e $target.before ]] || continue
      rm -rf "${target:?}"
      [[ ! -e $target.before ]] || mv "$target.before" "$target"
    done
  fi
  rm -rf "$program.new" "$modules.new" "$config.new" "$plist.new"
  $was_loaded || return 0
  if start && wait_until_ready; then
    echo "install.sh: the service runs as before" >&2
  else
    echo "install.sh: the service of before does not run either" >&2
  fi
}

change() {
  changing=true
  stage
  boot_out
  ! is_ready || {
    echo "install.sh: something else answers at $ready_url; stop it first" >&2
    return 1
  }
  swap_in
  start
  wait_until_ready
  changing=false
  rm -rf "$program.before" "$modules.before" "$config.before" "$plist.before"
}

main() {
  read_arguments "$@"
  choose_places
  require_launchd
  recover
  check_config
  if ! $restart && is_up_to_date; then
    echo "install.sh: $service is up to date and ready"
    return 0
  fi
  ! is_loaded || was_loaded=true
  make_user
  make_folders
  if $dry_run; then
    stage
    boot_out
    start
    return 0
  fi
  trap roll_back EXIT
  trap 'exit 1' INT TERM HUP
  change
  echo "install.sh: $service is ready"
}

main "$@"
