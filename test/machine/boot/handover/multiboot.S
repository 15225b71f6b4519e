/*
 * void _start(void): a Multiboot kernel, entered with EAX = magic and EBX = information. ADDRESSES makes the header tell
 * where things go, for a file that is no ELF file.
 */
#define MAGIC	0x1badb002
#ifdef ADDRESSES
#define FLAGS	0x00010003
#else
#define FLAGS	0x00000003
#endif
	.section .header, "a"
	.globl	header
header:
	.long	MAGIC, FLAGS, -(MAGIC + FLAGS)
#ifdef ADDRESSES
	.long	header, load_start, load_end, bss_end, _start
#endif

	.text
	.globl	_start
_start:
	movl	$stack_top, %esp
	pushl	%ebx
	pushl	%eax
	call	multiboot

	.bss
	.balign	16
	.space	4096
stack_top:
