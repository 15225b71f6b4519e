/* SPDX-License-Identifier: ISC */
#ifndef _MACHINE_MACHDEP_H_
#define _MACHINE_MACHDEP_H_

#include <sys/types.h>

/* A range of physical memory, end exclusive. */
struct phys_range {
	paddr_t	start;			/* first byte */
	paddr_t	end;			/* end */
};

#define MAX_MEM_CLUSTERS	16	/* ranges of usable memory kept */
#define BOOTARGS_SIZE		256	/* bytes of command line kept */

extern struct phys_range mem_clusters[MAX_MEM_CLUSTERS];
extern int mem_cluster_cnt;		/* ranges in use */
extern struct phys_range initrd_range;	/* the initial file system */
extern paddr_t avail_start;	/* first page of the allocator */
extern paddr_t avail_end;	/* end of memory */
extern u_int64_t proc0_uarea[];		/* uarea of proc0 */
extern u_int64_t ist_doublefault[], ist_nmi[];	/* exception stacks */
extern char kernel_text[], etext[], __rodata_start[], __data_start[], end[];

/* Ports of QEMU's pc machine. */
#define ACPI_PM1A_CNT		0x604	/* power management control */
#define ACPI_SLP_EN_S5		0x2000	/* SLP_EN with sleep type S5 */
#define DEBUG_EXIT_PORT		0xf4	/* ends an emulator */
#define DEBUG_EXIT_PANIC	0x04	/* by a panic */

void	init_x86_64(paddr_t);
void	pvh_parse(paddr_t);
u_int64_t boot_number(const char *, u_int64_t);
void	powerdown(void) __dead;
void	ilevel_leaked(void) __dead;
void	comcnputc(int);
int	comcngetc(void);
int	comcninit(void);
void	comattach(void);
int	comintr(void *);
void	startrtclock(void);
int	clockintr(void *);
void	i8259_init(void);
void	i8259_ack(int);
int	i8259_spurious(int);
void	i8259_unmask(int);

#endif /* _MACHINE_MACHDEP_H_ */
