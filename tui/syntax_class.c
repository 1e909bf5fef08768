#include "tui/syntax_class.h"

#include <string.h>
#include <strings.h>

static const char letters[SYNTAX_CLASSES] = {
	[SYNTAX_TEXT] = '.',
	[SYNTAX_COMMENT] = 'c',
	[SYNTAX_STRING] = 's',
	[SYNTAX_ESCAPE] = 'e',
	[SYNTAX_NUMBER] = 'n',
	[SYNTAX_CONSTANT] = 'o',
	[SYNTAX_KEYWORD] = 'k',
	[SYNTAX_TYPE] = 't',
	[SYNTAX_PREPROC] = 'p',
	[SYNTAX_FUNCTION] = 'f',
	[SYNTAX_OPERATOR] = '+',
	[SYNTAX_TAG] = 'g',
	[SYNTAX_ATTRIBUTE] = 'a',
	[SYNTAX_VARIABLE] = 'v',
	[SYNTAX_LABEL] = 'l',
	[SYNTAX_TITLE] = 'h',
	[SYNTAX_STRONG] = 'b',
	[SYNTAX_EMPHASIS] = 'i',
	[SYNTAX_LINK] = 'u',
	[SYNTAX_ADDED] = 'A',
	[SYNTAX_REMOVED] = 'R',
	[SYNTAX_CHANGED] = 'C',
	[SYNTAX_TODO] = 'T',
	[SYNTAX_BAD] = '!',
};

/* The names that descriptions use, ours and those written for other editors. */
static const struct {
	const char *name;
	enum syntax_class class;
} names[] = {
	{"Idle", SYNTAX_TEXT},
	{"Text", SYNTAX_TEXT},
	{"Ident", SYNTAX_TEXT},
	{"Comment", SYNTAX_COMMENT},
	{"Docstring", SYNTAX_COMMENT},
	{"String", SYNTAX_STRING},
	{"Character", SYNTAX_STRING},
	{"Regex", SYNTAX_STRING},
	{"Code", SYNTAX_STRING},
	{"Escape", SYNTAX_ESCAPE},
	{"StringEscape", SYNTAX_ESCAPE},
	{"Number", SYNTAX_NUMBER},
	{"Constant", SYNTAX_CONSTANT},
	{"Boolean", SYNTAX_CONSTANT},
	{"Keyword", SYNTAX_KEYWORD},
	{"Statement", SYNTAX_KEYWORD},
	{"Loop", SYNTAX_KEYWORD},
	{"Conditional", SYNTAX_KEYWORD},
	{"StorageClass", SYNTAX_KEYWORD},
	{"Type", SYNTAX_TYPE},
	{"DefinedType", SYNTAX_TYPE},
	{"Preproc", SYNTAX_PREPROC},
	{"Define", SYNTAX_PREPROC},
	{"Precond", SYNTAX_PREPROC},
	{"Hunk", SYNTAX_PREPROC},
	{"IncLocal", SYNTAX_STRING},
	{"IncSystem", SYNTAX_STRING},
	{"Function", SYNTAX_FUNCTION},
	{"DefinedFunction", SYNTAX_FUNCTION},
	{"DefinedIdent", SYNTAX_FUNCTION},
	{"Operator", SYNTAX_OPERATOR},
	{"Control", SYNTAX_OPERATOR},
	{"Brace", SYNTAX_OPERATOR},
	{"Tag", SYNTAX_TAG},
	{"TagName", SYNTAX_TAG},
	{"Attr", SYNTAX_ATTRIBUTE},
	{"Attribute", SYNTAX_ATTRIBUTE},
	{"Key", SYNTAX_ATTRIBUTE},
	{"Variable", SYNTAX_VARIABLE},
	{"Label", SYNTAX_LABEL},
	{"Title", SYNTAX_TITLE},
	{"Bold", SYNTAX_STRONG},
	{"Strong", SYNTAX_STRONG},
	{"Emphasis", SYNTAX_EMPHASIS},
	{"Italic", SYNTAX_EMPHASIS},
	{"Link", SYNTAX_LINK},
	{"AddLine", SYNTAX_ADDED},
	{"DelLine", SYNTAX_REMOVED},
	{"ChgLine", SYNTAX_CHANGED},
	{"FileNew", SYNTAX_ADDED},
	{"FileOld", SYNTAX_REMOVED},
	{"TODO", SYNTAX_TODO},
	{"Bad", SYNTAX_BAD},
};

bool syntax_class_find(const char *name, size_t bytes, uint8_t *class)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == bytes &&
			strncasecmp(names[i].name, name, bytes) == 0) {
			*class = (uint8_t)names[i].class;
			return true;
		}
	return false;
}

char syntax_class_letter(uint8_t class)
{
	return class < SYNTAX_CLASSES ? letters[class] : '?';
}
