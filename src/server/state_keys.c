#include "src/server/state_part.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "src/places.h"
#include "src/report.h"
#include "src/server/replace.h"

#define MAX_FILE_BYTES 65536 /* of secret, key and certificate */

/* ---- files ---- */

static bool may_read(int fd, const char *path, enum state_kind kind, char **why)
{
	if (kind != STATE_OURS)
		return state_check_shared(fd, path, kind, why);
	fchmod(fd, 0600); /* best effort: the folder is closed to others already */
	return true;
}

/* false: it cannot be read, *why says why; or it is ours and not there, and *why stays NULL. */
static bool read_private(const char *path, enum state_kind kind, struct buf *out, char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | (kind == STATE_OURS ? O_NOFOLLOW : O_NONBLOCK));
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT && kind == STATE_OURS
			       ? false
			       : state_refuse(why, "read", path, errno);
	if (!may_read(fd, path, kind, why)) {
		close(fd);
		return false;
	}
	n = read(fd, buf_room(out, MAX_FILE_BYTES), MAX_FILE_BYTES - 1);
	if (n < 0)
		state_refuse(why, "read", path, errno);
	else
		out->len = (size_t)n;
	close(fd);
	if (n >= 0)
		out->at[n] = '\0';
	return n >= 0;
}

static bool write_private(const char *path, const void *at, size_t len, char **why)
{
	int e = replace_file(path, at, len, 0600, NULL, NULL);

	return e ? state_refuse(why, "write", path, e) : true;
}

static void wipe(struct buf *b)
{
	if (b->at)
		OPENSSL_cleanse(b->at, b->cap);
	buf_fini(b);
}

/* ---- secrets ---- */

/* The file holds the bytes only: the key's name follows from them, so it is the same tomorrow. */
static void name_key(struct token_key *key)
{
	static const char domain[] = "codecollab kid";
	unsigned char bytes[sizeof(domain) + TOKEN_KEY_BYTES], digest[SHA256_DIGEST_LENGTH];

	memcpy(bytes, domain, sizeof(domain));
	memcpy(bytes + sizeof(domain), key->bytes, TOKEN_KEY_BYTES);
	SHA256(bytes, sizeof(bytes), digest);
	for (size_t i = 0; i < (sizeof(key->kid) - 1) / 2; i++)
		snprintf(key->kid + 2 * i, 3, "%02x", digest[i]);
	OPENSSL_cleanse(bytes, sizeof(bytes));
}

static bool take_secret(struct token_key *out, const char *path, enum state_kind kind,
	const struct buf *bytes, char **why)
{
	if (bytes->len != TOKEN_KEY_BYTES && kind != STATE_OURS) {
		*why = report_sentence(
			"the token key %s has %zu bytes, not %d: it is another file, or damaged",
			path, bytes->len, TOKEN_KEY_BYTES);
		return false;
	}
	if (bytes->len != TOKEN_KEY_BYTES) {
		*why = report_sentence("the secret %s is damaged: it has %zu bytes, not %d. Move it"
				       " away for a new one; invitations given so far end with it",
			path, bytes->len, TOKEN_KEY_BYTES);
		return false;
	}
	memcpy(out->bytes, bytes->at, TOKEN_KEY_BYTES);
	name_key(out);
	return true;
}

/* false: it is not there, or *why. */
static bool read_secret(const char *path, enum state_kind kind, struct token_key *out, char **why)
{
	struct buf bytes = {0};
	bool there =
		read_private(path, kind, &bytes, why) && take_secret(out, path, kind, &bytes, why);

	wipe(&bytes);
	return there;
}

static enum state_kind secret_kind(const struct state *state)
{
	return state->token_key ? STATE_SHARED_KEY : STATE_OURS;
}

static char *secret_path(const struct state *state)
{
	return state->token_key ? report_sentence("%s", state->token_key)
				: state_file(state, "secret");
}

static char *old_folder(const struct state *state)
{
	return state->token_key ? report_sentence("%s.old", state->token_key)
				: state_file(state, "secrets");
}

static char *old_path(const struct state *state, const char *kid)
{
	char *folder = old_folder(state), *path = report_sentence("%s/%s", folder, kid);

	free(folder);
	return path;
}

/* One that vanishes meanwhile was dropped by another process. */
static void read_old(struct state *state, const char *kid, char **why)
{
	struct state_old_secret *old = &state->old[state->old_count];
	char *path = old_path(state, kid);
	struct stat st;

	if (read_secret(path, secret_kind(state), &old->key, why) && lstat(path, &st) == 0) {
		old->since = st.st_mtim.tv_sec;
		state->old_count++;
		if (strcmp(old->key.kid, kid) != 0)
			*why = report_sentence(
				"the old secret %s is damaged: its name does not fit. Move it away;"
				" invitations that were given with it end",
				path);
	}
	free(path);
}

static bool is_kid(const char *name)
{
	return strlen(name) == sizeof(((struct token_key *)NULL)->kid) - 1 &&
	       strspn(name, "0123456789abcdef") == strlen(name);
}

static bool read_olds(struct state *state, char **why)
{
	char *folder = old_folder(state);
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir && errno != ENOENT)
		state_refuse(why, "read", folder, errno);
	while (dir && !*why && state->old_count < STATE_OLD_SECRETS && (entry = readdir(dir)))
		if (is_kid(entry->d_name))
			read_old(state, entry->d_name, why);
	if (dir)
		closedir(dir);
	free(folder);
	return !*why;
}

/* Of one that is not there: 0. */
static uint64_t mark_of(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return 0;
	return (uint64_t)st.st_ino * 1000003 + (uint64_t)st.st_mtim.tv_sec * 1000000000 +
	       (uint64_t)st.st_mtim.tv_nsec;
}

static uint64_t token_key_mark(const struct state *state)
{
	char *folder = old_folder(state);
	uint64_t mark = state->token_key ? mark_of(state->token_key) * 31 + mark_of(folder) : 0;

	free(folder);
	return mark;
}

bool state_secrets_changed(const struct state *state)
{
	return state->token_key && token_key_mark(state) != state->token_key_mark;
}

static bool open_secret(struct state *state, char **why)
{
	char *path = secret_path(state);

	state->token_key_mark = token_key_mark(state);
	if (!read_secret(path, secret_kind(state), &state->secret, why) && !*why) {
		token_key_make(&state->secret);
		name_key(&state->secret);
		write_private(path, state->secret.bytes, TOKEN_KEY_BYTES, why);
	}
	free(path);
	return !*why && read_olds(state, why);
}

/* ---- the TLS key ---- */

/* The key first: without a certificate nobody was served with it yet, and both are made anew. */
static bool make_identity(struct state *state, const char *key, const char *cert, char **why)
{
	const struct tls_identity *id = &state->identity;

	if (!tls_identity_make(&state->identity)) {
		*why = report_sentence("cannot make a TLS key: the system's OpenSSL refuses");
		return false;
	}
	return write_private(key, id->key_pem.at, id->key_pem.len, why) &&
	       write_private(cert, id->cert_pem.at, id->cert_pem.len, why);
}

static char *mismatch(const struct state *state, const char *key, const char *cert)
{
	return state->key ? report_sentence("%s and %s do not belong together, or one is damaged",
				    key, cert)
			  : report_sentence(
				    "%s and %s do not belong together, or one is damaged. Move both"
				    " away for new ones; join URLs given so far end with them",
				    key, cert);
}

static bool read_identity(struct state *state, const char *key, const char *cert, char **why)
{
	struct buf key_pem = {0}, cert_pem = {0};
	bool there = read_private(key, state->key ? STATE_SHARED_KEY : STATE_OURS, &key_pem, why) &&
		     read_private(cert, state->key ? STATE_SHARED : STATE_OURS, &cert_pem, why);

	if (there && !tls_identity_read(&state->identity, cert_pem.at, key_pem.at))
		*why = mismatch(state, key, cert);
	wipe(&key_pem);
	wipe(&cert_pem);
	return there;
}

static char *key_path(const struct state *state)
{
	return state->key ? report_sentence("%s", state->key) : state_file(state, "key.pem");
}

static char *cert_path(const struct state *state)
{
	return state->cert ? report_sentence("%s", state->cert) : state_file(state, "cert.pem");
}

static bool open_identity(struct state *state, char **why)
{
	char *key = key_path(state), *cert = cert_path(state);

	if (!read_identity(state, key, cert, why) && !*why)
		make_identity(state, key, cert, why);
	free(key);
	free(cert);
	return !*why;
}

bool state_open_keys(struct state *state, char **why)
{
	return open_secret(state, why) && open_identity(state, why);
}

/* ---- what the header promises ---- */

bool state_read_secrets(struct state *state, char **why)
{
	struct state fresh = {.dir = state->dir, .token_key = state->token_key};

	*why = NULL;
	bool opened = open_secret(&fresh, why);
	state->token_key_mark = fresh.token_key_mark; /* what was wrong with it is said once */
	if (opened) {
		state->secret = fresh.secret;
		memcpy(state->old, fresh.old, sizeof(state->old));
		state->old_count = fresh.old_count;
	}
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	return !*why;
}

/* Aside first: a crash between leaves the one of now in both places, which loses nothing. */
static bool put_aside(struct state *state, char **why)
{
	char *folder = old_folder(state), *path = old_path(state, state->secret.kid);
	int e = places_make(folder);

	if (e)
		state_refuse(why, "make the folder", folder, e);
	else if (write_private(path, state->secret.bytes, TOKEN_KEY_BYTES, why))
		replace_flush_folder(folder);
	free(path);
	free(folder);
	return !*why;
}

static bool replace_secret(struct state *state, char **why)
{
	char *path = secret_path(state);
	struct token_key fresh;

	token_key_make(&fresh);
	write_private(path, fresh.bytes, TOKEN_KEY_BYTES, why);
	OPENSSL_cleanse(&fresh, sizeof(fresh));
	free(path);
	return !*why;
}

static bool rotate(struct state *state, char **why)
{
	if (!state_read_secrets(state, why))
		return false;
	if (state->old_count == STATE_OLD_SECRETS) {
		*why = report_sentence("%d old secrets still have invitations that live: wait until"
				       " some have expired, or revoke them",
			STATE_OLD_SECRETS);
		return false;
	}
	return put_aside(state, why) && replace_secret(state, why) &&
	       state_read_secrets(state, why);
}

bool state_rotate(struct state *state, char **why)
{
	int lock = state_lock_dir(state);
	bool rotated = rotate(state, why);

	if (lock >= 0)
		close(lock);
	return rotated;
}

bool state_drop_secret(struct state *state, const char *kid, char **why)
{
	char *path = old_path(state, kid);

	*why = NULL;
	if (unlink(path) && errno != ENOENT)
		state_refuse(why, "delete", path, errno);
	free(path);
	return !*why && state_read_secrets(state, why);
}

bool state_read_identity(struct state *state, char **why)
{
	struct state fresh = {.dir = state->dir, .cert = state->cert, .key = state->key};
	char *key = key_path(state), *cert = cert_path(state);

	*why = NULL;
	if (!read_identity(&fresh, key, cert, why) && !*why)
		*why = report_sentence("%s or %s is missing", key, cert);
	if (!*why) {
		tls_identity_fini(&state->identity);
		state->identity = fresh.identity;
	}
	free(key);
	free(cert);
	return !*why;
}
