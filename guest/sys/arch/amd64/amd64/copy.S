/* SPDX-License-Identifier: ISC */
/*
 * Copies between the kernel and the current user address space.  While one
 * runs, pcb_onfault says where a fault that cannot be served goes on.
 */
#define _LOCORE
#include <machine/asm.h>
#include <machine/cfi.h>
#include <machine/vmparam.h>
#include "assym.h"

/* A frame of its own for each, so that the shared ends find the caller. */
#define BEGIN_FRAME							 \
	CFI_FUNCTION							;\
	CFI_PUSH(rbp)							;\
	movq	%rsp, %rbp						;\
	.cfi_def_cfa_register rbp

#define END_FRAME							 \
	popq	%rbp							;\
	.cfi_def_cfa rsp, 8						;\
	.cfi_same_value rbp

#define CFI_IN_FRAME							 \
	.cfi_def_cfa rbp, 16						;\
	.cfi_offset rbp, -16

#define SET_ONFAULT(label)						 \
	movq	CPUVAR(CURPCB), %r11					;\
	movq	$label, PCB_ONFAULT(%r11)

#define CLEAR_ONFAULT							 \
	movq	CPUVAR(CURPCB), %r11					;\
	movq	$0, PCB_ONFAULT(%r11)

/* Fail unless [addr, addr + rdx) lies in user memory. */
#define CHECK_RANGE(addr, fail)						 \
	movq	addr, %rcx						;\
	addq	%rdx, %rcx						;\
	jc	fail							;\
	movabsq	$VM_MAXUSER_ADDRESS_, %rax				;\
	cmpq	%rax, %rcx						;\
	ja	fail

#define VM_MAXUSER_ADDRESS_	0x00007f7fffffc000

/*
 * int copyin(const void *uaddr, void *kaddr, size_t len);
 */
ENTRY(copyin)
	BEGIN_FRAME
	CHECK_RANGE(%rdi, copy_efault)
	SET_ONFAULT(copy_fault)
	xchgq	%rdi, %rsi
copy_body:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	rep movsq
	movl	%edx, %ecx
	andl	$7, %ecx
	rep movsb
	CLEAR_ONFAULT
	xorl	%eax, %eax
	END_FRAME
	ret
	CFI_IN_FRAME
copy_fault:
	CLEAR_ONFAULT
copy_efault:
	movl	$ERR_EFAULT, %eax
	END_FRAME
	ret
	CFI_END
END(copyin)

/*
 * int copyout(const void *kaddr, void *uaddr, size_t len);
 */
ENTRY(copyout)
	BEGIN_FRAME
	CHECK_RANGE(%rsi, copy_efault)
	SET_ONFAULT(copy_fault)
	xchgq	%rdi, %rsi
	jmp	copy_body
	CFI_END
END(copyout)

/*
 * int kcopy(const void *from, void *to, size_t len);
 *
 * Kernel to kernel, where a fault is an error and not a panic.
 */
ENTRY(kcopy)
	BEGIN_FRAME
	SET_ONFAULT(copy_fault)
	xchgq	%rdi, %rsi
	jmp	copy_body
	CFI_END
END(kcopy)

/*
 * int copyinstr(const void *uaddr, void *kaddr, size_t max, size_t *done);
 *
 * Copy up to and with the NUL; ENAMETOOLONG if there is none in max bytes.
 */
ENTRY(copyinstr)
	BEGIN_FRAME
	movq	%rcx, %r8		/* done */
	movq	%rdi, %r9		/* start */
	movabsq	$VM_MAXUSER_ADDRESS_, %r10
	cmpq	%r10, %rdi
	jae	str_efault
	SET_ONFAULT(str_fault)
1:	testq	%rdx, %rdx
	jz	str_toolong
	cmpq	%r10, %rdi
	jae	str_fault
	movb	(%rdi), %al
	movb	%al, (%rsi)
	incq	%rdi
	incq	%rsi
	decq	%rdx
	testb	%al, %al
	jnz	1b
	xorl	%eax, %eax
	jmp	str_done
	CFI_END
END(copyinstr)

/*
 * int copyoutstr(const void *kaddr, void *uaddr, size_t max, size_t *done);
 */
ENTRY(copyoutstr)
	BEGIN_FRAME
	movq	%rcx, %r8
	movq	%rdi, %r9
	movabsq	$VM_MAXUSER_ADDRESS_, %r10
	cmpq	%r10, %rsi
	jae	str_efault
	SET_ONFAULT(str_fault)
1:	testq	%rdx, %rdx
	jz	str_toolong
	cmpq	%r10, %rsi
	jae	str_fault
	movb	(%rdi), %al
	movb	%al, (%rsi)
	incq	%rdi
	incq	%rsi
	decq	%rdx
	testb	%al, %al
	jnz	1b
	xorl	%eax, %eax
	jmp	str_done
str_toolong:
	movl	$ERR_ENAMETOOLONG, %eax
	jmp	str_done
str_fault:
str_efault:
	movl	$ERR_EFAULT, %eax
str_done:
	CLEAR_ONFAULT
	testq	%r8, %r8
	jz	2f
	subq	%r9, %rdi
	movq	%rdi, (%r8)
2:	END_FRAME
	ret
	CFI_END
END(copyoutstr)
	.section .note.GNU-stack, "", @progbits
