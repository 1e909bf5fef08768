#include "tests/faults/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ot/mem.h"
#include "ot/utf8.h"

#define FLIGHT (sizeof(((struct guest *)0)->sent_ms) / sizeof(double))

/* ---- times ---- */

double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void times_add(struct times *times, double ms)
{
	times->ms = mem_grow(times->ms, &times->cap, times->count + 1, sizeof(*times->ms));
	times->ms[times->count++] = ms;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double times_share(struct times *times, double share)
{
	size_t at = (size_t)((double)times->count * share);

	if (!times->count)
		return 0;
	qsort(times->ms, times->count, sizeof(*times->ms), by_size);
	return times->ms[at < times->count ? at : times->count - 1];
}

/* ---- what a guest hears ---- */

static void broken(const struct guest *guest, const char *what, uint64_t is, uint64_t want)
{
	fprintf(stderr, "guest %zu: %s %llu, expected %llu\n", guest->index, what,
		(unsigned long long)is, (unsigned long long)want);
	abort();
}

static double *made(struct guests *all, uint64_t rev)
{
	size_t before = all->made_cap;

	all->made_ms = mem_grow(all->made_ms, &all->made_cap, (size_t)rev + 1, sizeof(double));
	memset(all->made_ms + before, 0, (all->made_cap - before) * sizeof(double));
	return &all->made_ms[rev];
}

static void advance(struct guest *guest, uint64_t rev)
{
	if (rev != guest->rev + 1)
		broken(guest, "revision", rev, guest->rev + 1);
	guest->rev = rev;
}

/* Who hears of a revision first, its author or the witness, leaves the other a note. */
static void on_edited(struct guest *guest, uint64_t rev)
{
	double *at;

	advance(guest, rev);
	if (guest != guest->all->witness)
		return;
	at = made(guest->all, rev);
	if (*at > 0)
		times_add(&guest->all->others, now_ms() - *at);
	else
		*at = -now_ms();
}

static void on_ack(struct guest *guest, uint64_t rev, uint64_t seq)
{
	double sent = guest->sent_ms[seq % FLIGHT], *at = made(guest->all, rev);

	advance(guest, rev);
	if (seq != guest->acked + 1)
		broken(guest, "ack", seq, guest->acked + 1);
	guest->acked = seq;
	times_add(&guest->all->acks, now_ms() - sent);
	if (*at < 0)
		times_add(&guest->all->others, -*at - sent);
	*at = sent;
}

static void be_in(struct guest *guest, uint64_t doc)
{
	guest->doc = doc;
	guest->in = true;
	guest->all->in++;
	times_add(&guest->all->entries, now_ms() - guest->invited_ms);
	if (guest->deafens)
		lean_deafen(guest->lean);
}

static void copy(char *out, size_t cap, struct str from)
{
	snprintf(out, cap, "%.*s", (int)from.len, from.at);
}

static void on_welcome(struct guest *guest, const struct message *m)
{
	struct message open = {.type = MSG_OPEN};

	copy(guest->session, sizeof(guest->session), m->welcome.session);
	if (guest->rev)
		return; /* it resumes */
	copy(guest->path, sizeof(guest->path), m->welcome.files.at[0].path);
	open.open.path = str(guest->path);
	lean_send(guest->lean, &open);
}

static void on_message(void *ctx, const struct message *m)
{
	struct guest *guest = ctx;

	switch (m->type) {
	case MSG_WELCOME: on_welcome(guest, m); break;
	case MSG_OPENED:
		guest->rev = m->opened.rev;
		guest->size = m->opened.size;
		guest->missing = guest->size - m->opened.text.len; /* a byte is a character */
		be_in(guest, m->opened.doc);
		break;
	case MSG_CHUNK: guest->missing -= m->chunk.text.len; break;
	case MSG_RESUMED: be_in(guest, m->resumed.doc); break;
	case MSG_EDITED: on_edited(guest, m->edited.rev); break;
	case MSG_ACK: on_ack(guest, m->ack.rev, m->ack.seq); break;
	default: break;
	}
}

/* ---- coming and going ---- */

static void on_opened(void *ctx)
{
	struct guest *guest = ctx;
	struct msg_doc known = {.path = str(guest->path), .rev = guest->rev, .seq = guest->seq};
	struct message hello = {.type = MSG_HELLO,
		.hello = {.v = 1,
			.session = str(guest->session),
			.docs = {.count = guest->rev > 0, .at = &known}}};
	char name[24];

	snprintf(name, sizeof(name), "g%zu", guest->index);
	hello.hello.name = str(name);
	lean_send(guest->lean, &hello);
}

static void on_closed(void *ctx, unsigned code)
{
	struct guest *guest = ctx;

	guest->all->in -= guest->in;
	guest->all->closed++;
	guest->in = false;
	guest->closed = true;
	guest->code = code;
}

static const struct lean_handler handler = {
	.opened = on_opened,
	.message = on_message,
	.closed = on_closed,
};

struct guests *guests_create(struct loop *loop, const struct url *url, size_t count)
{
	struct guests *guests = mem_alloc(sizeof(*guests));

	guests->loop = loop;
	guests->url = *url;
	guests->count = count;
	guests->at = mem_alloc(count * sizeof(*guests->at));
	for (size_t i = 0; i < count; i++)
		guests->at[i] = (struct guest){.all = guests, .index = i};
	return guests;
}

void guests_invite(struct guests *guests, size_t index)
{
	struct guest *guest = &guests->at[index];

	lean_destroy(guest->lean);
	guests->closed -= guest->closed;
	guest->closed = false;
	guest->code = 0;
	guest->invited_ms = now_ms();
	guest->lean = lean_connect(guests->loop, &guests->url, &handler, guest);
}

void guest_leave(struct guest *guest)
{
	guest->all->in -= guest->in;
	guest->in = false;
	lean_destroy(guest->lean);
	guest->lean = NULL;
}

void guest_write(struct guest *guest, const char *text, size_t len)
{
	struct message m = {.type = MSG_EDIT, .edit = {.doc = guest->doc, .rev = guest->rev}};

	if (!guest->in || guest->seq - guest->acked >= FLIGHT)
		return;
	op_insert(&m.edit.op, text, len);
	m.edit.seq = ++guest->seq;
	guest->sent_ms[guest->seq % FLIGHT] = now_ms();
	lean_send(guest->lean, &m);
	op_fini(&m.edit.op);
}

void guests_destroy(struct guests *guests)
{
	if (!guests)
		return;
	for (size_t i = 0; i < guests->count; i++)
		lean_destroy(guests->at[i].lean);
	free(guests->acks.ms);
	free(guests->others.ms);
	free(guests->entries.ms);
	free(guests->made_ms);
	free(guests->at);
	free(guests);
}
