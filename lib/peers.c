/* peers: the other programs at work on a spool: told when one dies. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peers.h"

static bool
watched(const struct peers *p, long pid)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->peer[i].worker.pid == pid)
			return true;
	return false;
}

static int
add(struct peers *p, long pid)
{
	struct peer *grown, new;
	size_t cap;

	new.pidfd = worker_watch(p->spool, pid, &new.worker);
	if (new.pidfd < 0)
		return 0;
	if (p->n == p->cap) {
		cap = p->cap ? p->cap * 2 : 8;
		grown = realloc(p->peer, cap * sizeof *grown);
		if (!grown) {
			close(new.pidfd);
			return -1;
		}
		p->peer = grown;
		p->cap = cap;
	}
	p->peer[p->n++] = new;
	return 0;
}

int
peers_look(struct peers *p, struct spool *sp)
{
	struct worker *list;
	size_t n;
	int x;

	p->spool = sp;
	x = worker_list(sp, &list, &n);
	for (size_t i = 0; x == 0 && i < n; i++)
		if (!watched(p, list[i].pid))
			x = add(p, list[i].pid);
	free(list);
	return x;
}

void
peers_poll(const struct peers *p, struct pollfd *out)
{
	for (size_t i = 0; i < p->n; i++)
		out[i] = (struct pollfd){p->peer[i].pidfd, POLLIN, 0};
}

bool
peers_died(struct peers *p, const struct pollfd *polled)
{
	bool badly = false;
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (!polled[i].revents) {
			p->peer[kept++] = p->peer[i];
			continue;
		}
		close(p->peer[i].pidfd);
		badly |= !worker_left(p->spool, p->peer[i].worker.pid);
	}
	p->n = kept;
	return badly;
}

bool
peers_have(const struct peers *p, const char *role)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->peer[i].worker.role, role) == 0)
			return true;
	return false;
}

void
peers_free(struct peers *p)
{
	for (size_t i = 0; i < p->n; i++)
		close(p->peer[i].pidfd);
	free(p->peer);
	*p = (struct peers){0};
}
