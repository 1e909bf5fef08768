#include "net/ws_lws.h"

#include <stdlib.h>

#include <uv.h>

#include "ot/mem.h"

/*
 * On a foreign loop the library's last step comes only from the closing of a connection; when its own timer is the last
 * handle to close, nothing takes it and the context stays for ever. A second lws_context_destroy() does, once no handle is
 * left. Handles are closed in waves (connections, then its timers), one a turn of the loop: wait for more turns than that.
 */
#define LAST_WAVE 4

struct ws_lws {
	uv_idle_t
		end; /* never started: closing it again and again counts turns, even of a loop that is ending */
	struct loop *loop;
	struct lws_context *context; /* NULL when the library has finished by itself */
	int waves;
	void *loops[1];
};

static unsigned ending; /* contexts, of all loops */

static void on_wave(uv_handle_t *handle)
{
	struct ws_lws *lws = (struct ws_lws *)handle;
	if (++lws->waves < LAST_WAVE) {
		uv_idle_init(loop_uv(lws->loop), &lws->end);
		uv_close(handle, on_wave);
		return;
	}
	if (lws->context)
		lws_context_destroy(lws->context);
	free(lws);
	ending--;
}

struct ws_lws *ws_lws_create(struct loop *loop, struct lws_context_creation_info *info)
{
	struct ws_lws *lws = mem_alloc(sizeof(*lws));
	lws->loop = loop;
	lws->loops[0] = loop_uv(loop);
	info->options |= LWS_SERVER_OPTION_LIBUV;
	info->foreign_loops = lws->loops;
	info->pcontext = &lws->context;
	info->gid = -1;
	info->uid = -1;
	lws_set_log_level(0, NULL);
	uv_idle_init(loop_uv(loop), &lws->end);
	lws->context = lws_create_context(info);
	if (lws->context)
		return lws;
	lws->waves = LAST_WAVE;
	ending++;
	uv_close((uv_handle_t *)&lws->end, on_wave);
	return NULL;
}

void ws_lws_destroy(struct ws_lws *lws)
{
	if (!lws)
		return;
	lws_context_destroy(lws->context);
	ending++;
	uv_close((uv_handle_t *)&lws->end, on_wave);
}

bool ws_lws_ending(void)
{
	return ending;
}

struct lws_context *ws_lws_context(const struct ws_lws *lws)
{
	return lws->context;
}

void ws_lws_cut_off(struct ws_lws *lws, struct lws *wsi)
{
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	lws_cancel_service(
		lws->context); /* it looks at its timeouts only after an event of its own */
}
