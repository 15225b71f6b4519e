/* SPDX-License-Identifier: ISC */
/*
 * The memory of a tmpfs.  Everything it holds is counted against the limit
 * of the mount, and running out is ENOSPC for the caller: nothing sleeps.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/malloc.h>
#include <sys/pool.h>
#include <tmpfs/tmpfs.h>

struct pool tmpfs_node_pool;	/* struct tmpfs_node */
struct pool tmpfs_dirent_pool;	/* struct tmpfs_dirent */
u_int64_t tmpfs_bytes;		/* memory of all mounts */

/* Called once at boot. */
void
tmpfs_init(void)
{
	pool_init(&tmpfs_node_pool, sizeof(struct tmpfs_node), 0, IPL_NONE,
	    PR_WAITOK, "tmpfs_node", NULL);
	pool_init(&tmpfs_dirent_pool, sizeof(struct tmpfs_dirent), 0,
	    IPL_NONE, PR_WAITOK, "tmpfs_dirent", NULL);
}

/* Count bytes more; 0 if the limit does not allow it. */
int
tmpfs_mem_incr(struct tmpfs_mount *tmp, size_t bytes)
{
	if (bytes > tmp->tm_bytes_max - tmp->tm_bytes_used)
		return 0;
	tmp->tm_bytes_used += bytes;
	tmpfs_bytes += bytes;
	return 1;
}

void
tmpfs_mem_decr(struct tmpfs_mount *tmp, size_t bytes)
{
	KASSERT(tmp->tm_bytes_used >= bytes);
	tmp->tm_bytes_used -= bytes;
	tmpfs_bytes -= bytes;
}

/* Memory for data or names, not cleared; NULL if there is none. */
void *
tmpfs_alloc(struct tmpfs_mount *tmp, size_t bytes)
{
	void *ptr;

	if (!tmpfs_mem_incr(tmp, bytes))
		return NULL;
	ptr = malloc(bytes, M_TMPFS, M_NOWAIT);
	if (ptr == NULL)
		tmpfs_mem_decr(tmp, bytes);
	return ptr;
}

void
tmpfs_free(struct tmpfs_mount *tmp, void *ptr, size_t bytes)
{
	tmpfs_mem_decr(tmp, bytes);
	free(ptr, M_TMPFS, bytes);
}

/* A cleared node; NULL if there is no memory or there are too many. */
struct tmpfs_node *
tmpfs_node_get(struct tmpfs_mount *tmp)
{
	struct tmpfs_node *node;

	if (tmp->tm_nodes_cnt >= tmp->tm_nodes_max ||
	    !tmpfs_mem_incr(tmp, sizeof(*node)))
		return NULL;
	node = pool_get(&tmpfs_node_pool, PR_NOWAIT | PR_ZERO);
	if (node == NULL) {
		tmpfs_mem_decr(tmp, sizeof(*node));
		return NULL;
	}
	tmp->tm_nodes_cnt++;
	return node;
}

void
tmpfs_node_put(struct tmpfs_mount *tmp, struct tmpfs_node *node)
{
	tmp->tm_nodes_cnt--;
	tmpfs_mem_decr(tmp, sizeof(*node));
	pool_put(&tmpfs_node_pool, node);
}

/* An entry with a copy of the name; NULL if there is no memory. */
struct tmpfs_dirent *
tmpfs_dirent_get(struct tmpfs_mount *tmp, const char *name, size_t namelen)
{
	struct tmpfs_dirent *de;

	if (!tmpfs_mem_incr(tmp, sizeof(*de)))
		return NULL;
	de = pool_get(&tmpfs_dirent_pool, PR_NOWAIT | PR_ZERO);
	if (de == NULL) {
		tmpfs_mem_decr(tmp, sizeof(*de));
		return NULL;
	}
	de->td_namelen = namelen;
	de->td_name = tmpfs_alloc(tmp, namelen);
	if (de->td_name == NULL) {
		tmpfs_mem_decr(tmp, sizeof(*de));
		pool_put(&tmpfs_dirent_pool, de);
		return NULL;
	}
	memcpy(de->td_name, name, namelen);
	return de;
}

void
tmpfs_dirent_put(struct tmpfs_mount *tmp, struct tmpfs_dirent *de)
{
	tmpfs_free(tmp, de->td_name, de->td_namelen);
	tmpfs_mem_decr(tmp, sizeof(*de));
	pool_put(&tmpfs_dirent_pool, de);
}
