/* SPDX-License-Identifier: ISC */
/*
 * Stack traces along the frame pointers, through trapframes of the kernel.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/user.h>
#include <machine/cpu.h>
#include <machine/frame.h>
#include <machine/machdep.h>
#include <machine/pmap.h>
#include <machine/segments.h>
#include <uvm/uvm_extern.h>
#include <ddb/db_command.h>
#include <ddb/db_interface.h>
#include <ddb/db_output.h>
#include <ddb/db_sym.h>

#define TRACE_FRAMES	65535	/* without a count: all */

/* What rbp points at: the caller's rbp, and where it goes on. */
struct callframe {
	vaddr_t	f_frame;		/* caller's frame */
	vaddr_t	f_retaddr;		/* return address */
};

/* A place in a stack. */
struct db_cursor {
	vaddr_t	dc_pc;			/* code */
	vaddr_t	dc_frame;		/* its rbp */
	vaddr_t	dc_rsp;			/* its rsp if interrupted, else 0 */
};

/* The code that a trapframe lies behind, and what is said about it. */
enum db_entry {
	ENTRY_NONE, ENTRY_SYSCALL, ENTRY_TRAP, ENTRY_AST, ENTRY_INTERRUPT
};

int	db_in_text(vaddr_t);
int	db_fetch(vaddr_t, void *, size_t);
enum db_entry db_entry_type(vaddr_t);
int	db_frameless(const struct db_cursor *, vaddr_t *);
int	db_cross_entry(struct db_cursor *, enum db_entry, vaddr_t,
	    int (*)(const char *, ...));
int	db_thread_cursor(struct proc *, struct db_cursor *);
void	db_trace_cursor(struct db_cursor *, db_expr_t,
	    int (*)(const char *, ...));

int
db_in_text(vaddr_t pc)
{
	return pc >= (vaddr_t)kernel_text && pc < (vaddr_t)etext;
}

/*
 * Read kernel memory if it is mapped: a trace also runs where nothing would
 * catch a fault.
 */
int
db_fetch(vaddr_t va, void *data, size_t size)
{
	paddr_t pa;

	if (va < VM_MIN_KERNEL_ADDRESS || (va & 7) != 0 ||
	    !pmap_extract(pmap_kernel(), va, &pa) ||
	    !pmap_extract(pmap_kernel(), va + size - 1, &pa))
		return 0;
	memcpy(data, (void *)va, size);
	return 1;
}

/*
 * Does this return address lie in the code that calls with the trapframe
 * just above?
 */
enum db_entry
db_entry_type(vaddr_t pc)
{
	static const struct {
		const char *name;
		enum db_entry type;
	} entries[] = {
		{ "Xsyscall",		ENTRY_SYSCALL },
		{ "alltraps_user",	ENTRY_TRAP },
		{ "alltraps_kernel",	ENTRY_TRAP },
		{ "intr_user_ast",	ENTRY_AST },
		{ "allintrs_user",	ENTRY_INTERRUPT },
		{ "allintrs_kernel",	ENTRY_INTERRUPT },
	};
	const char *name;
	db_expr_t off, value;
	db_sym_t sym;
	size_t i;

	sym = db_search_symbol(pc, DB_STGY_PROC, &off);
	if (sym == NULL)
		return ENTRY_NONE;
	db_symbol_values(sym, &name, &value);
	for (i = 0; i < nitems(entries); i++)
		if (strcmp(name, entries[i].name) == 0)
			return entries[i].type;
	return ENTRY_NONE;
}

/*
 * Interrupted code may not have a frame yet, or have none at all, as what is
 * written in assembly: then the return address is on top of the stack.
 */
int
db_frameless(const struct db_cursor *dc, vaddr_t *retaddrp)
{
	static const u_char prologue[] = { 0x55, 0x48, 0x89, 0xe5 };
	db_expr_t off = 0;
	vaddr_t rsp = dc->dc_rsp;

	if (rsp == 0 || db_search_symbol(dc->dc_pc, DB_STGY_PROC, &off) == NULL)
		return 0;
	if (memcmp((void *)(dc->dc_pc - off), prologue, sizeof(prologue)) == 0) {
		if (off > 1)
			return 0;
		rsp += off * sizeof(vaddr_t);	/* rbp has been pushed */
	}
	return db_fetch(rsp, retaddrp, sizeof(*retaddrp)) &&
	    db_in_text(*retaddrp);
}

/*
 * Go from a handler to what it interrupted; returns 0 if that was user mode.
 */
int
db_cross_entry(struct db_cursor *dc, enum db_entry type, vaddr_t frame,
    int (*pr)(const char *, ...))
{
	struct trapframe tf;

	if (!db_fetch(frame + sizeof(struct callframe), &tf, sizeof(tf)))
		return 0;
	switch (type) {
	case ENTRY_SYSCALL:
		(*pr)("--- syscall (number %lld) ---\n", (long long)tf.tf_err);
		break;
	case ENTRY_TRAP:
		(*pr)("--- trap (number %lld) ---\n",
		    (long long)tf.tf_trapno);
		break;
	case ENTRY_AST:
		(*pr)("--- ast ---\n");
		break;
	default:
		(*pr)("--- interrupt ---\n");
	}
	dc->dc_pc = tf.tf_rip;
	dc->dc_frame = tf.tf_rbp;
	dc->dc_rsp = tf.tf_rsp;
	return (tf.tf_cs & SEL_UPL) == 0;
}

/*
 * Print where a cursor is and who called whom.
 */
void
db_trace_cursor(struct db_cursor *dc, db_expr_t count,
    int (*pr)(const char *, ...))
{
	struct callframe cf;
	enum db_entry type;
	const char *name;
	db_expr_t off, value;
	db_sym_t sym;
	vaddr_t frame, retaddr;
	int returned = 0;	/* dc_pc is a return address */

	for (; count > 0; count--) {
		if (!db_in_text(dc->dc_pc)) {
			/* a call of what is no function */
			if (!db_fetch(dc->dc_rsp, &retaddr, sizeof(retaddr)))
				break;
			(*pr)("0x%lx()\n", dc->dc_pc);
			dc->dc_pc = retaddr;
			dc->dc_rsp = 0;
			returned = 1;
			continue;
		}
		/* behind a call that does not return another function begins */
		sym = db_search_symbol(dc->dc_pc - returned, DB_STGY_PROC,
		    &off);
		name = "?";
		value = off = 0;
		if (sym != NULL) {
			db_symbol_values(sym, &name, &value);
			off = dc->dc_pc - value;
		}
		(*pr)("%s() at %s+0x%lx\n", name, name, off);

		if (db_frameless(dc, &retaddr)) {
			dc->dc_pc = retaddr;
			dc->dc_rsp = 0;
			returned = 1;
			continue;
		}
		frame = dc->dc_frame;
		dc->dc_rsp = 0;
		if (!db_fetch(frame, &cf, sizeof(cf)))
			break;
		type = db_entry_type(cf.f_retaddr - 1);
		if (type != ENTRY_NONE) {
			returned = 0;
			if (db_cross_entry(dc, type, frame, pr))
				continue;
			(*pr)("end of kernel\n");
			break;
		}
		dc->dc_pc = cf.f_retaddr;
		dc->dc_frame = cf.f_frame;
		returned = 1;
		/* stacks grow down */
		if (cf.f_frame != 0 && cf.f_frame <= frame)
			break;
	}
	(*pr)("end trace frame: 0x%lx, count: %ld\n", dc->dc_frame, count);
}

/*
 * Where a thread that does not run will go on; returns 0 for one without a
 * stack.
 */
int
db_thread_cursor(struct proc *p, struct db_cursor *dc)
{
	struct switchframe *sf;

	if (p->p_addr == NULL)
		return 0;
	sf = (struct switchframe *)p->p_addr->u_pcb.pcb_rsp;
	dc->dc_pc = sf->sf_rip;
	dc->dc_frame = p->p_addr->u_pcb.pcb_rbp;
	dc->dc_rsp = 0;
	return 1;
}

/*
 * Trace what was stopped; with an address the frame there, with the
 * modifier p a process by its pid, with t a thread by its tid.
 */
void
db_stack_trace_print(db_expr_t addr, int have_addr, db_expr_t count,
    char *modif, int (*pr)(const char *, ...))
{
	struct db_cursor dc = { 0, 0, 0 };
	struct callframe cf;
	struct process *prc;
	struct proc *p = NULL;

	if (count == -1)
		count = TRACE_FRAMES;
	if (strchr(modif, 'p') != NULL) {
		prc = have_addr ? prfind(addr) : NULL;
		p = prc != NULL ? prc->ps_mainproc : NULL;
	} else if (strchr(modif, 't') != NULL)
		p = have_addr ? tfind(addr - THREAD_PID_OFFSET) : NULL;
	else if (have_addr) {
		if (!db_fetch(addr, &cf, sizeof(cf))) {
			(*pr)("no frame there\n");
			return;
		}
		dc.dc_pc = cf.f_retaddr;
		dc.dc_frame = cf.f_frame;
		db_trace_cursor(&dc, count, pr);
		return;
	} else
		p = curproc;

	if (p == NULL) {
		(*pr)("not found\n");
		return;
	}
	if (p == curproc) {
		dc.dc_pc = ddb_regs.tf_rip;
		dc.dc_frame = ddb_regs.tf_rbp;
		dc.dc_rsp = ddb_regs.tf_rsp;
	} else if (!db_thread_cursor(p, &dc)) {
		(*pr)("the thread has no stack any more\n");
		return;
	}
	db_trace_cursor(&dc, count, pr);
}

void
db_stack_trace_cmd(db_expr_t addr, int have_addr, db_expr_t count,
    char *modif)
{
	db_stack_trace_print(addr, have_addr, count, modif, db_printf);
}

/*
 * The trace of a panic that nobody is asked about.
 */
void
db_stack_dump(void)
{
	struct db_cursor dc;
	struct callframe *cf = __builtin_frame_address(0);

	printf("Starting stack trace...\n");
	dc.dc_pc = cf->f_retaddr;
	dc.dc_frame = cf->f_frame;
	dc.dc_rsp = 0;
	db_trace_cursor(&dc, TRACE_FRAMES, printf);
	printf("End of stack trace.\n");
}
