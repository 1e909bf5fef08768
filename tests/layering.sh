#!/bin/sh
# Layers only look down: ot knows nobody, net and tui know only ot, src knows all.
# libwebsockets is included only by net/ws_server.c and net/ws_client.c, curses only by tui/canvas.c, and ot has no I/O.
cd "$(dirname "$0")/.." || exit 2
bad=0

# forbid FILES REGEX WHY
forbid() {
	found=$(grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" $1 2>/dev/null)
	[ -z "$found" ] && return
	printf '%s:\n%s\n' "$3" "$found"
	bad=1
}

forbid "ot/*.[ch]" '(net|tui|src)/' "ot looks up"
forbid "ot/*.[ch]" '(unistd|time|fcntl|errno|signal|sys/[a-z]+|uv|openssl/.*|cjson/.*|sqlite3|curses|ncurses.*|libwebsockets)\.h>' "ot does I/O or knows the world"
forbid "net/*.[ch]" '(tui|src)/' "net looks up or sideways"
forbid "tui/*.[ch]" '(net|src)/' "tui looks up or sideways"
forbid "src/server/*.[ch]" '(tui|src/client)/' "the server knows the screen"
forbid "src/client/*.[ch]" 'src/server/' "the client knows the server"
forbid "$(ls ot/*.[ch] net/*.[ch] tui/*.[ch] src/*.[ch] src/*/*.[ch] 2>/dev/null | grep -v '^net/ws_' | tr '\n' ' ')" 'libwebsockets\.h' "libwebsockets outside net/ws_*"
forbid "$(ls ot/*.[ch] net/*.[ch] tui/*.[ch] src/*.[ch] src/*/*.[ch] 2>/dev/null | grep -v '^tui/canvas\.c' | tr '\n' ' ')" '(n?curses|ncursesw/.*|term)\.h>' "curses outside tui/canvas.c"
[ $bad = 0 ] && echo "layers only look down"
exit $bad
