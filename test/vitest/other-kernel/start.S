/* SPDX-License-Identifier: ISC */
/*
 * void start(void);
 *
 * Entered by PVH: 32-bit protected mode, no paging.  Maps the first GiB
 * one to one in pages of 2 MiB, enters long mode, and calls main().
 */
#define PRESENT_WRITABLE	0x003
#define LARGE			0x080
#define CR0_PE_PG		0x80000001
#define CR4_PAE			0x020
#define MSR_EFER		0xc0000080
#define EFER_LME		0x100
#define NOTE_PHYS32_ENTRY	18

	.pushsection .note.pvh, "a", @note
	.long	4, 4, NOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.long	start
	.popsection

	.text
	.code32
	.globl	start
	.type	start, @function
start:
	movl	$stack_top, %esp
	movl	$directory, %edi
	movl	$(LARGE | PRESENT_WRITABLE), %eax
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	movl	$directory + PRESENT_WRITABLE, pointers
	movl	$pointers + PRESENT_WRITABLE, root
	movl	$root, %eax
	movl	%eax, %cr3
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_PE_PG, %eax
	movl	%eax, %cr0
	lgdt	gdt_pointer
	ljmp	$8, $long_mode
	.code64
long_mode:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%ebp, %ebp
	call	main
	hlt
	.size	start, . - start

	.data
	.balign	8
gdt:	.quad	0, 0x00209a0000000000, 0x0000920000000000
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign	4096
root:	.skip	4096
pointers:
	.skip	4096
directory:
	.skip	4096
	.skip	16384
stack_top:
