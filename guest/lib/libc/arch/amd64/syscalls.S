/* SPDX-License-Identifier: ISC */
/*
 * The system-call stubs: each is called what it calls.  Where a function of
 * C differs from its system call, the stub has a hidden name and the
 * function is in sys/.
 */
#include "SYS.h"

	.cfi_sections .debug_frame
	.text
	/* Processes. */
	RSYSCALL(fork)
	PSEUDO(_exit, SYS_exit)
	RSYSCALL(execve)
	RSYSCALL(wait4)
	RSYSCALL(getpid)
	RSYSCALL(getppid)
	RSYSCALL(getthrid)
	RSYSCALL(getpgrp)
	RSYSCALL(getpgid)
	RSYSCALL(setpgid)
	RSYSCALL(setsid)
	RSYSCALL(sched_yield)
	RSYSCALL(getrlimit)
	RSYSCALL(setrlimit)
	RSYSCALL(getrusage)
	RSYSCALL(getpriority)
	RSYSCALL(setpriority)
	RSYSCALL(getentropy)
	RSYSCALL(sysctl)
	RSYSCALL(reboot)
	RSYSCALL(issetugid)
	RSYSCALL(ptrace)
	RSYSCALL(kqueue)
	RSYSCALL(kevent)
	RSYSCALL(pledge)
	RSYSCALL(ktrace)
	RSYSCALL(utrace)

	/* Ids. */
	RSYSCALL(getuid)
	RSYSCALL(geteuid)
	RSYSCALL(getgid)
	RSYSCALL(getegid)
	RSYSCALL(setuid)
	RSYSCALL(setgid)
	RSYSCALL(getgroups)
	RSYSCALL(setgroups)

	/* Signals and time. */
	RSYSCALL(kill)
	RSYSCALL(sigaction)
	RSYSCALL(sigaltstack)
	RSYSCALL(nanosleep)
	RSYSCALL(clock_gettime)
	RSYSCALL(gettimeofday)
	RSYSCALL(getitimer)
	RSYSCALL(setitimer)
	PSEUDO(__sigprocmask_set, SYS_sigprocmask)
	PSEUDO(__sigpending_set, SYS_sigpending)
	PSEUDO(__sigsuspend_set, SYS_sigsuspend)

	/* Files. */
	RSYSCALL(read)
	RSYSCALL(write)
	RSYSCALL(readv)
	RSYSCALL(writev)
	RSYSCALL(open)
	RSYSCALL(openat)
	RSYSCALL(close)
	RSYSCALL(closefrom)
	RSYSCALL(getdtablecount)
	RSYSCALL(dup)
	RSYSCALL(dup2)
	RSYSCALL(dup3)
	RSYSCALL(fcntl)
	RSYSCALL(ioctl)
	RSYSCALL(poll)
	RSYSCALL(pipe)
	RSYSCALL(pipe2)
	RSYSCALL(stat)
	RSYSCALL(lstat)
	RSYSCALL(fstat)
	RSYSCALL(fstatat)
	RSYSCALL(access)
	RSYSCALL(chmod)
	RSYSCALL(fchmod)
	RSYSCALL(chown)
	RSYSCALL(umask)
	RSYSCALL(utimensat)
	RSYSCALL(futimens)
	RSYSCALL(chdir)
	RSYSCALL(fchdir)
	RSYSCALL(link)
	RSYSCALL(unlink)
	RSYSCALL(rename)
	RSYSCALL(symlink)
	RSYSCALL(readlink)
	RSYSCALL(mkdir)
	RSYSCALL(rmdir)
	RSYSCALL(mknod)
	RSYSCALL(getdents)
	RSYSCALL(sync)
	PSEUDO(__getcwd, SYS___getcwd)
	PSEUDO(__lseek_pad, SYS_lseek)
	PSEUDO(__truncate_pad, SYS_truncate)
	PSEUDO(__ftruncate_pad, SYS_ftruncate)

	/* Memory. */
	PSEUDO(__break, SYS_break)
	PSEUDO(__mmap_pad, SYS_mmap)
	RSYSCALL(munmap)
	RSYSCALL(mprotect)
	RSYSCALL(minherit)

/*
 * pid_t vfork(void)
 *
 * The child runs on the parent's stack and overwrites it, so that the return
 * address travels in a register, of which each has its own.
 */
ENTRY(vfork)
	popq	%rsi
	.cfi_adjust_cfa_offset -8
	.cfi_register rip, rsi
	DOTRAP(SYS_vfork)
	pushq	%rsi
	.cfi_adjust_cfa_offset 8
	.cfi_offset rip, -8
	jc	__cerror
	ret
END(vfork)
	.section .note.GNU-stack, "", @progbits
