/*
 * The real-mode part of a Linux image: its setup header, and code that does what such code is for. It asks the BIOS for the
 * memory map, makes boot_params of it and of the header, and enters the protected-mode part at 1 MiB.
 */
	.code16
	.text
start:
	.org	0x1f1
setup_sects:
	.byte	4
	.org	0x1fe
	.word	0xaa55
	jmp	setup
	.ascii	"HdrS"
	.word	0x020c
	.org	0x211
	.byte	1			/* loadflags: LOADED_HIGH */
	.org	0x214
	.long	0x100000		/* code32_start */
	.org	0x22c
	.long	0x7fffffff		/* initrd_addr_max */
	.long	0x200000		/* kernel_alignment */
	.byte	RELOCATABLE
	.org	0x236
	.word	XLOADFLAGS
	.long	255			/* cmdline_size */
	.org	0x258
	.quad	0x100000		/* pref_address */
	.long	0x20000			/* init_size */
header_end:
	.org	0x268

/* DS is the segment of this part's first byte. */
setup:
	cld
	movw	%ds, %ax
	movw	%ax, %es
	movw	$0x1f1, %si
	movw	$(params + 0x1f1), %di
	movw	$(header_end - setup_sects), %cx
	rep movsb
	xorl	%ebx, %ebx
	movw	$(params + 0x2d0), %di
next:	movl	$0xe820, %eax
	movl	$20, %ecx
	movl	$0x534d4150, %edx
	int	$0x15
	jc	done
	incb	params + 0x1e8
	addw	$20, %di
	testl	%ebx, %ebx
	jnz	next
done:	cli
	xorl	%esi, %esi
	movw	%ds, %si
	shll	$4, %esi
	leal	gdt(%esi), %eax
	movl	%eax, gdt_pointer + 2
	addl	$params, %esi
	lgdt	gdt_pointer
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	movw	$0x18, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	ljmpl	$0x10, $0x100000

	.balign	8
gdt:
	.quad	0, 0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
gdt_pointer:
	.word	31
	.long	0

	.balign	16
params:
	.org	5 * 512
	/* boot_params goes on behind the file's sectors. */
