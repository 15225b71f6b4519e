/* SPDX-License-Identifier: ISC */
/* execve(2): arguments, errors that leave the image alone, scripts. */

#include <sys/exec_elf.h>
#include <sys/fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <stddef.h>
#include <stdlib.h>
#include "../kstat.h"
#include "../regress.h"

#define LONG_ARGUMENT	20000			/* bytes */
#define NONCANONICAL	0x8000000000000000UL	/* an address nobody has */

char *const no_strings[] = { NULL };
char *const some_strings[] = { "x", NULL };
char long_string[LONG_ARGUMENT];

/* A file with a text, executable. */
int
make_program(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	ssize_t n = strlen(text);

	if (fd == -1 || write(fd, text, n) != n || close(fd) == -1)
		return -1;
	return 0;
}

/* What a program printed, at most size - 1 bytes. */
int
output_of(const char *path, char *const argv[], char *const envp[],
    char *buf, size_t size)
{
	size_t done = 0;
	int fds[2];
	ssize_t n;
	pid_t pid;

	if (pipe(fds) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execve(path, argv, envp);
		_exit(111);
	}
	close(fds[1]);
	while ((n = read(fds[0], buf + done, size - 1 - done)) > 0)
		done += n;
	buf[done] = '\0';
	close(fds[0]);
	return wait_status(pid);
}

const char *
arguments_arrive(void)
{
	char *const argv[] = { "echo", "one two", "", "three", NULL };
	char buf[100];

	CHECK(exited(output_of("/bin/echo", argv, no_strings, buf,
	    sizeof(buf)), 0));
	CHECK(strcmp(buf, "one two  three\n") == 0);
	return NULL;
}

const char *
environment_arrives(void)
{
	char *const argv[] = { "ksh", "-c", "echo $GREETING", NULL };
	char *const envp[] = { "PATH=/bin", "GREETING=hello", NULL };
	char buf[100];

	CHECK(exited(output_of("/bin/ksh", argv, envp, buf, sizeof(buf)), 0));
	CHECK(strcmp(buf, "hello\n") == 0);
	return NULL;
}

const char *
bad_files(void)
{
	CHECK_ERRNO(execve("/bin/nothing", some_strings, NULL), ENOENT);
	CHECK_ERRNO(execve("/etc/passwd", some_strings, NULL), EACCES);
	CHECK_ERRNO(execve("/bin", some_strings, NULL), EACCES);
	CHECK(make_program("/tmp/junk", "neither one nor the other") == 0);
	CHECK_ERRNO(execve("/tmp/junk", some_strings, NULL), ENOEXEC);
	return NULL;
}

const char *
bad_addresses(void)
{
	CHECK_ERRNO(execve((char *)NONCANONICAL, some_strings, NULL), EFAULT);
	CHECK_ERRNO(execve("/bin/ls", NULL, NULL), EFAULT);
	CHECK_ERRNO(execve("/bin/ls", (char *const *)0x1000, NULL), EFAULT);
	CHECK_ERRNO(execve("/bin/ls", some_strings, (char *const *)0x1000),
	    EFAULT);
	return NULL;
}

const char *
too_many_arguments(void)
{
	char *argv[21];
	char buf[16];
	int i;

	memset(long_string, 'a', sizeof(long_string) - 1);
	for (i = 0; i < 20; i++)
		argv[i] = long_string;
	argv[20] = NULL;
	CHECK_ERRNO(execve("/usr/bin/true", argv, NULL), E2BIG);
	argv[10] = NULL;
	CHECK(exited(output_of("/usr/bin/true", argv, no_strings, buf,
	    sizeof(buf)), 0));
	return NULL;
}

const char *
scripts(void)
{
	char *const argv[] = { "script", "last", NULL };
	char buf[100];

	CHECK(make_program("/tmp/script", "#! /bin/echo first \n") == 0);
	CHECK(exited(output_of("/tmp/script", argv, no_strings, buf,
	    sizeof(buf)), 0));
	CHECK(strcmp(buf, "first /tmp/script last\n") == 0);
	CHECK(make_program("/tmp/script2", "#!/bin/nothing\n") == 0);
	CHECK_ERRNO(execve("/tmp/script2", some_strings, NULL), ENOENT);
	CHECK(make_program("/tmp/script3", "#!/tmp/script\n") == 0);
	CHECK_ERRNO(execve("/tmp/script3", some_strings, NULL), ENOEXEC);
	return NULL;
}

const char *
failures_cost_nothing(void)
{
	struct uvmexp before, after;
	int i;

	for (i = 0; i < 20; i++)
		execve("/tmp/junk", some_strings, NULL);
	before = uvm_counters();
	for (i = 0; i < 200; i++) {
		execve("/tmp/junk", some_strings, NULL);
		execve("/tmp/script2", some_strings, NULL);
		execve("/bin/ls", (char *const *)0x1000, NULL);
	}
	after = uvm_counters();
	CHECK(after.free == before.free && after.wired == before.wired);
	return NULL;
}

/*
 * Two programs that do not care where they are.  The first looks for its
 * entry point in the auxiliary vector and exits with 42 if that is where it
 * is, the second with 42 if it gets memory to write and execute.
 */
extern const char pie_code[], pie_code_end[], wx_code[], wx_code_end[];
__asm__(
"	.section .rodata\n"
"pie_code:\n"
"	movq	(%rsp), %rdi\n"		/* argc */
"	leaq	16(%rsp,%rdi,8), %rsi\n"	/* envp */
"	movl	$3, %edi\n"
"	lodsq\n"				/* "x", and no more */
"	cmpb	$'x', (%rax)\n"
"	jne	3f\n"
"	lodsq\n"
"	testq	%rax, %rax\n"
"	jnz	3f\n"
"2:	lodsq\n"				/* au_id */
"	movq	%rax, %rdx\n"
"	lodsq\n"				/* au_v */
"	movl	$1, %edi\n"
"	testq	%rdx, %rdx\n"			/* AUX_null */
"	jz	3f\n"
"	cmpq	$9, %rdx\n"			/* AUX_entry */
"	jne	2b\n"
"	leaq	pie_code(%rip), %rcx\n"
"	movl	$2, %edi\n"
"	cmpq	%rax, %rcx\n"
"	jne	3f\n"
"	movl	$42, %edi\n"
"3:	movl	$1, %eax\n"			/* SYS_exit */
"	syscall\n"
"pie_code_end:\n"
"wx_code:\n"
"	xorl	%edi, %edi\n"
"	movl	$4096, %esi\n"
"	movl	$7, %edx\n"			/* read, write, execute */
"	movl	$0x1002, %r10d\n"		/* MAP_PRIVATE, MAP_ANON */
"	movq	$-1, %r8\n"
"	pushq	$0\n"				/* offset */
"	pushq	$0\n"
"	movl	$197, %eax\n"			/* SYS_mmap */
"	syscall\n"
"	movl	$42, %edi\n"
"	jnc	1f\n"
"	movl	%eax, %edi\n"
"1:	movl	$1, %eax\n"			/* SYS_exit */
"	syscall\n"
"wx_code_end:\n"
"	.text\n");

#define PIE	"/tmp/regress.pie"
#define LARGE	(1UL << 50)	/* more than an address space */

/* What a file with one segment of code does, with a header of this type. */
int
pie_status(const char *code, const char *end, u_int type, u_long memory)
{
	char *const argv[] = { PIE, "argument", NULL };
	struct {
		Elf64_Ehdr	eh;
		Elf64_Phdr	ph[2];
		char		code[256];
	} file;
	pid_t pid;
	int fd;

	memset(&file, 0, sizeof(file));
	memcpy(file.eh.e_ident, ELFMAG, SELFMAG);
	file.eh.e_ident[EI_CLASS] = ELFCLASS64;
	file.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	file.eh.e_ident[EI_VERSION] = EV_CURRENT;
	file.eh.e_type = ET_DYN;
	file.eh.e_machine = EM_AMD64;
	file.eh.e_version = EV_CURRENT;
	file.eh.e_entry = offsetof(typeof(file), code);
	file.eh.e_phoff = offsetof(typeof(file), ph);
	file.eh.e_phentsize = sizeof(Elf64_Phdr);
	file.eh.e_phnum = 2;
	file.ph[0].p_type = PT_LOAD;
	file.ph[0].p_flags = PF_R | PF_X;
	file.ph[0].p_filesz = sizeof(file);
	file.ph[0].p_memsz = memory;
	file.ph[1].p_type = type;
	memcpy(file.code, code, end - code);
	fd = open(PIE, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	if (fd == -1 || write(fd, &file, sizeof(file)) != sizeof(file) ||
	    close(fd) == -1)
		return -1;
	if ((pid = fork()) == 0) {
		execve(PIE, argv, some_strings);
		_exit(111);
	}
	return wait_status(pid);
}

const char *
position_independent(void)
{
	int i;

	for (i = 0; i < 5; i++)
		CHECK(exited(pie_status(pie_code, pie_code_end, PT_PHDR,
		    4096), 42));
	CHECK(exited(pie_status(pie_code, pie_code_end, PT_PHDR, LARGE),
	    111));
	CHECK(exited(pie_status(pie_code, pie_code_end, PT_INTERP, 4096),
	    111));
	return NULL;
}

const char *
write_and_execute(void)
{
	CHECK(exited(pie_status(wx_code, wx_code_end, PT_OPENBSD_WXNEEDED,
	    4096), 42));
	CHECK(exited(pie_status(wx_code, wx_code_end, PT_PHDR, 4096),
	    ENOTSUP));
	CHECK(unlink(PIE) == 0);
	return NULL;
}

const char *
mappings_are_random(void)
{
	char *first = NULL, *p;
	int i, differ = 0;

	for (i = 0; i < 8; i++) {
		p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANON, -1, 0);
		CHECK(p != MAP_FAILED);
		CHECK(munmap(p, 4096) == 0);
		if (first != NULL && p != first)
			differ++;
		first = p;
	}
	CHECK(differ > 0);
	return NULL;
}

const struct regress cases[] = {
	{ arguments_arrive, "arguments arrive" },
	{ environment_arrives, "the environment arrives" },
	{ bad_files, "files that are no programs" },
	{ bad_addresses, "EFAULT for bad addresses" },
	{ too_many_arguments, "E2BIG for too many arguments" },
	{ scripts, "scripts" },
	{ failures_cost_nothing, "failed calls lose no memory" },
	{ position_independent, "position independent programs" },
	{ write_and_execute, "memory to write and execute" },
	{ mappings_are_random, "mappings have random addresses" },
};

REGRESS_MAIN(cases)
