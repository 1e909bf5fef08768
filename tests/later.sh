#!/bin/sh
# later.sh NAMES ARCHIVE ...: what is loaded later (cmake/later.cmake) is only ever called. An address of it, taken as a destructor or into a
# table of functions, would be NULL for ever: nobody is asked again once the program runs.
names=$1
shift
taken=$(readelf -rW "$@" | awk 'NR == FNR { late[$1]; next } /^File:/ { file = $2 } ($5 in late) && $3 !~ /_(PLT32|CALL26|JUMP26)$/ { print "\t" $5 " in " file }' "$names" -)
[ -z "$taken" ] && exit 0
printf 'The address is taken of what is loaded later; wrap it in a function:\n%s\n' "$taken"
exit 1
