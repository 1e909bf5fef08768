#include "tui/syntax_language.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"

#define LOOK_POINTS 1024 /* at the text's ends, for what it says of itself */
#define JOE_FOLDER  "/usr/share/joe/syntax"

/* Lists are of words between blanks. A name may also be given by mode lines, and is one of the aliases there. */
static const struct language {
	const char *name, *extensions, *files, *interpreters, *aliases;
} languages[] = {
	{"c", "c h", "", "tcc", ""},
	{"cpp", "cc cpp cxx c++ hh hpp hxx h++ ipp tpp inl", "", "", "c++ cxx"},
	{"python", "py pyw pyi", "SConstruct SConscript", "python python3 python2 pypy pypy3", ""},
	{"js", "js mjs cjs jsx", "", "node nodejs deno bun", "javascript js2 jsx"},
	{"typescript", "ts mts cts tsx", "", "ts-node", "ts typescriptreact"},
	{"sh", "sh bash ksh zsh bats ebuild",
		".bashrc .bash_profile .bash_aliases .profile .zshrc .zshenv PKGBUILD",
		"sh bash dash ksh zsh ash busybox", "shell shell-script bash zsh"},
	{"go", "go", "", "", "golang"},
	{"rust", "rs", "", "rust-script", "rs"},
	{"json", "json jsonc json5 geojson webmanifest ipynb",
		".prettierrc .eslintrc composer.lock flake.lock", "", "jsonc"},
	{"yaml", "yaml yml", ".clang-format .clang-tidy .yamllint", "", "yml"},
	{"md", "md markdown mkd mdown", "README CHANGELOG", "", "markdown gfm"},
	{"diff", "diff patch rej", "", "", "patch"},
	{"ada", "adb ads", "", "", ""},
	{"asm", "asm s", "", "", ""},
	{"awk", "awk", "", "awk gawk mawk nawk", ""},
	{"clojure", "clj cljs cljc edn", "", "", ""},
	{"csharp", "cs", "", "", "c#"},
	{"css", "css scss less", "", "", "scss"},
	{"d", "d", "", "rdmd", ""},
	{"dockerfile", "dockerfile", "Dockerfile Containerfile", "", ""},
	{"elixir", "ex exs", "", "elixir", ""},
	{"erlang", "erl hrl", "", "escript", ""},
	{"fortran", "f f90 f95 f03 f77", "", "", ""},
	{"git-commit", "", "COMMIT_EDITMSG MERGE_MSG", "", "gitcommit"},
	{"groovy", "groovy gradle", "Jenkinsfile", "groovy", ""},
	{"haskell", "hs lhs", "", "runhaskell runghc", ""},
	{"html", "html htm xhtml", "", "", ""},
	{"ini", "ini cfg desktop service", ".editorconfig .gitconfig", "", "dosini"},
	{"java", "java", "", "", ""},
	{"lisp", "el lisp lsp cl scm", "", "sbcl guile", "emacs-lisp scheme"},
	{"lua", "lua", "", "lua luajit lua5.4", ""},
	{"m4", "m4 ac", "", "", ""},
	{"ocaml", "ml mli", "", "ocaml", ""},
	{"pascal", "pas pp", "", "", ""},
	{"perl", "pl pm t", "", "perl", ""},
	{"php", "php", "", "php", ""},
	{"ps", "ps eps", "", "", "postscript"},
	{"r", "r", "", "Rscript", ""},
	{"ruby", "rb rake gemspec", "Rakefile Gemfile Vagrantfile", "ruby", ""},
	{"scala", "scala sbt", "", "scala", ""},
	{"sed", "sed", "", "sed", ""},
	{"sql", "sql", "", "", ""},
	{"swift", "swift", "", "swift", ""},
	{"tcl", "tcl", "", "tclsh wish", ""},
	{"tex", "tex sty cls bib", "", "", "latex"},
	{"troff", "1 2 3 4 5 6 7 8 man mdoc", "", "", "nroff man"},
	{"verilog", "v vh sv", "", "", ""},
	{"vhdl", "vhd vhdl", "", "", ""},
	{"xml", "xml svg xsl xsd plist", "", "", ""},
};

#define LANGUAGES (sizeof(languages) / sizeof(languages[0]))

static bool listed(const char *list, const char *word, size_t bytes)
{
	for (const char *at = list; *at && bytes; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (len == bytes && strncasecmp(at, word, bytes) == 0)
			return true;
		at += len;
	}
	return false;
}

static bool give(char name[SYNTAX_FILE_NAME + 1], const char *at, size_t bytes)
{
	if (!bytes || bytes > SYNTAX_FILE_NAME)
		return false;
	memcpy(name, at, bytes);
	name[bytes] = '\0';
	return true;
}

static bool give_language(char name[SYNTAX_FILE_NAME + 1], const struct language *language)
{
	return give(name, language->name, strlen(language->name));
}

/* ---- by the file's name ---- */

static bool by_path(const char *path, char name[SYNTAX_FILE_NAME + 1])
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	for (size_t i = 0; i < LANGUAGES; i++)
		if (listed(languages[i].files, base, strlen(base)))
			return give_language(name, &languages[i]);
	for (size_t i = 0; dot && i < LANGUAGES; i++)
		if (listed(languages[i].extensions, dot + 1, strlen(dot + 1)))
			return give_language(name, &languages[i]);
	return false;
}

/* ---- by the first line ---- */

/* "#!/usr/bin/env -S python3 -u": the program's name is python3. */
static bool by_interpreter(const char *text, char name[SYNTAX_FILE_NAME + 1])
{
	const char *at = text + 2, *base;
	size_t bytes;

	if (strncmp(text, "#!", 2) != 0)
		return false;
	do {
		at += strspn(at, " \t");
		bytes = strcspn(at, " \t\n");
		for (base = at + bytes; base > at && base[-1] != '/';)
			base--;
		bytes -= (size_t)(base - at);
		at = base + bytes;
	} while (bytes && (*base == '-' || (bytes == 3 && memcmp(base, "env", 3) == 0) ||
				  memchr(base, '=', bytes)));
	for (size_t i = 0; i < LANGUAGES; i++)
		if (listed(languages[i].interpreters, base, bytes))
			return give_language(name, &languages[i]);
	return false;
}

static bool by_first_line(const char *text, char name[SYNTAX_FILE_NAME + 1])
{
	static const struct {
		const char *start, *name;
	} starts[] = {
		{"<?xml", "xml"},
		{"<!doctype html", "html"},
		{"<html", "html"},
		{"<?php", "php"},
		{"%YAML", "yaml"},
		{"diff --git ", "diff"},
		{"--- a/", "diff"},
		{"%!PS", "ps"},
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncasecmp(text, starts[i].start, strlen(starts[i].start)) == 0)
			return give(name, starts[i].name, strlen(starts[i].name));
	return false;
}

/* ---- by a mode line ---- */

/* What a mode line calls it; a name we have no alias for may still be that of a file. */
static bool by_mode(const char *at, size_t bytes, char name[SYNTAX_FILE_NAME + 1])
{
	for (size_t i = 0; i < LANGUAGES; i++)
		if (listed(languages[i].name, at, bytes) || listed(languages[i].aliases, at, bytes))
			return give_language(name, &languages[i]);
	return give(name, at, bytes);
}

static size_t name_bytes(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+#");
}

/* -*- C -*- or -*- mode: C; indent-tabs-mode: t -*- */
static bool by_emacs(const char *text, char name[SYNTAX_FILE_NAME + 1])
{
	const char *at = strstr(text, "-*-"), *end = at ? strstr(at + 3, "-*-") : NULL;
	const char *mode;

	if (!end || memchr(at, '\n', (size_t)(end - at)))
		return false;
	at += 3;
	for (mode = at; mode < end && strncasecmp(mode, "mode:", 5) != 0;)
		mode++;
	if (mode == end && memchr(at, ':', (size_t)(end - at)))
		return false;
	at = mode == end ? at : mode + 5;
	at += strspn(at, " \t");
	size_t bytes = name_bytes(at);
	bytes -= bytes > 3 && memcmp(at + bytes - 3, "-*-", 3) == 0 ? 3 : 0;
	return by_mode(at, bytes, name);
}

/* vim: set ft=c: */
static bool by_vim(const char *text, char name[SYNTAX_FILE_NAME + 1])
{
	static const char *const keys[] = {"ft=", "filetype=", "syntax="};

	for (const char *line = strstr(text, "vim:"); line; line = strstr(line + 1, "vim:")) {
		const char *end = line + strcspn(line, "\n");
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			const char *at = strstr(line, keys[i]);
			if (at && at < end && strchr(" \t:", at[-1]))
				return by_mode(at + strlen(keys[i]),
					name_bytes(at + strlen(keys[i])), name);
		}
	}
	return false;
}

bool syntax_language(const char *path, const struct text *t, char name[SYNTAX_FILE_NAME + 1])
{
	size_t points = text_size(t).points;
	char *head = text_slice(t, 0, LOOK_POINTS, NULL);
	char *tail =
		text_slice(t, points > LOOK_POINTS ? points - LOOK_POINTS : 0, LOOK_POINTS, NULL);
	bool found = by_emacs(head, name) || by_vim(head, name) || by_vim(tail, name) ||
		     by_path(path, name) || by_interpreter(head, name) || by_first_line(head, name);

	free(head);
	free(tail);
	return found;
}

/* ---- folders ---- */

static char *joined(const char *folder, const char *rest)
{
	struct buf path = {0};

	buf_add_str(&path, folder);
	buf_add_str(&path, rest);
	return buf_take(&path);
}

/* NULL: this user has none. */
static char *own_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (config && *config == '/')
		return joined(config, "/codecollab/syntax");
	return home && *home == '/' ? joined(home, "/.config/codecollab/syntax") : NULL;
}

/* Beside the program: where it was built, and where it was installed to, wherever that was moved since. */
static char *beside_program(const char *where)
{
	char path[4096];
	ssize_t bytes = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[bytes > 0 ? bytes : 0] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return joined(path, where);
}

static void add_folder(const char **folders, size_t *count, const char *folder)
{
	if (folder)
		folders[(*count)++] = folder;
}

struct syntax_machine *syntax_language_load(const char *name, char **why)
{
	const char *folders[6] = {NULL};
	char *own = own_folder(), *built = beside_program("/syntax"),
	     *installed = beside_program("/" SYNTAX_DATADIR);
	size_t count = 0;

	add_folder(folders, &count, own);
	add_folder(folders, &count, built);
	add_folder(folders, &count, installed);
	add_folder(folders, &count, JOE_FOLDER);
	struct syntax_machine *machine = syntax_file_load(folders, name, why);
	if (machine && *why && (!own || strncmp(*why, own, strlen(own)) != 0)) {
		free(*why);
		*why = NULL;
	}
	free(own);
	free(built);
	free(installed);
	return machine;
}
