/*
 * locale.h: the locale of characters: Unicode in UTF-8, or a clear refusal.
 */
#ifndef TUI_LOCALE_H
#define TUI_LOCALE_H

/*
 * Enters it: the environment's, or, where that names none, C.UTF-8. NULL: it is so; else a sentence in static memory: whoever names
 * another set of characters has a terminal that would show rubbish.
 */
const char *locale_enter(void);

#endif
