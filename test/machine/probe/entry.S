/*
 * void _start(void): the PVH entry of the probe, in 32-bit protected mode with EBX = start-of-day structure.
 * Loads its own GDT and IDT and calls probe(start_info).
 */
	.section .note.Xen, "a", @note
	.long	4, 4, 18
	.asciz	"Xen"
	.long	_start

	.text
	.globl	_start
_start:
	movl	$stack_top, %esp
	lgdt	gdt_pointer
	ljmp	$0x08, $1f
1:	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	pushl	%ebx
	call	probe
	cli
2:	hlt
	jmp	2b

/* Interrupt entries for vectors 0x20 to 0xff, 16 bytes each: they call interrupt(vector). */
	.globl	interrupt_entries
	.balign	16
interrupt_entries:
	.set	vector, 0x20
	.rept	224
	.balign	16
	pushal
	pushl	$vector
	jmp	interrupt_common
	.set	vector, vector + 1
	.endr

/* The non-maskable interrupt's entry. */
	.globl	non_maskable_entry
non_maskable_entry:
	pushal
	pushl	$2

interrupt_common:
	call	interrupt
	addl	$4, %esp
	popal
	iret

	.data
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	23
	.long	gdt

	.bss
	.balign	16
	.space	16384
stack_top:
