/* SPDX-License-Identifier: ISC */
/*
 * Reading and carrying out commands.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pool.h>
#include <sys/proc.h>
#include <sys/reboot.h>
#include <ddb/db_command.h>
#include <ddb/db_interface.h>
#include <ddb/db_lex.h>
#include <ddb/db_output.h>
#include <uvm/uvm_extern.h>

/* What a search in a table of commands has found. */
#define CMD_UNIQUE	0	/* abbreviation of one command */
#define CMD_FOUND	1	/* a command's whole name */
#define CMD_NONE	2	/* nothing */
#define CMD_AMBIGUOUS	3	/* abbreviation of several */

#define CMD_WIDTH	12	/* columns of a name in a list of commands */
#define CMD_PER_LINE	6	/* names in a line of it */

vaddr_t	db_dot;
vaddr_t	db_last_addr;
vaddr_t	db_next;
int	db_cmd_loop_done;
label_t	*db_recover;

int	db_cmd_search(const char *, const struct db_command *,
	    const struct db_command **);
void	db_cmd_list(const struct db_command *);
int	db_cmd_find(const struct db_command *, const struct db_command **);
void	db_cmd_arguments(db_expr_t *, int *, db_expr_t *, char *);
void	db_command(const struct db_command **, const struct db_command *);

db_fcn_t db_help_cmd, db_continue_cmd, db_show_panic_cmd, db_uvmexp_print_cmd;
db_fcn_t db_map_print_cmd, db_proc_print_cmd, db_boot_sync_cmd;
db_fcn_t db_boot_crash_cmd, db_boot_dump_cmd, db_boot_halt_cmd;
db_fcn_t db_boot_reboot_cmd, db_boot_poweroff_cmd;

const struct db_command db_show_all_cmds[] = {
	{ "pools",	db_show_all_pools,	0,	NULL },
	{ "procs",	db_show_all_procs,	0,	NULL },
	{ NULL,		NULL,			0,	NULL },
};

const struct db_command db_show_cmds[] = {
	{ "all",	NULL,			0,	db_show_all_cmds },
	{ "map",	db_map_print_cmd,	0,	NULL },
	{ "panic",	db_show_panic_cmd,	0,	NULL },
	{ "proc",	db_proc_print_cmd,	0,	NULL },
	{ "registers",	db_show_regs,		0,	NULL },
	{ "uvmexp",	db_uvmexp_print_cmd,	0,	NULL },
	{ NULL,		NULL,			0,	NULL },
};

const struct db_command db_boot_cmds[] = {
	{ "crash",	db_boot_crash_cmd,	0,	NULL },
	{ "dump",	db_boot_dump_cmd,	0,	NULL },
	{ "halt",	db_boot_halt_cmd,	0,	NULL },
	{ "poweroff",	db_boot_poweroff_cmd,	0,	NULL },
	{ "reboot",	db_boot_reboot_cmd,	0,	NULL },
	{ "sync",	db_boot_sync_cmd,	0,	NULL },
	{ NULL,		NULL,			0,	NULL },
};

const struct db_command db_command_table[] = {
	{ "boot",	NULL,			0,	db_boot_cmds },
	{ "c",		db_continue_cmd,	0,	NULL },
	{ "continue",	db_continue_cmd,	0,	NULL },
	{ "examine",	db_examine_cmd,		CS_SET_DOT, NULL },
	{ "help",	db_help_cmd,		CS_OWN,	NULL },
	{ "p",		db_print_cmd,		0,	NULL },
	{ "print",	db_print_cmd,		0,	NULL },
	{ "ps",		db_show_all_procs,	0,	NULL },
	{ "show",	NULL,			0,	db_show_cmds },
	{ "trace",	db_stack_trace_cmd,	0,	NULL },
	{ "x",		db_examine_cmd,		CS_SET_DOT, NULL },
	{ NULL,		NULL,			0,	NULL },
};

const struct db_command *db_last_command;	/* what an empty line repeats */

/*
 * Find a command by its name or an abbreviation.
 */
int
db_cmd_search(const char *name, const struct db_command *table,
    const struct db_command **cmdp)
{
	const struct db_command *cmd;
	size_t len = strlen(name);
	int result = CMD_NONE;

	for (cmd = table; cmd->name != NULL; cmd++) {
		if (strncmp(cmd->name, name, len) != 0)
			continue;
		*cmdp = cmd;
		if (cmd->name[len] == '\0')
			return CMD_FOUND;
		result = result == CMD_NONE ? CMD_UNIQUE : CMD_AMBIGUOUS;
	}
	return result;
}

void
db_cmd_list(const struct db_command *table)
{
	int n;

	for (n = 0; table[n].name != NULL; n++)
		db_printf("%-*s%s", CMD_WIDTH, table[n].name,
		    (n + 1) % CMD_PER_LINE == 0 ? "\n" : "");
	if (n % CMD_PER_LINE != 0)
		db_printf("\n");
}

/*
 * Find the command that the line begins with, through all of its words.
 * Returns 0, and has said why, if there is none.
 */
int
db_cmd_find(const struct db_command *table, const struct db_command **cmdp)
{
	for (;;) {
		if (db_read_token() != tIDENT) {
			db_cmd_list(table);
			return 0;
		}
		switch (db_cmd_search(db_tok_string, table, cmdp)) {
		case CMD_NONE:
			db_printf("No such command\n");
			return 0;
		case CMD_AMBIGUOUS:
			db_printf("Ambiguous\n");
			return 0;
		}
		if ((*cmdp)->more == NULL)
			return 1;
		table = (*cmdp)->more;
	}
}

/*
 * Arguments as most commands take them: [/modif] [addr] [,count]
 */
void
db_cmd_arguments(db_expr_t *addrp, int *have_addrp, db_expr_t *countp,
    char *modif)
{
	int t = db_read_token();

	modif[0] = '\0';
	if (t == tSLASH) {
		if (db_read_token() != tIDENT)
			db_error("Bad modifier\n");
		strlcpy(modif, db_tok_string, TOK_STRING_SIZE);
	} else
		db_unread_token(t);

	*have_addrp = db_expression(addrp);
	if (*have_addrp) {
		db_dot = (vaddr_t)*addrp;
		db_last_addr = db_dot;
	} else
		*addrp = (db_expr_t)db_dot;

	*countp = -1;
	t = db_read_token();
	if (t == tCOMMA) {
		if (!db_expression(countp))
			db_error("Count missing\n");
	} else
		db_unread_token(t);
	t = db_read_token();
	if (t != tEOL && t != tEOF)
		db_error("?\n");
}

/*
 * Carry out one command; an empty line repeats the last one.
 */
void
db_command(const struct db_command **last_cmdp,
    const struct db_command *table)
{
	static char modif[TOK_STRING_SIZE];
	const struct db_command *cmd = NULL;
	db_expr_t addr = 0, count = -1;
	int have_addr = 0, t;

	t = db_read_token();
	if (t == tEOL || t == tEOF) {
		cmd = *last_cmdp;
		addr = (db_expr_t)db_next;
		modif[0] = '\0';
	} else if (t == tEXCL) {
		db_error("Functions cannot be called\n");
	} else {
		db_unread_token(t);
		if (!db_cmd_find(table, &cmd)) {
			db_flush_line();
			*last_cmdp = NULL;
			return;
		}
		if ((cmd->flag & CS_OWN) == 0)
			db_cmd_arguments(&addr, &have_addr, &count, modif);
	}
	*last_cmdp = cmd;
	if (cmd == NULL)
		return;
	(*cmd->fcn)(addr, have_addr, count, modif);
	if (cmd->flag & CS_SET_DOT)
		db_dot = db_last_addr;
}

/*
 * Commands until one lets the machine go on.  An error, or a fault in here,
 * comes back to the prompt.
 */
void
db_command_loop(void)
{
	label_t recover;
	label_t *saved = db_recover;

	db_cmd_loop_done = 0;
	db_last_command = NULL;
	db_recover = &recover;
	(void)setjmp(&recover);
	while (!db_cmd_loop_done) {
		db_printf("ddb> ");
		(void)db_read_line();
		db_command(&db_last_command, db_command_table);
	}
	db_recover = saved;
}

/*
 * Say what is wrong and give up the command.
 */
void
db_error(const char *s)
{
	db_printf("%s", s);
	db_flush_line();
	db_flush_lex();
	if (db_recover == NULL)
		panic("db_error: no command to give up");
	longjmp(db_recover);
}

void
db_help_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	db_cmd_list(db_command_table);
	db_skip_to_eol();
}

void
db_continue_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	db_cmd_loop_done = 1;
}

void
db_show_panic_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	if (panicstr != NULL)
		db_printf("%s\n", panicstr);
	else
		db_printf("the kernel did not panic\n");
}

void
db_uvmexp_print_cmd(db_expr_t addr, int have_addr, db_expr_t count,
    char *modif)
{
	uvmexp_print(db_printf);
}

/*
 * A map at an address, or that of the current process.
 */
void
db_map_print_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	struct vm_map *map = have_addr ? (struct vm_map *)addr :
	    &curproc->p_vmspace->vm_map;

	uvm_map_printit(map, strchr(modif, 'f') != NULL, db_printf);
}

void
db_proc_print_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	proc_printit(have_addr ? (struct proc *)addr : curproc, modif,
	    db_printf);
}

void
db_boot_sync_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	boot(RB_AUTOBOOT);
}

void
db_boot_crash_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	boot(RB_NOSYNC | RB_DUMP);
}

void
db_boot_dump_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	boot(RB_DUMP);
}

void
db_boot_halt_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	boot(RB_NOSYNC | RB_HALT);
}

void
db_boot_reboot_cmd(db_expr_t addr, int have_addr, db_expr_t count, char *modif)
{
	boot(RB_AUTOBOOT | RB_NOSYNC);
}

void
db_boot_poweroff_cmd(db_expr_t addr, int have_addr, db_expr_t count,
    char *modif)
{
	boot(RB_NOSYNC | RB_HALT | RB_POWERDOWN);
}
