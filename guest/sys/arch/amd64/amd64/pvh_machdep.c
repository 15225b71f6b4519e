/* SPDX-License-Identifier: ISC */
/*
 * What the PVH loader tells: memory, command line, initial file system.
 * All of it is copied out before the page allocator owns any memory.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <machine/machdep.h>
#include <machine/pmap.h>
#include <machine/pvh.h>

struct phys_range mem_clusters[MAX_MEM_CLUSTERS];
int mem_cluster_cnt;
struct phys_range initrd_range;
char bootargs[BOOTARGS_SIZE];

#define LOW_MEMORY_END	0x100000	/* below 1 MB is the firmware's */

void
pvh_parse(paddr_t info_pa)
{
	struct hvm_start_info *si = (void *)PMAP_DIRECT_MAP(info_pa);
	struct hvm_memmap_entry *me;
	struct hvm_modlist_entry *mod;
	paddr_t start, stop;
	u_int32_t i;

	if (si->magic != HVM_START_MAGIC)
		panic("not started by a PVH loader");
	if (si->cmdline_paddr != 0)
		/*
		 * All of it that we can keep, however short it is: a word
		 * more takes no step more.
		 */
		memcpy(bootargs, (char *)PMAP_DIRECT_MAP(si->cmdline_paddr),
		    sizeof(bootargs) - 1);
	if (si->nr_modules > 0) {
		mod = (void *)PMAP_DIRECT_MAP(si->modlist_paddr);
		initrd_range.start = mod->paddr;
		initrd_range.end = mod->paddr + mod->size;
	}
	if (si->version < 1 || si->memmap_entries == 0)
		panic("PVH loader gave no memory map");
	me = (void *)PMAP_DIRECT_MAP(si->memmap_paddr);
	for (i = 0; i < si->memmap_entries; i++, me++) {
		if (me->type != HVM_MEMMAP_TYPE_RAM)
			continue;
		start = roundup(me->addr, PAGE_SIZE);
		stop = (me->addr + me->size) & ~(paddr_t)PAGE_MASK;
		if (start < LOW_MEMORY_END)
			start = LOW_MEMORY_END;
		if (start >= stop || mem_cluster_cnt == MAX_MEM_CLUSTERS)
			continue;
		mem_clusters[mem_cluster_cnt].start = start;
		mem_clusters[mem_cluster_cnt].end = stop;
		mem_cluster_cnt++;
	}
	if (mem_cluster_cnt == 0)
		panic("no memory above 1 MB");
}

/*
 * The decimal value of "name=" on the command line, or dflt.
 */
u_int64_t
boot_number(const char *name, u_int64_t dflt)
{
	const char *cp = bootargs;
	size_t len = strlen(name);
	u_int64_t value;

	while (*cp != '\0') {
		while (*cp == ' ')
			cp++;
		if (strncmp(cp, name, len) == 0 && cp[len] == '=') {
			value = 0;
			for (cp += len + 1; *cp >= '0' && *cp <= '9'; cp++)
				value = value * 10 + (*cp - '0');
			return value;
		}
		while (*cp != '\0' && *cp != ' ')
			cp++;
	}
	return dflt;
}
