/* SPDX-License-Identifier: ISC */
/*
 * The PVH boot protocol: what EBX points at on entry (Xen's
 * arch-x86/hvm/start_info.h names the fields).
 */
#ifndef _MACHINE_PVH_H_
#define _MACHINE_PVH_H_

#include <sys/types.h>

#define HVM_START_MAGIC		0x336ec578	/* "xEn3" with bit 31 set */
#define HVM_MEMMAP_TYPE_RAM	1		/* usable memory */

struct hvm_start_info {
	uint32_t magic;			/* HVM_START_MAGIC */
	uint32_t version;		/* 1 has the memory map */
	uint32_t flags;			/* SIF_* */
	uint32_t nr_modules;		/* modules loaded, the initrd is 0 */
	uint64_t modlist_paddr;		/* struct hvm_modlist_entry[] */
	uint64_t cmdline_paddr;		/* command line, NUL terminated */
	uint64_t rsdp_paddr;		/* ACPI root pointer */
	uint64_t memmap_paddr;		/* struct hvm_memmap_entry[] */
	uint32_t memmap_entries;	/* its length */
	uint32_t reserved;		/* zero */
};

struct hvm_modlist_entry {
	uint64_t paddr;			/* physical address */
	uint64_t size;			/* bytes */
	uint64_t cmdline_paddr;		/* the module's command line */
	uint64_t reserved;		/* zero */
};

struct hvm_memmap_entry {
	uint64_t addr;			/* physical address */
	uint64_t size;			/* bytes */
	uint32_t type;			/* HVM_MEMMAP_TYPE_* */
	uint32_t reserved;		/* zero */
};

#endif /* _MACHINE_PVH_H_ */
