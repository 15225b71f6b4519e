/* SPDX-License-Identifier: ISC */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/reboot.h>
#include <sys/syscallargs.h>

/*
 * reboot(2): for the super-user; does not return.
 */
int
sys_reboot(struct proc *p, void *v, register_t *retval)
{
	struct sys_reboot_args *uap = v;
	int error;

	error = suser(p);
	if (error != 0)
		return error;
	boot(SCARG(uap, opt));
	/* NOTREACHED */
}

/*
 * Random bytes, at most 256.
 */
int
sys_getentropy(struct proc *p, void *v, register_t *retval)
{
	struct sys_getentropy_args *uap = v;
	char buf[256];

	if (SCARG(uap, nbyte) > sizeof(buf))
		return EIO;
	arc4random_buf(buf, SCARG(uap, nbyte));
	return copyout(buf, SCARG(uap, buf), SCARG(uap, nbyte));
}
