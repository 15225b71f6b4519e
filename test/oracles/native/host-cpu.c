/*
 * Runs pieces of user-mode machine code on the processor this program runs on, and tells what became of the registers,
 * the flags and the memory.
 *
 *	host-cpu start:length:permissions ...
 *
 * Each argument names a region of memory (hexadecimal start and length in bytes) that every case finds mapped; permissions
 * are "rx" (the code; one region, or a second one below 4 GiB for 32-bit code), "rw" or "r". Cases come in on standard input and outcomes go out on standard
 * output, in order, as the records below say (little-endian, every part padded to 8 bytes). Output is flushed whenever
 * there is nothing left to read.
 *
 * How it works: everything happens in one signal handler. The handler puts the registers of the next case into the signal
 * frame that the kernel will load them from, and returns. The code region is filled with INT3 before the case's code is
 * copied to its start, so that a case that runs off its end traps; so does one that faults. The kernel saves the
 * registers in a new frame and the handler reads them there. No register of this program is live while a case runs except
 * the FS base, which the handler's entry restores.
 *
 * A case may be 32-bit code: the frame then names the selector of 32-bit code, and the kernel returns to compatibility mode.
 *
 * A case cannot make a system call: a seccomp filter turns one that comes from a code region into SIGSYS.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define	PAGE_BYTES		4096
#define	REGIONS_MAX		16
#define	PAGES_MAX		256
#define	GPRS			16
#define	FXSAVE_BYTES		512
#define	FXSAVE_USED		464	/* the rest of the image is the kernel's */
#define	XSTATE_BV		512	/* offset of the XSAVE header in the frame */
#define	XSTATE_X87_SSE		3
#define	RFLAGS_TF		0x100
#define	RFLAGS_FIXED		0x202	/* IF and the bit that is always set */
#define	HWCAP2_FSGSBASE		2
#define	OPTION_FX		1	/* the case brings, and wants back, an FXSAVE image */
#define	OPTION_32		2	/* 32-bit code, in the region below 4 GiB */
#define	USER_CODE32		0x23	/* Linux's selector */
#define	LDT_ARGUMENT		"ldt:"	/* argument: an entry of the LDT, as INDEX:BASE:LIMIT:BITS */
#define	STOP_HANG		0	/* instead of a signal number */
#define	HANG_TICKS		5
#define	TICK_MICROSECONDS	50000
#define	INT3			0xcc
#define	BUFFER_BYTES		(1 << 20)

struct case_header {
	uint32_t	size;		/* bytes of the whole record */
	uint32_t	options;	/* OPTION_FX */
	uint32_t	code_length;
	uint32_t	chunks;		/* pieces of initial memory */
	uint64_t	gpr[GPRS];	/* in encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8 ... */
	uint64_t	rflags;
	uint64_t	fs_base;
	uint64_t	gs_base;
	uint16_t	ds, es, fs, gs;
	/* FXSAVE image if OPTION_FX, code, chunks */
};

struct outcome_header {
	uint32_t	size;
	uint32_t	stop;		/* signal number or STOP_HANG */
	uint32_t	trap;		/* vector of the exception */
	uint32_t	chunks;		/* runs of changed bytes */
	uint64_t	error_code;
	uint64_t	fault_address;	/* CR2; means something for a page fault only */
	uint64_t	rip;
	uint64_t	rflags;
	uint64_t	fs_base;
	uint64_t	gs_base;
	uint64_t	gpr[GPRS];
	uint16_t	ds, es, fs, gs, cs, ss, unused[2];
	/* FXSAVE image if OPTION_FX, chunks */
};

struct chunk {
	uint64_t	address;
	uint64_t	length;
	/* bytes */
};

struct region {
	uint64_t	start;
	uint64_t	length;
	int		writable;
	uint8_t		*alias;		/* the same memory, always writable */
	uint8_t		*pristine;	/* a copy from before the case ran */
	size_t		first_page;	/* index into page_touched */
};

static const int greg_index[GPRS] = {
	REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
	REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15
};

static struct region regions[REGIONS_MAX];
static int region_count;
static struct region *code_region, *code_region_32, *case_region;
static uint8_t page_touched[PAGES_MAX];	/* differs from the fill; to be reset */

static uint8_t input[BUFFER_BYTES], output[BUFFER_BYTES];
static size_t input_at, input_end, output_end;

static struct case_header current;
static int case_running, ticks;
static uint64_t initial_csgsfs;

/* What the handler's entry saves and loads; it is the only code that runs with a case's FS and GS. */
uint64_t runner_fs_base, runner_gs_base, case_fs_base, case_gs_base;
uint32_t case_ds, case_es, case_fs, case_gs;

void	handler_entry(int, siginfo_t *, void *);

__asm__(
"	.text\n"
"handler_entry:\n"
"	pushfq\n"
"	andq	$~0x244500, (%rsp)\n"	/* ID, AC, NT, DF, TF: the kernel leaves ID in the frame's flags alone */
"	popfq\n"
"	rdfsbase %rax\n"
"	movq	%rax, case_fs_base(%rip)\n"
"	rdgsbase %rax\n"
"	movq	%rax, case_gs_base(%rip)\n"
"	movl	%ds, %eax\n"
"	movl	%eax, case_ds(%rip)\n"
"	movl	%es, %eax\n"
"	movl	%eax, case_es(%rip)\n"
"	movl	%fs, %eax\n"
"	movl	%eax, case_fs(%rip)\n"
"	movl	%gs, %eax\n"
"	movl	%eax, case_gs(%rip)\n"
"	xorl	%eax, %eax\n"
"	movl	%eax, %ds\n"
"	movl	%eax, %es\n"
"	movl	%eax, %fs\n"
"	movl	%eax, %gs\n"
"	movq	runner_fs_base(%rip), %rax\n"
"	wrfsbase %rax\n"
"	movq	runner_gs_base(%rip), %rax\n"
"	wrgsbase %rax\n"
"	subq	$8, %rsp\n"
"	call	handle_signal\n"
"	addq	$8, %rsp\n"
"	movl	case_ds(%rip), %eax\n"
"	movl	%eax, %ds\n"
"	movl	case_es(%rip), %eax\n"
"	movl	%eax, %es\n"
"	movl	case_fs(%rip), %eax\n"
"	movl	%eax, %fs\n"
"	movl	case_gs(%rip), %eax\n"
"	movl	%eax, %gs\n"
"	movq	case_fs_base(%rip), %rax\n"
"	wrfsbase %rax\n"
"	movq	case_gs_base(%rip), %rax\n"
"	wrgsbase %rax\n"
"	ret\n"
);

static void
fail(const char *what)
{
	dprintf(STDERR_FILENO, "host-cpu: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void
flush_output(void)
{
	size_t done = 0;

	while (done < output_end) {
		ssize_t n = write(STDOUT_FILENO, output + done, output_end - done);
		if (n < 0)
			fail("write");
		done += n;
	}
	output_end = 0;
}

static void
emit(const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	while (length > 0) {
		size_t room = BUFFER_BYTES - output_end;
		size_t n = length < room ? length : room;
		memcpy(output + output_end, from, n);
		output_end += n;
		from += n;
		length -= n;
		if (output_end == BUFFER_BYTES)
			flush_output();
	}
}

/* Reads exactly `length` bytes; ends the program at the end of the input. */
static void
take(void *bytes, size_t length)
{
	uint8_t *to = bytes;

	while (length > 0) {
		if (input_at == input_end) {
			flush_output();
			ssize_t n = read(STDIN_FILENO, input, BUFFER_BYTES);
			if (n < 0)
				fail("read");
			if (n == 0)
				_exit(0);
			input_at = 0;
			input_end = n;
		}
		size_t have = input_end - input_at;
		size_t n = length < have ? length : have;
		memcpy(to, input + input_at, n);
		input_at += n;
		to += n;
		length -= n;
	}
}

static size_t
padded(size_t length)
{
	return (length + 7) & ~(size_t)7;
}

static void
take_padding(size_t length)
{
	uint8_t rest[8];

	take(rest, padded(length) - length);
}

static void
touch(struct region *r, size_t offset, size_t length)
{
	for (size_t page = offset / PAGE_BYTES; page <= (offset + length - 1) / PAGE_BYTES; page++)
		page_touched[r->first_page + page] = 1;
}

/* Makes all regions as if nothing had ever run. */
static void
reset_memory(void)
{
	for (struct region *r = regions; r < regions + region_count; r++) {
		int fill = r == code_region || r == code_region_32 ? INT3 : 0;
		for (size_t page = 0; page < r->length / PAGE_BYTES; page++) {
			if (!page_touched[r->first_page + page])
				continue;
			memset(r->alias + page * PAGE_BYTES, fill, PAGE_BYTES);
			memset(r->pristine + page * PAGE_BYTES, fill, PAGE_BYTES);
			page_touched[r->first_page + page] = 0;
		}
	}
}

static void
fill_memory(struct region *r, size_t offset, size_t length)
{
	if (length == 0)
		return;
	take(r->alias + offset, length);
	take_padding(length);
	memcpy(r->pristine + offset, r->alias + offset, length);
	touch(r, offset, length);
}

static void
load_chunk(void)
{
	struct chunk c;

	take(&c, sizeof(c));
	for (struct region *r = regions; r < regions + region_count; r++) {
		if (c.address >= r->start && c.length <= r->length && c.address - r->start <= r->length - c.length) {
			fill_memory(r, c.address - r->start, c.length);
			return;
		}
	}
	errno = EFAULT;
	fail("initial memory outside all regions");
}

/* Takes the next case in and makes the frame `uc` what the kernel is to load. */
static void
load_case(ucontext_t *uc)
{
	greg_t *gregs = uc->uc_mcontext.gregs;
	uint8_t *fx = (uint8_t *)uc->uc_mcontext.fpregs;

	take(&current, sizeof(current));
	memset(fx, 0, FXSAVE_USED);
	if (current.options & OPTION_FX) {
		uint8_t rest[FXSAVE_BYTES - FXSAVE_USED];
		take(fx, FXSAVE_USED);
		take(rest, sizeof(rest));
	} else {
		uint16_t control = 0x37f;
		uint32_t mxcsr = 0x1f80;
		memcpy(fx, &control, sizeof(control));
		memcpy(fx + 24, &mxcsr, sizeof(mxcsr));
	}
	uint64_t components = XSTATE_X87_SSE;
	memcpy(fx + XSTATE_BV, &components, sizeof(components));

	reset_memory();
	case_region = current.options & OPTION_32 ? code_region_32 : code_region;
	if (case_region == NULL || current.code_length > case_region->length) {
		errno = E2BIG;
		fail("code of a case");
	}
	fill_memory(case_region, 0, current.code_length);
	for (uint32_t i = 0; i < current.chunks; i++)
		load_chunk();

	for (int i = 0; i < GPRS; i++)
		gregs[greg_index[i]] = current.gpr[i];
	gregs[REG_RIP] = case_region->start;
	gregs[REG_EFL] = (current.rflags & ~(uint64_t)RFLAGS_TF) | RFLAGS_FIXED;
	gregs[REG_CSGSFS] = initial_csgsfs;
	if (current.options & OPTION_32)
		gregs[REG_CSGSFS] = (initial_csgsfs & ~(uint64_t)0xffff) | USER_CODE32;
	case_ds = current.ds;
	case_es = current.es;
	case_fs = current.fs;
	case_gs = current.gs;
	case_fs_base = current.fs_base;
	case_gs_base = current.gs_base;
	case_running = 1;
	ticks = 0;
}

/* Finds the next run of bytes that the case changed, at or after *at; returns its length or 0. */
static size_t
next_change(struct region *r, size_t *at)
{
	size_t start = *at, end;

	while (start < r->length && r->alias[start] == r->pristine[start]) {
		if (start % PAGE_BYTES == 0 && memcmp(r->alias + start, r->pristine + start, PAGE_BYTES) == 0)
			start += PAGE_BYTES;
		else
			start++;
	}
	for (end = start; end < r->length && r->alias[end] != r->pristine[end]; end++)
		;
	*at = start;
	return end - start;
}

static void
report(int stop, const ucontext_t *uc)
{
	static const uint8_t zeros[8];
	const greg_t *gregs = uc->uc_mcontext.gregs;
	struct outcome_header o = { .size = sizeof(o), .stop = stop };
	size_t at, length;

	o.trap = gregs[REG_TRAPNO];
	o.error_code = gregs[REG_ERR];
	o.fault_address = gregs[REG_CR2];
	o.rip = gregs[REG_RIP];
	o.rflags = gregs[REG_EFL];
	o.fs_base = case_fs_base;
	o.gs_base = case_gs_base;
	o.ds = case_ds;
	o.es = case_es;
	o.fs = case_fs;
	o.gs = case_gs;
	o.cs = gregs[REG_CSGSFS] & 0xffff;
	o.ss = (uint64_t)gregs[REG_CSGSFS] >> 48;
	for (int i = 0; i < GPRS; i++)
		o.gpr[i] = gregs[greg_index[i]];
	if (current.options & OPTION_FX)
		o.size += FXSAVE_BYTES;
	for (struct region *r = regions; r < regions + region_count; r++) {
		if (!r->writable)
			continue;
		for (at = 0; (length = next_change(r, &at)) != 0; at += length) {
			touch(r, at, length);
			o.chunks++;
			o.size += sizeof(struct chunk) + padded(length);
		}
	}
	emit(&o, sizeof(o));
	if (current.options & OPTION_FX)
		emit(uc->uc_mcontext.fpregs, FXSAVE_BYTES);
	for (struct region *r = regions; r < regions + region_count; r++) {
		if (!r->writable)
			continue;
		for (at = 0; (length = next_change(r, &at)) != 0; at += length) {
			struct chunk c = { r->start + at, length };
			emit(&c, sizeof(c));
			emit(r->alias + at, length);
			emit(zeros, padded(length) - length);
		}
	}
}

void
handle_signal(int signal_number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)info;
	if (signal_number == SIGVTALRM && (!case_running || ++ticks < HANG_TICKS))
		return;
	if (case_running)
		report(signal_number == SIGVTALRM ? STOP_HANG : signal_number, uc);
	else
		initial_csgsfs = uc->uc_mcontext.gregs[REG_CSGSFS];
	load_case(uc);
}

/* An entry of the LDT: a segment that 32-bit code reaches what is mapped for it through. */
static void
fill_ldt(const char *description)
{
	unsigned int index, base, limit, bits;

	if (sscanf(description, "%x:%x:%x:%x", &index, &base, &limit, &bits) != 4) {
		errno = EINVAL;
		fail(description);
	}
	struct user_desc entry = { .entry_number = index, .base_addr = base, .limit = limit, .seg_32bit = bits & 1,
	    .contents = bits >> 1 & 3, .read_exec_only = bits >> 3 & 1, .limit_in_pages = bits >> 4 & 1,
	    .seg_not_present = bits >> 5 & 1, .useable = 0 };

	if (syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)) != 0)
		fail("modify_ldt");
}

static void
map_regions(int argc, char **argv)
{
	size_t total = 0, pages = 0;

	for (int i = 1; i < argc && region_count < REGIONS_MAX; i++) {
		if (strncmp(argv[i], LDT_ARGUMENT, strlen(LDT_ARGUMENT)) == 0) {
			fill_ldt(argv[i] + strlen(LDT_ARGUMENT));
			continue;
		}
		struct region *r = &regions[region_count++];
		char permissions[4];
		if (sscanf(argv[i], "%lx:%lx:%3s", &r->start, &r->length, permissions) != 3 ||
		    r->length == 0 || r->length % PAGE_BYTES != 0) {
			errno = EINVAL;
			fail(argv[i]);
		}
		r->writable = permissions[1] == 'w';
		if (permissions[1] == 'x') {
			if (r->start >> 32 == 0)
				code_region_32 = r;
			else
				code_region = r;
		}
		total += r->length;
	}
	if (code_region == NULL || total > PAGES_MAX * PAGE_BYTES) {
		errno = EINVAL;
		fail("regions");
	}

	int fd = memfd_create("host-cpu", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, total) != 0)
		fail("memfd_create");
	uint8_t *alias = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint8_t *pristine = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (alias == MAP_FAILED || pristine == MAP_FAILED)
		fail("mmap");
	for (struct region *r = regions; r < regions + region_count; r++) {
		int executable = r == code_region || r == code_region_32;
		int protection = PROT_READ | (r->writable ? PROT_WRITE : 0) | (executable ? PROT_EXEC : 0);
		r->alias = alias + pages * PAGE_BYTES;
		r->pristine = pristine + pages * PAGE_BYTES;
		r->first_page = pages;
		/* Populated: a page that Linux has not mapped yet would fault as not present instead of protected. */
		if (mmap((void *)r->start, r->length, protection, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE, fd,
		    pages * PAGE_BYTES) != (void *)r->start)
			fail("mmap of a region");
		pages += r->length / PAGE_BYTES;
	}
	memset(page_touched, 1, sizeof(page_touched));
	reset_memory();
}

/* System calls that come from a code region, or in by the 32-bit door, become SIGSYS. */
static void
forbid_system_calls(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, instruction_pointer) + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(code_region->start >> 32), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { sizeof(program) / sizeof(program[0]), program };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
		fail("seccomp");
}

int
main(int argc, char **argv)
{
	static const int signals[] = { SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGVTALRM };
	static uint8_t signal_stack[1 << 17] __attribute__((aligned(64)));
	stack_t stack = { .ss_sp = signal_stack, .ss_size = sizeof(signal_stack) };
	struct sigaction action = { .sa_sigaction = handler_entry, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct itimerval tick = { { 0, TICK_MICROSECONDS }, { 0, TICK_MICROSECONDS } };

	if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)) {
		errno = ENOSYS;
		fail("RDFSBASE in user mode (Linux 5.9 on a processor with FSGSBASE)");
	}
	__asm__ volatile("rdfsbase %0" : "=r" (runner_fs_base));
	__asm__ volatile("rdgsbase %0" : "=r" (runner_gs_base));
	map_regions(argc, argv);
	if (sigaltstack(&stack, NULL) != 0)
		fail("sigaltstack");
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], &action, NULL) != 0)
			fail("sigaction");
	if (setitimer(ITIMER_VIRTUAL, &tick, NULL) != 0)
		fail("setitimer");
	forbid_system_calls();
	raise(SIGTRAP);
	return 1;
}
