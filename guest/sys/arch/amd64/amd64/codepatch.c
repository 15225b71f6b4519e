/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <machine/codepatch.h>
#include <machine/pmap.h>

extern struct codepatch codepatch_begin[], codepatch_end[];

/*
 * Write an instruction of len bytes at every place with this tag.  It goes
 * through the direct map: the kernel's own mapping of its text is not for
 * writing.
 */
void
codepatch_replace(u_int16_t tag, const void *code, size_t len)
{
	struct codepatch *patch;

	for (patch = codepatch_begin; patch < codepatch_end; patch++) {
		if (patch->tag != tag)
			continue;
		if (patch->len != len)
			panic("codepatch_replace: tag %d at %p has %d bytes",
			    tag, patch->addr, patch->len);
		memcpy((void *)PMAP_DIRECT_MAP((u_long)patch->addr - KERNBASE),
		    code, len);
	}
}
