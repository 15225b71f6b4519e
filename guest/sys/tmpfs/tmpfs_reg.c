/* SPDX-License-Identifier: ISC */
/*
 * The data of regular files: an array of page addresses.  A page that was
 * never written is a hole (NULL) and reads as zeros.  Bytes of a page behind
 * the end of the file are zero, so that a file can grow by changing its
 * length.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/stat.h>
#include <sys/ucred.h>
#include <sys/uio.h>
#include <sys/vnode.h>
#include <sys/mount.h>
#include <tmpfs/tmpfs.h>

#define tn_pages	tn_spec.tn_reg.tn_pages
#define tn_npages	tn_spec.tn_reg.tn_npages
#define tn_nresident	tn_spec.tn_reg.tn_nresident

#define TMPFS_MINPAGES	4	/* the array starts with this many */

char tmpfs_zeropage[PAGE_SIZE];	/* what a hole reads as */

/* Let the array have room for npages; ENOSPC if there is no memory. */
int
tmpfs_reg_grow(struct tmpfs_mount *tmp, struct tmpfs_node *node,
    size_t npages)
{
	caddr_t *pages;
	size_t n = node->tn_npages;

	if (npages <= n)
		return 0;
	if (n == 0)
		n = TMPFS_MINPAGES;
	while (n < npages)
		n *= 2;
	pages = tmpfs_alloc(tmp, n * sizeof(caddr_t));
	if (pages == NULL)
		return ENOSPC;
	memset(pages, 0, n * sizeof(caddr_t));
	if (node->tn_npages > 0) {
		memcpy(pages, node->tn_pages,
		    node->tn_npages * sizeof(caddr_t));
		tmpfs_free(tmp, node->tn_pages,
		    node->tn_npages * sizeof(caddr_t));
	}
	node->tn_pages = pages;
	node->tn_npages = n;
	return 0;
}

/*
 * Page number index for writing, allocated and zeroed if it was a hole.
 * NULL if there is no memory.
 */
caddr_t
tmpfs_reg_page(struct tmpfs_mount *tmp, struct tmpfs_node *node,
    size_t index)
{
	caddr_t page;

	if (tmpfs_reg_grow(tmp, node, index + 1) != 0)
		return NULL;
	if ((page = node->tn_pages[index]) != NULL)
		return page;
	page = tmpfs_alloc(tmp, PAGE_SIZE);
	if (page == NULL)
		return NULL;
	memset(page, 0, PAGE_SIZE);
	node->tn_pages[index] = page;
	node->tn_nresident++;
	return page;
}

/* Zero what the page that holds offset off has from there on. */
void
tmpfs_reg_zerotail(struct tmpfs_node *node, off_t off)
{
	size_t index = off / PAGE_SIZE, start = off % PAGE_SIZE;

	if (start != 0 && index < node->tn_npages &&
	    node->tn_pages[index] != NULL)
		memset(node->tn_pages[index] + start, 0, PAGE_SIZE - start);
}

/* Give back what is behind the end: pages, and without any the array. */
void
tmpfs_reg_trim(struct tmpfs_mount *tmp, struct tmpfs_node *node)
{
	size_t index;

	tmpfs_reg_zerotail(node, node->tn_size);
	for (index = howmany(node->tn_size, PAGE_SIZE);
	    index < node->tn_npages; index++) {
		if (node->tn_pages[index] == NULL)
			continue;
		tmpfs_free(tmp, node->tn_pages[index], PAGE_SIZE);
		node->tn_pages[index] = NULL;
		node->tn_nresident--;
	}
	if (node->tn_size == 0 && node->tn_npages > 0) {
		tmpfs_free(tmp, node->tn_pages,
		    node->tn_npages * sizeof(caddr_t));
		node->tn_pages = NULL;
		node->tn_npages = 0;
	}
}

/*
 * Change the length.  A longer file gets a hole, a shorter one gives its
 * pages back.  EFBIG if it is too long.
 */
int
tmpfs_reg_resize(struct tmpfs_mount *tmp, struct tmpfs_node *node,
    off_t newsize)
{
	int shorter = newsize < node->tn_size;

	if (newsize > TMPFS_MAXFILESIZE)
		return EFBIG;
	node->tn_size = newsize;
	if (shorter)
		tmpfs_reg_trim(tmp, node);
	return 0;
}

/* Give all pages back. */
void
tmpfs_reg_free(struct tmpfs_mount *tmp, struct tmpfs_node *node)
{
	node->tn_size = 0;
	tmpfs_reg_trim(tmp, node);
	KASSERT(node->tn_nresident == 0);
}

/*
 * Make data the contents of the empty file node: how the initrd gets in.
 * ENOSPC or EFBIG if it does not fit.
 */
int
tmpfs_reg_fill(struct tmpfs_mount *tmp, struct tmpfs_node *node,
    const void *data, size_t size)
{
	const char *src = data;
	size_t done, n;
	caddr_t page;

	if (size > TMPFS_MAXFILESIZE)
		return EFBIG;
	if (size > 0 &&
	    tmpfs_reg_grow(tmp, node, howmany(size, PAGE_SIZE)) != 0)
		return ENOSPC;
	for (done = 0; done < size; done += n) {
		n = MIN(size - done, PAGE_SIZE);
		page = tmpfs_alloc(tmp, PAGE_SIZE);
		if (page == NULL)
			return ENOSPC;
		memcpy(page, src + done, n);
		if (n < PAGE_SIZE)
			memset(page + n, 0, PAGE_SIZE - n);
		node->tn_pages[done / PAGE_SIZE] = page;
		node->tn_nresident++;
	}
	node->tn_size = size;
	return 0;
}

/* VOP_READ: from uio_offset up to the end of the file. */
int
tmpfs_read(struct vnode *vp, struct uio *uio, int ioflag, struct ucred *cred)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	size_t index, n, start;
	caddr_t page;
	int error = 0;

	if (vp->v_type != VREG)
		return EISDIR;
	if (uio->uio_offset < 0)
		return EINVAL;
	while (error == 0 && uio->uio_resid > 0 &&
	    uio->uio_offset < node->tn_size) {
		index = uio->uio_offset / PAGE_SIZE;
		start = uio->uio_offset % PAGE_SIZE;
		n = MIN(PAGE_SIZE - start, uio->uio_resid);
		n = MIN(n, (size_t)(node->tn_size - uio->uio_offset));
		page = index < node->tn_npages ? node->tn_pages[index] : NULL;
		if (page == NULL)
			page = tmpfs_zeropage;
		error = uiomove(page + start, n, uio);
	}
	tmpfs_update(node, TMPFS_UPDATE_ATIME);
	return error;
}

/*
 * VOP_WRITE: at uio_offset, or at the end with IO_APPEND.  If only the
 * first part fits, that is written and counts as success.
 */
int
tmpfs_write(struct vnode *vp, struct uio *uio, int ioflag,
    struct ucred *cred)
{
	struct tmpfs_node *node = VP_TO_TMPFS_NODE(vp);
	struct tmpfs_mount *tmp = VFS_TO_TMPFS(vp->v_mount);
	size_t before, n, overrun, start;
	caddr_t page;
	int error;

	if (vp->v_type != VREG)
		return EISDIR;
	if (ioflag & IO_APPEND)
		uio->uio_offset = node->tn_size;
	if (uio->uio_offset < 0)
		return EINVAL;
	if (uio->uio_resid == 0)
		return 0;
	error = vn_fsizechk(vp, uio, ioflag, uio->uio_offset, &overrun);
	if (error)
		return error;

	before = uio->uio_resid;
	while (error == 0 && uio->uio_resid > 0) {
		if (uio->uio_offset >= TMPFS_MAXFILESIZE) {
			error = EFBIG;
			break;
		}
		start = uio->uio_offset % PAGE_SIZE;
		n = MIN(PAGE_SIZE - start, uio->uio_resid);
		page = tmpfs_reg_page(tmp, node, uio->uio_offset / PAGE_SIZE);
		if (page == NULL) {
			error = ENOSPC;
			break;
		}
		error = uiomove(page + start, n, uio);
		if (uio->uio_resid < before &&
		    uio->uio_offset > node->tn_size)
			node->tn_size = uio->uio_offset;
	}
	/* what was to be written there may have pages already */
	if (error)
		tmpfs_reg_trim(tmp, node);
	if (uio->uio_resid < before) {
		tmpfs_update(node, TMPFS_UPDATE_MTIME | TMPFS_UPDATE_CTIME);
		if (cred != NOCRED && cred->cr_uid != 0)
			node->tn_mode &= ~(S_ISUID | S_ISGID);
		if (error == ENOSPC || error == EFBIG)
			error = 0;
	}
	uio->uio_resid += overrun;
	return error;
}
