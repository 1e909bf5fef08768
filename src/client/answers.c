#include "src/client/answers.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "tui/background.h"

#define EXPECTED_MS 5000 /* so long they may be on their way */
#define FIRST_MS                                                                                   \
	2000 /* and so long the first of them: after that the terminal is one that has none */
#define SILENCE_MS 1000 /* and so long until the next byte of them */

#define ESC_MS        25  /* a lone Esc is Esc when nothing follows it for so long */
#define LONE_ESC_MS   100 /* or so long, where it may be an answer's first byte */
#define KEY_ESC_MS    250 /* what begins like it and is a sequence for sure: the rest is late */
#define ANSWER_ESC_MS SILENCE_MS

#define PAINT_COLORS 256 /* with fewer, a theme with a background of its own is not taken unasked */

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool answers_expected(const struct answers *answers, uint64_t now_ms)
{
	return !answers->all &&
	       now_ms - answers->asked_ms < (answers->some ? EXPECTED_MS : FIRST_MS);
}

static void take_background(struct answers *answers, bool light)
{
	answers->light = light && term_colors(answers->term) >= PAINT_COLORS;
}

void answers_begin(struct answers *answers, struct term *term, uint64_t now_ms)
{
	bool light;

	*answers = (struct answers){.term = term, .asked_ms = now_ms, .all = !term_asks(term)};
	if (background_variable(getenv("COLORFGBG"), &light))
		take_background(answers, light);
}

bool answers_take(struct answers *answers, const struct key *key)
{
	answers->some |= key->code >= KEY_SYNCHRONIZES;
	switch (key->code) {
	case KEY_SYNCHRONIZES: term_synchronize(answers->term); return true;
	case KEY_TELLS_KEYS: answers->keys = true; return true;
	case KEY_LIGHT: take_background(answers, true); return true;
	case KEY_DARK: take_background(answers, false); return true;
	case KEY_ANSWERED: answers->all = true; return true;
	default: return false;
	}
}

unsigned answers_esc_ms(const struct answers *answers, bool lone, uint64_t now_ms)
{
	if (answers_expected(answers, now_ms))
		return lone ? LONE_ESC_MS : ANSWER_ESC_MS;
	return answers->keys ? KEY_ESC_MS : ESC_MS;
}

static void drop(struct answers *answers, struct keys *keys)
{
	struct key key;

	while (keys_next(keys, &key))
		answers->all |= key.code == KEY_ANSWERED;
}

/* false: the terminal is gone. */
static bool hear(struct answers *answers, struct keys *keys, uint64_t *heard_ms)
{
	struct pollfd tty = {.fd = term_fd(answers->term), .events = POLLIN};
	char bytes[4096];

	poll(&tty, 1, SILENCE_MS);
	ptrdiff_t len = term_read(answers->term, bytes, sizeof(bytes));
	if (len <= 0)
		return len == 0;
	*heard_ms = clock_ms();
	keys_feed(keys, bytes, (size_t)len);
	drop(answers, keys);
	return true;
}

void answers_await(struct answers *answers, struct keys *keys)
{
	uint64_t heard_ms = clock_ms();

	if (!answers_expected(answers, heard_ms))
		return;
	term_flush(answers->term);
	drop(answers, keys); /* it may be here, and nobody has looked */
	while (answers_expected(answers, clock_ms()) && clock_ms() - heard_ms < SILENCE_MS)
		if (!hear(answers, keys, &heard_ms))
			return;
}
