/* SPDX-License-Identifier: ISC */
/*
 * How amd64 enters the kernel.  The number goes in eax.  SYSCALL destroys
 * rcx (the return address) and r11 (the flags), so the fourth argument moves
 * from rcx to r10.  The carry flag tells failure, with the errno in eax.
 */
#include <sys/syscall.h>

#define ENTRY(name)							\
	.globl	name;							\
	.type	name, @function;					\
	.p2align 4;							\
name:									\
	.cfi_startproc

#define END(name)							\
	.cfi_endproc;							\
	.size	name, . - name

#define DOTRAP(number)							\
	movl	$number, %eax;						\
	movq	%rcx, %r10;						\
	syscall

/* int name(...): the result, or errno set and -1. */
#define PSEUDO(name, number)						\
ENTRY(name);								\
	DOTRAP(number);							\
	jc	__cerror;						\
	ret;								\
END(name)

/* A stub that is called what the system call is called. */
#define RSYSCALL(call)	PSEUDO(call, SYS_##call)
