#include "tui/comment.h"

#include <stddef.h>
#include <string.h>

static const struct row {
	const char *names; /* extensions, and whole names; a blank around each */
	struct comment comment;
} rows[] = {
	{" .c .h .cc .cpp .cxx .hh .hpp .hxx .m .mm .js .mjs .cjs .jsx .ts .tsx .go .rs .java .kt .kts "
	 ".scala .swift .cs .php .dart .zig .v .sv .groovy .gradle .proto .jsonc .json5 .scss .less .d "
	 ".glsl .cu .s .fs .fsx .dts .dtsi ",
		{"//", ""}},
	{" .py .pyi .sh .bash .zsh .fish .ksh .rb .pl .pm .t .r .jl .yaml .yml .toml .conf .cfg .mk .cmake "
	 ".awk .sed .tcl .nim .ex .exs .ps1 .tf .nix .service .timer .socket .desktop .properties "
	 ".gitignore .editorconfig .dockerignore .env .po .gnuplot .graphql .nanorc .coffee .cr "
	 "Makefile makefile GNUmakefile Dockerfile CMakeLists.txt Rakefile Gemfile Vagrantfile Kconfig "
	 ".bashrc .profile .zshrc .tmux.conf fstab hosts crontab PKGBUILD ",
		{"#", ""}},
	{" .sql .lua .hs .elm .adb .ads .vhd .vhdl .applescript ", {"--", ""}},
	{" .lisp .el .scm .clj .cljs .edn .rkt .asm .ini .inc .ll .fnl ", {";", ""}},
	{" .tex .sty .cls .bib .erl .hrl .ps .mat ", {"%", ""}},
	{" .vim .vimrc vimrc ", {"\"", ""}},
	{" .f90 .f95 .f03 .f08 ", {"!", ""}},
	{" .bas .vb .vbs ", {"'", ""}},
	{" .bat .cmd ", {"REM", ""}},
	{" .1 .2 .3 .4 .5 .6 .7 .8 .roff .man .ms ", {".\\\"", ""}},
	{" .html .htm .xhtml .xml .svg .xsl .md .markdown .vue .svelte .ui .plist ",
		{"<!--", "-->"}},
	{" .css ", {"/*", "*/"}},
	{" .ml .mli .pas .sml .mod ", {"(*", "*)"}},
};

static bool holds(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = names; len && (at = strstr(at, name)); at += len)
		if (at[-1] == ' ' && at[len] == ' ')
			return true;
	return false;
}

bool comment_of(const char *path, struct comment *out)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
		   *dot = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strchr(name, ' ') &&
			(holds(rows[i].names, name) || (dot && holds(rows[i].names, dot)))) {
			*out = rows[i].comment;
			return true;
		}
	return false;
}
