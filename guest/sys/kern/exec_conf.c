/* SPDX-License-Identifier: ISC */
/*
 * The kinds of images, and the native emulation.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/exec.h>
#include <sys/exec_elf.h>
#include <sys/proc.h>
#include <sys/signalvar.h>
#include <sys/syscall.h>

extern char sigcode[], esigcode[], esigret[];

struct emul emul_native = {
	.e_name = "native",
	.e_sendsig = sendsig,
	.e_nosys = SYS_syscall,
	.e_nsysent = SYS_MAXSYSCALL,
	.e_sysent = sysent,
	.e_syscallnames = syscallnames,
	.e_arglen = sizeof(AuxInfo) * ELF_AUX_ENTRIES / sizeof(char *),
	.e_copyargs = copyargs,
	.e_setregs = setregs,
	.e_fixup = exec_elf_fixup,
	.e_sigcode = sigcode,
	.e_esigcode = esigcode,
	.e_esigret = esigret,
	.e_flags = EMUL_ENABLED | EMUL_NATIVE,
};

/* The longest header any check wants: a script's first line, too. */
#define EXEC_HDRSZ	1024

struct execsw execsw[] = {
	{ EXEC_HDRSZ, exec_script_makecmds, &emul_native },
	{ EXEC_HDRSZ, exec_elf_makecmds, &emul_native },
};
int nexecs = nitems(execsw);
int exec_maxhdrsz;

void
init_exec(void)
{
	int i;

	for (i = 0; i < nexecs; i++)
		if ((int)execsw[i].es_hdrsz > exec_maxhdrsz)
			exec_maxhdrsz = execsw[i].es_hdrsz;
}
