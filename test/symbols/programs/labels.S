/* Entry points as a kernel has them: some with a size, some without, some inside others. */
	.text
	.globl	Xsyscall
Xsyscall:
	nop
	nop
	.globl	proc_trampoline
proc_trampoline:
	nop
	ret

	.globl	sized
	.type	sized, @function
sized:
	nop
inside:
	nop
	nop
	ret
	.size	sized, . - sized

	.weak	alias
	.set	alias, sized

	.type	after_gap, @function
	.balign	64
after_gap:
	ret
	.size	after_gap, . - after_gap
	.section .note.GNU-stack,"",@progbits
	.section .note.Xen,"a",@note
	.balign	4
	.long	4, 4, 18
	.asciz	"Xen"
	.long	0x100020
	.text
