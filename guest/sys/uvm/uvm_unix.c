/* SPDX-License-Identifier: ISC */
/*
 * The traditional segments: the heap behind the data, the stack.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <sys/syscallargs.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

/*
 * break(2): the data segment ends at nsize from now on.
 */
int
sys_obreak(struct proc *p, void *v, register_t *retval)
{
	struct sys_obreak_args *uap = v;
	struct vmspace *vm = p->p_vmspace;
	vaddr_t base, new, old;
	int error;

	base = (vaddr_t)vm->vm_daddr;
	new = roundup((vaddr_t)SCARG(uap, nsize), PAGE_SIZE);
	if (new < base || new - base > lim_cur(RLIMIT_DATA))
		return ENOMEM;
	old = base + ptoa(vm->vm_dsize);
	if (new == old)
		return 0;
	if (new > old) {
		error = uvm_map(&vm->vm_map, &old, new - old, NULL, 0, 0,
		    UVM_MAPFLAG(PROT_READ | PROT_WRITE,
		    PROT_READ | PROT_WRITE | PROT_EXEC, MAP_INHERIT_COPY, 0,
		    UVM_FLAG_FIXED | UVM_FLAG_COPYONW));
		if (error != 0)
			return ENOMEM;
		vm->vm_dsize += atop(new - old);
	} else {
		uvm_unmap(&vm->vm_map, new, old);
		vm->vm_dsize -= atop(old - new);
	}
	return 0;
}

/*
 * A fault at sp was served: if that is in the stack, remember how far the
 * stack has grown.
 */
void
uvm_grow(struct proc *p, vaddr_t sp)
{
	struct vmspace *vm = p->p_vmspace;
	int si;

	if (sp < (vaddr_t)vm->vm_maxsaddr || sp >= (vaddr_t)vm->vm_minsaddr)
		return;
	si = atop((vaddr_t)vm->vm_minsaddr - (sp & ~(vaddr_t)PAGE_MASK));
	if (vm->vm_ssize < si)
		vm->vm_ssize = si;
}
