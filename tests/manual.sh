#!/bin/sh
# The manual page names every option that a command's --help shows, and --help shows every option of the manual page.
# usage: manual.sh PROGRAM
page=$(dirname "$0")/../man/codecollab.1
shown=$(mktemp)
told=$(mktemp)
trap 'rm -f "$shown" "$told"' EXIT
for command in $("$1" help | sed -n 's/^  codecollab \([a-z-]*\) .*/\1/p' | grep -vx -e help -e version); do
	"$1" $command --help || exit 1
done | sed -n 's/^  --\([a-z-]*\).*/\1/p' | grep -v '^help$' | sort -u >"$shown"
grep -oE 'Fl -[a-z-]+' "$page" | sed 's/^Fl -//' | sort -u >"$told"
diff "$shown" "$told" >/dev/null && [ -s "$shown" ] && echo "the manual and --help agree" && exit 0
echo "options of --help (<) and of $page (>) differ:"
diff "$shown" "$told"
exit 1
