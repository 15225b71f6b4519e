/*
 * The protected-mode part of a Linux image: the 32-bit entry point at its start, the 64-bit one 0x200 behind it. Both go on
 * in 32-bit code, the latter in compatibility mode under the loader's page tables.
 */
	.section .header, "ax"
	.code32
	.globl	_start
_start:
	movl	$stack_top, %esp
	pushl	%esi
	call	linux_boot

	.org	0x200
	.code64
	/* The loader's own descriptors are good for these selectors. */
	movw	%cs, %ax
	cmpw	$0x10, %ax
	jne	wrong
	movw	%ds, %ax
	cmpw	$0x18, %ax
	jne	wrong
	movw	%ax, %ss
	movl	$stack_top, %esp
	pushq	$0x10
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	lgdt	gdt_pointer(%rip)
	pushq	$0x08
	leaq	compatible(%rip), %rax
	pushq	%rax
	lretq
wrong:	ud2

	.code32
compatible:
	pushl	%esi
	call	linux_boot

	.data
	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
gdt_pointer:
	.word	15
	.long	gdt
	.long	0

	.bss
	.balign	16
	.space	4096
stack_top:
