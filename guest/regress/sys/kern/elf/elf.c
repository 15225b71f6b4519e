/* SPDX-License-Identifier: ISC */
/*
 * What execve(2) makes of ELF files: each case is a good file with one
 * thing changed.  Before the old image is gone there is an errno, after it
 * only a signal.
 */

#include <sys/exec_elf.h>
#include <sys/fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>
#include "../kstat.h"
#include "../regress.h"

#define FILE_NAME	"/tmp/regress.elf"
#define PAGE		4096UL
#define TEXT		0x400000UL	/* where the text goes */
#define DATA		0x600000UL	/* and the data */
#define USER_END	0x7f7fffffc000UL	/* VM_MAXUSER_ADDRESS */
#define STACK		(32UL << 20)	/* MAXSSIZ, kept free below it */
#define TEXT_MOST	(256UL << 20)	/* MAXTSIZ */
#define GOOD		7		/* what the program exits with */
#define ZEROS		(0 - 100)	/* outcome: it found no data */
#define SEGMENTS	16		/* as many as are allowed */

struct image {
	Elf64_Ehdr	eh;
	Elf64_Phdr	ph[SEGMENTS + 1];
	char		code[64];
	char		data[16];
};

/* It exits with 7 if its data, and the zeros behind, are there. */
extern const char code[], code_end[];
__asm__(
"	.section .rodata\n"
"code:	movl	0x600000, %edi\n"
"	addl	0x600010, %edi\n"
"	addl	0x602000, %edi\n"
"	movl	$1, %eax\n"		/* SYS_exit */
"	syscall\n"
"code_end:\n"
"	.text\n");

static void
make_image(struct image *image)
{
	Elf64_Ehdr *eh = &image->eh;
	Elf64_Phdr *ph = image->ph;
	int number = GOOD;

	memset(image, 0, sizeof(*image));
	memcpy(eh->e_ident, ELFMAG, SELFMAG);
	eh->e_ident[EI_CLASS] = ELFCLASS64;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_ident[EI_VERSION] = EV_CURRENT;
	eh->e_type = ET_EXEC;
	eh->e_machine = EM_AMD64;
	eh->e_version = EV_CURRENT;
	eh->e_entry = TEXT + offsetof(struct image, code);
	eh->e_phoff = offsetof(struct image, ph);
	eh->e_phentsize = sizeof(Elf64_Phdr);
	eh->e_phnum = 2;
	ph[0].p_type = ph[1].p_type = PT_LOAD;
	ph[0].p_flags = PF_R | PF_X;
	ph[0].p_vaddr = TEXT;
	ph[0].p_filesz = ph[0].p_memsz = sizeof(*image);
	ph[1].p_flags = PF_R | PF_W;
	ph[1].p_vaddr = DATA;
	ph[1].p_offset = offsetof(struct image, data);
	ph[1].p_filesz = 16;
	ph[1].p_memsz = 3 * PAGE;
	memcpy(image->code, code, code_end - code);
	memcpy(image->data, &number, sizeof(number));
}

/* Execute it: the errno, the negative signal, or 0 if the program ran. */
static int
outcome(const struct image *image, size_t size)
{
	char *const argv[] = { FILE_NAME, NULL };
	int fd, status;
	pid_t pid;

	fd = open(FILE_NAME, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	if (fd == -1 || write(fd, image, size) != (ssize_t)size ||
	    close(fd) == -1)
		return 255;
	if ((pid = fork()) == 0) {
		execve(FILE_NAME, argv, argv + 1);
		_exit(100 + errno);
	}
	status = wait_status(pid);
	if (WIFSIGNALED(status))
		return -WTERMSIG(status);
	status = WEXITSTATUS(status);
	return status == GOOD ? 0 : status - 100;
}

#define OUTCOME(change, wanted) do {					\
	struct image image;						\
	Elf64_Ehdr *eh = &image.eh;					\
	Elf64_Phdr *ph = image.ph;					\
									\
	make_image(&image);						\
	(void)eh;							\
	(void)ph;							\
	change;								\
	CHECK(outcome(&image, sizeof(image)) == (wanted));		\
} while (0)

static const char *
header(void)
{
	OUTCOME(, 0);
	OUTCOME(eh->e_ident[0] = 0, ENOEXEC);
	OUTCOME(eh->e_ident[3] = 'f', ENOEXEC);
	OUTCOME(eh->e_ident[EI_CLASS] = 1, ENOEXEC);
	OUTCOME(eh->e_ident[EI_DATA] = 2, ENOEXEC);
	OUTCOME(eh->e_ident[EI_VERSION] = 0, ENOEXEC);
	OUTCOME(eh->e_type = 1, ENOEXEC);
	OUTCOME(eh->e_type = 4, ENOEXEC);
	OUTCOME(eh->e_machine = 3, ENOEXEC);
	OUTCOME(eh->e_version = 0, ENOEXEC);
	OUTCOME(eh->e_phnum = 0, ENOEXEC);
	OUTCOME(eh->e_phnum = SEGMENTS, 0);
	OUTCOME(eh->e_phnum = SEGMENTS + 1, ENOEXEC);
	OUTCOME(eh->e_phentsize = sizeof(Elf64_Phdr) + 8, ENOEXEC);
	OUTCOME(eh->e_phoff = sizeof(struct image) * 4, ENOEXEC);
	OUTCOME(eh->e_phoff = -8, ENOEXEC);
	OUTCOME(eh->e_entry = USER_END, ENOEXEC);
	/* to go there is allowed, to be there is not */
	OUTCOME(eh->e_entry = USER_END - 1, -SIGSEGV);
	return NULL;
}

static const char *
segments(void)
{
	OUTCOME(ph[0].p_flags = PF_R, ENOEXEC);
	OUTCOME(ph[2].p_type = PT_INTERP; eh->e_phnum = 3, ENOEXEC);
	OUTCOME(ph[2].p_type = PT_PHDR; eh->e_phnum = 3, 0);
	OUTCOME(ph[2].p_type = PT_LOAD; eh->e_phnum = 3, 0);
	OUTCOME(ph[1].p_filesz = 3 * PAGE + 1, ENOEXEC);
	OUTCOME(ph[1].p_memsz = -PAGE, ENOEXEC);
	OUTCOME(ph[1].p_vaddr = -PAGE, ENOEXEC);
	OUTCOME(ph[1].p_vaddr = 0, ENOEXEC);
	OUTCOME(ph[1].p_vaddr = PAGE - 1, ENOEXEC);
	/* the program looks for its data elsewhere */
	OUTCOME(ph[1].p_vaddr = PAGE, -SIGSEGV);
	/* nor is there room behind for the signal trampoline */
	OUTCOME(ph[1].p_vaddr = USER_END - STACK - 3 * PAGE, -SIGABRT);
	OUTCOME(ph[1].p_vaddr = USER_END - STACK - 3 * PAGE + 1, ENOEXEC);
	OUTCOME(ph[1].p_vaddr = USER_END, ENOEXEC);
	return NULL;
}

/* The old image is gone when these are found out. */
static const char *
too_late(void)
{
	/* two segments at the same place */
	OUTCOME(ph[1].p_vaddr = TEXT, -SIGABRT);
	OUTCOME(ph[1].p_vaddr = TEXT; ph[1].p_filesz = 0, -SIGABRT);
	/* the file is shorter than it says */
	OUTCOME(ph[1].p_offset = PAGE; ph[1].p_filesz = PAGE, -SIGABRT);
	return NULL;
}

static const char *
sizes(void)
{
	struct rlimit rl, old;

	OUTCOME(ph[0].p_memsz = TEXT_MOST; ph[1].p_type = PT_PHDR, ZEROS);
	OUTCOME(ph[0].p_memsz = TEXT_MOST + 1; ph[1].p_type = PT_PHDR, ENOMEM);
	CHECK(getrlimit(RLIMIT_DATA, &old) == 0);
	rl = old;
	rl.rlim_cur = 3 * PAGE;
	CHECK(setrlimit(RLIMIT_DATA, &rl) == 0);
	OUTCOME(, 0);
	OUTCOME(ph[1].p_memsz = 3 * PAGE + 1, ENOMEM);
	rl.rlim_cur = 2 * PAGE;
	CHECK(setrlimit(RLIMIT_DATA, &rl) == 0);
	OUTCOME(, ENOMEM);
	CHECK(setrlimit(RLIMIT_DATA, &old) == 0);
	return NULL;
}

/* Files that are too short for a header. */
static const char *
short_files(void)
{
	struct image image;

	make_image(&image);
	CHECK(outcome(&image, 0) == ENOEXEC);
	CHECK(outcome(&image, SELFMAG) == ENOEXEC);
	CHECK(outcome(&image, sizeof(Elf64_Ehdr)) == ENOEXEC);
	CHECK(outcome(&image, offsetof(struct image, ph[2]) - 1) == ENOEXEC);
	CHECK(unlink(FILE_NAME) == 0);
	return NULL;
}

const struct regress cases[] = {
	{ header, "the header" },
	{ segments, "segments" },
	{ too_late, "what is found out too late kills" },
	{ sizes, "sizes" },
	{ short_files, "files without a whole header" },
};

REGRESS_MAIN(cases)
