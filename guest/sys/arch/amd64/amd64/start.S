/* SPDX-License-Identifier: ISC */
/*
 * From the PVH loader to init_x86_64(): protected mode without paging at
 * the physical address of `start', EBX = physical address of the start info.
 * The page tables that long mode begins with are data, filled by the linker.
 */
#define _LOCORE
#include <machine/cfi.h>
#include <machine/param.h>
#include <machine/segments.h>
#include <machine/specialreg.h>

#define PHYS(x)		((x) - KERNBASE_)
#define KERNBASE_	0xffffffff80000000

#define XEN_ELFNOTE_PHYS32_ENTRY	18
#define PTE_V_RW	0x3		/* valid, writable */
#define PTE_2MB		0x83		/* valid, writable, 2 MB page */
#define NENTRIES	512
#define KERN_FIRST_2MB	8		/* the kernel begins at 16 MB */
#define KERN_NUM_2MB	4		/* and is smaller than 8 MB */
#define L3_SLOT_KERNBASE 510
#define L4_SLOT_DIRECT	507
#define L4_SLOT_KERNBASE 511

	.section .note.Xen, "a", @note
	.p2align 2
	.long	4			/* length of the name */
	.long	8			/* length of the value */
	.long	XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.quad	PHYS(start)

	.section .text.boot, "ax"
	.code32
	.globl	start
	.type	start, @function
start:
	CFI_OUTERMOST
	cli
	cld
	movl	%ebx, PHYS(pvh_start_info_pa)
	movl	$PHYS(early_l4), %eax
	movl	%eax, %cr3
	movl	$(CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT), %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$(EFER_SCE | EFER_LME | EFER_NXE), %eax
	wrmsr
	movl	$(CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_PG), %eax
	movl	%eax, %cr0
	lgdt	PHYS(early_gdt_region)
	ljmp	$GSEL(GCODE_SEL, SEL_KPL), $PHYS(start64_low)

	.code64
start64_low:
	movabsq	$start64, %rax
	jmp	*%rax
start64:
	lgdt	gdt_region
	movl	$GSEL(GDATA_SEL, SEL_KPL), %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movq	$(proc0_uarea + USPACE - 16), %rsp
	xorl	%ebp, %ebp
	pushq	$0
	popfq
	movl	pvh_start_info_pa, %edi
	call	init_x86_64		/* void init_x86_64(paddr_t) */
	xorl	%ebp, %ebp
	call	main			/* int main(void), never returns */
1:	cli
	hlt
	jmp	1b
	CFI_END
	.size	start, . - start

	.data
	.p2align 3
	.globl	pvh_start_info_pa
pvh_start_info_pa:
	.quad	0

	/* The GDT of segments.h; cpu_init_tss() fills the TSS slots. */
	.globl	gdt
	.p2align 4
gdt:
	.quad	0			/* GNULL_SEL */
	.quad	0x00af9b000000ffff	/* GCODE_SEL: 64-bit, DPL 0 */
	.quad	0x00cf93000000ffff	/* GDATA_SEL: DPL 0 */
	.quad	0			/* GUCODE32_SEL: unused */
	.quad	0x00cff3000000ffff	/* GUDATA_SEL: DPL 3 */
	.quad	0x00affb000000ffff	/* GUCODE_SEL: 64-bit, DPL 3 */
	.quad	0, 0			/* GPROC0_SEL */
	.globl	gdt_region
gdt_region:
	.word	NGDT * 8 - 1
	.quad	gdt
early_gdt_region:
	.word	NGDT * 8 - 1
	.long	PHYS(gdt)
	.long	0

	.section .data.page, "aw"
	.p2align PAGE_SHIFT
	/* Level 4: memory at 0 (until pmap_bootstrap) and at the direct map. */
	.globl	early_l4
early_l4:
	.quad	PHYS(early_l3_direct) + PTE_V_RW
	.fill	L4_SLOT_DIRECT - 1, 8, 0
	.quad	PHYS(early_l3_direct) + PTE_V_RW
	.fill	L4_SLOT_KERNBASE - L4_SLOT_DIRECT - 1, 8, 0
	.quad	PHYS(early_l3_kern) + PTE_V_RW
	.globl	early_l3_direct
early_l3_direct:
	.quad	PHYS(early_l2_direct) + PTE_V_RW
	.fill	NENTRIES - 1, 8, 0
	.globl	early_l3_kern
early_l3_kern:
	.fill	L3_SLOT_KERNBASE, 8, 0
	.quad	PHYS(early_l2_kern) + PTE_V_RW
	.quad	0
	/* The first GB of memory. */
	.globl	early_l2_direct
early_l2_direct:
	.set	i, 0
	.rept	NENTRIES
	.quad	(i << 21) + PTE_2MB
	.set	i, i + 1
	.endr
	/* The kernel image. */
	.globl	early_l2_kern
early_l2_kern:
	.fill	KERN_FIRST_2MB, 8, 0
	.set	i, KERN_FIRST_2MB
	.rept	KERN_NUM_2MB
	.quad	(i << 21) + PTE_2MB
	.set	i, i + 1
	.endr
	.fill	NENTRIES - KERN_FIRST_2MB - KERN_NUM_2MB, 8, 0

	.section .bss.page, "aw", @nobits
	.p2align PAGE_SHIFT
	.globl	proc0_uarea
	.size	proc0_uarea, USPACE
proc0_uarea:
	.space	USPACE
	.globl	ist_doublefault, ist_nmi
ist_doublefault:
	.space	PAGE_SIZE
ist_nmi:
	.space	PAGE_SIZE
	.section .note.GNU-stack, "", @progbits
