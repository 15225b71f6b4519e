/* SPDX-License-Identifier: ISC */
/*
 * "#!interpreter [argument]": the interpreter is executed, with its
 * argument and the script's path before the script's own arguments.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/exec.h>
#include <sys/fcntl.h>
#include <sys/malloc.h>
#include <sys/namei.h>
#include <sys/proc.h>
#include <sys/vnode.h>

#define EXEC_SCRIPT_MAGIC	"#!"
#define EXEC_SCRIPT_MAGICLEN	2
#define MAXINTERP		PATH_MAX

int
exec_script_makecmds(struct proc *p, struct exec_package *epp)
{
	char *hdr = epp->ep_hdr, *cp, *stop, *name, *arg = NULL;
	struct nameidata *ndp = epp->ep_ndp;
	struct vnode *scriptvp = epp->ep_vp;
	char *scriptname;
	int error;

	if (epp->ep_hdrvalid < EXEC_SCRIPT_MAGICLEN + 1 ||
	    memcmp(hdr, EXEC_SCRIPT_MAGIC, EXEC_SCRIPT_MAGICLEN) != 0)
		return ENOEXEC;
	/* an interpreter that is a script itself is one step too many */
	if (epp->ep_flags & EXEC_INDIR)
		return ENOEXEC;
	stop = memchr(hdr, '\n', epp->ep_hdrvalid);
	if (stop == NULL)
		return ENOEXEC;
	*stop = '\0';
	for (cp = hdr + EXEC_SCRIPT_MAGICLEN; *cp == ' ' || *cp == '\t'; cp++)
		continue;
	if (*cp == '\0')
		return ENOEXEC;
	for (name = cp; *cp != '\0' && *cp != ' ' && *cp != '\t'; cp++)
		continue;
	if (*cp != '\0') {
		*cp++ = '\0';
		while (*cp == ' ' || *cp == '\t')
			cp++;
		if (*cp != '\0')
			arg = cp;
		/* without the blanks at its end */
		for (cp = stop; arg != NULL && cp > arg &&
		    (cp[-1] == ' ' || cp[-1] == '\t'); cp--)
			cp[-1] = '\0';
	}

	/* keep the interpreter's name, its argument and the script's path */
	epp->ep_fa_name = malloc(MAXINTERP, M_EXEC, M_WAITOK);
	strlcpy(epp->ep_fa_name, name, MAXINTERP);
	if (arg != NULL) {
		epp->ep_fa_arg = malloc(MAXINTERP, M_EXEC, M_WAITOK);
		strlcpy(epp->ep_fa_arg, arg, MAXINTERP);
	}
	scriptname = malloc(MAXPATHLEN, M_EXEC, M_WAITOK);
	strlcpy(scriptname, ndp->ni_cnd.cn_pnbuf, MAXPATHLEN);
	epp->ep_fa_script = scriptname;
	epp->ep_flags |= EXEC_INDIR | EXEC_SKIPARG;

	/* from here on the interpreter is what is executed */
	vn_close(scriptvp, FREAD, p->p_ucred, p);
	ndfreename(ndp);
	NDINIT(ndp, LOOKUP, FOLLOW | SAVENAME, UIO_SYSSPACE, epp->ep_fa_name,
	    p);
	ndp->ni_pledge = PLEDGE_EXEC;
	error = check_exec(p, epp);
	if (error != 0)
		epp->ep_vp = NULL;	/* gone, and so is the name */
	return error;
}

/*
 * The arguments a script's interpreter gets before the user's.
 */
int
exec_script_args(struct exec_package *epp, char *buf, size_t *lenp,
    long *argcp)
{
	char *args[3] = { epp->ep_fa_name, epp->ep_fa_arg, epp->ep_fa_script };
	size_t len = 0;
	int i;

	for (i = 0; i < 3; i++) {
		if (args[i] == NULL)
			continue;
		len += strlcpy(buf + len, args[i], NCARGS - len) + 1;
		(*argcp)++;
	}
	*lenp = len;
	return 0;
}

void
exec_script_free(struct exec_package *epp)
{
	free(epp->ep_fa_name, M_EXEC, MAXINTERP);
	free(epp->ep_fa_arg, M_EXEC, MAXINTERP);
	free(epp->ep_fa_script, M_EXEC, MAXPATHLEN);
}
