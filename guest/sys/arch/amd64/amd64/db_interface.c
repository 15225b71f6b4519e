/* SPDX-License-Identifier: ISC */
/*
 * The ways into the debugger, and its view of the registers.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <machine/cpu.h>
#include <machine/cpufunc.h>
#include <machine/trap.h>
#include <ddb/db_command.h>
#include <ddb/db_interface.h>
#include <ddb/db_output.h>
#include <ddb/db_sym.h>
#include <ddb/db_var.h>
#include <ddb/db_variables.h>

extern const char * const trap_type[];
extern const int trap_types;

db_regs_t ddb_regs;
int	db_active;

#define REG(name, field)	{ name, (long *)&ddb_regs.field }

struct db_variable db_regs[] = {
	REG("rdi", tf_rdi), REG("rsi", tf_rsi), REG("rbp", tf_rbp),
	REG("rbx", tf_rbx), REG("rdx", tf_rdx), REG("rcx", tf_rcx),
	REG("rax", tf_rax), REG("r8", tf_r8), REG("r9", tf_r9),
	REG("r10", tf_r10), REG("r11", tf_r11), REG("r12", tf_r12),
	REG("r13", tf_r13), REG("r14", tf_r14), REG("r15", tf_r15),
	REG("rip", tf_rip), REG("cs", tf_cs), REG("rflags", tf_rflags),
	REG("rsp", tf_rsp), REG("ss", tf_ss),
};
struct db_variable *db_eregs = db_regs + nitems(db_regs);

/*
 * Enter the debugger from here.
 */
void
db_enter(void)
{
	__asm__ volatile("int3");
}

void
db_printtrap(int type, int code, vaddr_t pc)
{
	db_printf("kernel: ");
	if (type >= 0 && type < trap_types)
		db_printf("%s trap", trap_type[type]);
	else
		db_printf("type %d trap", type);
	db_printf(", code=%x\n", code);
}

/*
 * A trap of the kernel: is it the debugger's?  Returns 1 when the kernel may
 * go on, 0 when it has to deal with the trap itself.
 */
int
db_ktrap(int type, int code, db_regs_t *regs)
{
	struct cpu_info *ci = curcpu();
	int ilevel;

	if (type == T_BPTFLT || type == T_TRCTRAP) {
		/* nobody there: whoever is in here has lost its way */
		if (!db_panic_enters() && !db_console_enters())
			return 0;
	} else {
		if (db_recover != NULL) {
			db_printtrap(type, code, PC_REGS(regs));
			db_error("Faulted in DDB; continuing...\n");
		}
		if (!db_panic_enters())
			return 0;
		db_printtrap(type, code, PC_REGS(regs));
	}

	/* Nothing moves while a person looks; the console is polled. */
	intr_disable();
	ilevel = splhigh();
	ddb_regs = *regs;
	db_active++;
	db_trap(type, code);
	db_active--;
	*regs = ddb_regs;
	ci->ci_ilevel = ilevel;
	return 1;
}

/*
 * show registers
 */
void
db_show_regs(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	struct db_variable *vp;
	db_expr_t off;

	for (vp = db_regs; vp < db_eregs; vp++) {
		db_printf("%-12s%#18lx", vp->name, *vp->valuep);
		if (db_search_symbol(*vp->valuep, DB_STGY_ANY, &off) != NULL) {
			db_printf("    ");
			db_printsym(*vp->valuep, DB_STGY_ANY, db_printf);
		}
		db_printf("\n");
	}
	db_printsym((db_expr_t)PC_REGS(&ddb_regs), DB_STGY_PROC, db_printf);
	db_printf("\n");
}
