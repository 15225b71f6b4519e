/* SPDX-License-Identifier: ISC */
/*
 * The first C code, descriptor tables, system call registers, and the end:
 * halt, power off, panic's last act.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/proc.h>
#include <sys/reboot.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/fpu.h>
#include <machine/machdep.h>
#include <machine/pio.h>
#include <machine/pmap.h>
#include <machine/psl.h>
#include <machine/specialreg.h>
#include <uvm/uvm_extern.h>

struct cpu_info cpu_info_primary;
struct x86_64_tss cpu_tss;
struct gate_descriptor idt[NIDT] __aligned(16);
int physmem;
int ncpus = 1;
int boothowto;
paddr_t avail_start;		/* first page the allocator may have */
paddr_t avail_end;		/* end of memory */

extern void *const trap_entries[];
extern void *const intr_entries[];

#define NTRAPS		20	/* exceptions with an entry of their own */
#define NINTRS		16	/* lines of the two 8259s */
#define T_VECTOR_NMI	2	/* CPU vectors with a stack of their own */
#define T_VECTOR_DOUBLE	8
#define T_VECTOR_BREAK	3	/* and the one user mode may call */
#define IST_DOUBLE	1
#define IST_NMI		2
#define MB_SHIFT	20

/*
 * Called once from start.S with paging on and interrupts off.
 */
void
init_x86_64(paddr_t start_info)
{
	struct cpu_info *ci = &cpu_info_primary;
	paddr_t first_free, last = 0;
	int i;

	ci->ci_self = ci;
	ci->ci_curproc = &proc0;
	ci->ci_tss = &cpu_tss;
	ci->ci_gdt = gdt;
	ci->ci_flags = CPUF_PRIMARY;
	ci->ci_ilevel = IPL_HIGH;
	proc0.p_addr = (struct user *)proc0_uarea;
	proc0.p_cpu = ci;
	ci->ci_curpcb = &proc0.p_addr->u_pcb;
	wrmsr(MSR_GSBASE, (u_int64_t)ci);
	wrmsr(MSR_KERNELGSBASE, 0);
	wrmsr(MSR_FSBASE, 0);

	consinit();
	cpu_init_idt();
	cpu_init_tss(ci);
	cpu_init_msrs(ci);
	fpuinit(ci);
	pvh_parse(start_info);

	for (i = 0; i < mem_cluster_cnt; i++) {
		physmem += atop(mem_clusters[i].end - mem_clusters[i].start);
		if (mem_clusters[i].end > last)
			last = mem_clusters[i].end;
	}
	/* Tables and struct vm_page go behind the kernel, clear of the initrd. */
	first_free = roundup((paddr_t)end - KERNBASE, PAGE_SIZE);
	if (initrd_range.end > first_free && initrd_range.start < first_free +
	    (1UL << MB_SHIFT) + atop(last) * sizeof(struct vm_page))
		first_free = roundup(initrd_range.end, PAGE_SIZE);
	avail_start = pmap_bootstrap(first_free, last);
	avail_end = last;
}

void
setgate(struct gate_descriptor *gd, void *func, int ist, int type, int dpl,
    int sel)
{
	u_int64_t addr = (u_int64_t)func;

	gd->gd_looffset = addr & 0xffff;
	gd->gd_selector = sel;
	gd->gd_ist = ist;
	gd->gd_type = 0x80 | (dpl << 5) | type;
	gd->gd_midoffset = (addr >> 16) & 0xffff;
	gd->gd_hioffset = addr >> 32;
	gd->gd_zero = 0;
}

void
setregion(struct region_descriptor *rd, void *base, u_int16_t limit)
{
	rd->rd_limit = limit;
	rd->rd_base = (u_int64_t)base;
}

/*
 * A system descriptor takes two slots of the GDT.
 */
void
set_sys_segment(u_int64_t *slot, void *base, size_t limit, int type, int dpl)
{
	u_int64_t addr = (u_int64_t)base;

	slot[0] = (limit & 0xffff) | ((addr & 0xffffff) << 16) |
	    ((u_int64_t)(0x80 | (dpl << 5) | type) << 40) |
	    (((u_int64_t)limit >> 16 & 0xf) << 48) |
	    ((addr >> 24 & 0xff) << 56);
	slot[1] = addr >> 32;
}

void
cpu_init_idt(void)
{
	struct region_descriptor region;
	int sel = GSEL(GCODE_SEL, SEL_KPL);
	int i, ist;

	for (i = 0; i < NTRAPS; i++) {
		ist = i == T_VECTOR_DOUBLE ? IST_DOUBLE :
		    i == T_VECTOR_NMI ? IST_NMI : 0;
		setgate(&idt[i], trap_entries[i], ist, SDT_SYS386IGT,
		    i == T_VECTOR_BREAK ? SEL_UPL : SEL_KPL, sel);
	}
	/* The exceptions that this CPU does not know are reserved ones. */
	for (; i < 32; i++)
		setgate(&idt[i], trap_entries[15], 0, SDT_SYS386IGT, SEL_KPL,
		    sel);
	for (i = 0; i < NINTRS; i++)
		setgate(&idt[32 + i], intr_entries[i], 0, SDT_SYS386IGT,
		    SEL_KPL, sel);
	setregion(&region, idt, sizeof(idt) - 1);
	lidt(&region);
}

void
cpu_init_tss(struct cpu_info *ci)
{
	struct x86_64_tss *tss = ci->ci_tss;

	tss->tss_ist[IST_DOUBLE - 1] = (u_int64_t)ist_doublefault + PAGE_SIZE;
	tss->tss_ist[IST_NMI - 1] = (u_int64_t)ist_nmi + PAGE_SIZE;
	tss->tss_iobase = sizeof(*tss);		/* no I/O bitmap */
	set_sys_segment(&ci->ci_gdt[GPROC0_SEL], tss, sizeof(*tss) - 1,
	    SDT_SYS386TSS, SEL_KPL);
	ltr(GSEL(GPROC0_SEL, SEL_KPL));
}

/*
 * The registers of SYSCALL and SYSRET.
 */
void
cpu_init_msrs(struct cpu_info *ci)
{
	wrmsr(MSR_STAR,
	    ((u_int64_t)GSEL(GCODE_SEL, SEL_KPL) << 32) |
	    ((u_int64_t)GSEL(GUCODE32_SEL, SEL_UPL) << 48));
	wrmsr(MSR_LSTAR, (u_int64_t)Xsyscall);
	wrmsr(MSR_CSTAR, (u_int64_t)Xsyscall32);
	wrmsr(MSR_SFMASK, PSL_NT | PSL_T | PSL_I | PSL_C | PSL_D | PSL_AC);
}

void
consinit(void)
{
	comcninit();
}

/*
 * Memory is managed: say what there is.
 */
void
cpu_startup(void)
{
	printf("%s", version);
	/*
	 * Firmware keeps a little at the top, and the first megabyte is not
	 * counted: round to the size installed.
	 */
	printf("real mem = %luMB\n", 1 +
	    ((ptoa((u_long)physmem) + (1UL << MB_SHIFT) - 1) >> MB_SHIFT));
}

/*
 * The devices.
 */
void
cpu_configure(void)
{
	printf("mainbus0 at root\n");
	printf("cpu0 at mainbus0: (uniprocessor)\n");
	intr_init();
	comattach();
	startrtclock();
	spl0();
}

/*
 * Reboot, halt or power off; does not return.
 */
void
boot(int howto)
{
	boothowto = howto;
	splhigh();
	/* How a panic ends does not hide that it was one. */
	if (panicstr != NULL)
		outb(DEBUG_EXIT_PORT, DEBUG_EXIT_PANIC);
	if (howto & RB_HALT) {
		if (howto & RB_POWERDOWN) {
			if ((howto & RB_NOSYNC) == 0)
				printf("syncing disks... done\n");
			powerdown();
		}
		printf("The operating system has halted.\n");
	} else
		printf("rebooting...\n");
	/* There is nothing to boot again from, and nobody at a key. */
	powerdown();
}

void
reboot(int howto)
{
	boot(howto);
}

void
powerdown(void)
{
	outw(ACPI_PM1A_CNT, ACPI_SLP_EN_S5);
	for (;;)
		__asm__ volatile("cli; hlt");
}

/*
 * The way back to user mode found an interrupt level that was not lowered.
 */
void
ilevel_leaked(void)
{
	panic("return to user mode at ipl %d", curcpu()->ci_ilevel);
}
