/* SPDX-License-Identifier: ISC */
/*
 * mmap(2) and relatives, for anonymous memory.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/pledge.h>
#include <sys/mman.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <sys/syscallargs.h>
#include <machine/pmap.h>
#include <uvm/uvm_extern.h>

int	uvm_mmap_range(struct proc *, void *, size_t, vaddr_t *, vsize_t *);

/*
 * Page-align a user's range; EINVAL if it is none.
 */
int
uvm_mmap_range(struct proc *p, void *uaddr, size_t len, vaddr_t *addr,
    vsize_t *size)
{
	vaddr_t start = (vaddr_t)uaddr;
	vaddr_t off = start & PAGE_MASK;

	if (start + len < start || start + len > VM_MAXUSER_ADDRESS)
		return EINVAL;
	*addr = start - off;
	*size = roundup(len + off, PAGE_SIZE);
	if (*addr + *size < *addr)
		return EINVAL;
	return 0;
}

int
sys_mmap(struct proc *p, void *v, register_t *retval)
{
	struct sys_mmap_args *uap = v;
	struct vmspace *vm = p->p_vmspace;
	int prot = SCARG(uap, prot), flags = SCARG(uap, flags), error;
	int inherit = MAP_INHERIT_COPY;
	uvm_flag_t uvmflags = 0;
	vaddr_t addr;
	vsize_t size;

	if ((prot & ~PROT_MASK) != 0 || (flags & ~MAP_FLAGMASK) != 0)
		return EINVAL;
	if ((flags & (MAP_SHARED | MAP_PRIVATE)) == 0 ||
	    (flags & (MAP_SHARED | MAP_PRIVATE)) == (MAP_SHARED | MAP_PRIVATE))
		return EINVAL;
	if (SCARG(uap, len) == 0)
		return EINVAL;
	if ((error = pledge_protexec(p, prot)) != 0)
		return error;
	if ((prot & (PROT_WRITE | PROT_EXEC)) == (PROT_WRITE | PROT_EXEC) &&
	    (p->p_p->ps_flags & PS_WXNEEDED) == 0) {
		p->p_p->ps_wxcounter++;
		return ENOTSUP;
	}
	if (flags & MAP_STACK) {
		if ((flags & (MAP_ANON | MAP_PRIVATE)) !=
		    (MAP_ANON | MAP_PRIVATE) || (prot & ~(PROT_READ |
		    PROT_WRITE)) != 0)
			return EINVAL;
		uvmflags |= UVM_FLAG_STACK;
	}
	if ((flags & MAP_ANON) == 0)
		return ENODEV;		/* files cannot be mapped yet */
	if (SCARG(uap, fd) != -1)
		return EINVAL;
	error = uvm_mmap_range(p, SCARG(uap, addr), SCARG(uap, len), &addr,
	    &size);
	if (error != 0)
		return error;
	if (flags & MAP_FIXED) {
		if ((vaddr_t)SCARG(uap, addr) & PAGE_MASK)
			return EINVAL;
		uvmflags |= UVM_FLAG_FIXED;
		if ((flags & __MAP_NOREPLACE) == 0)
			uvmflags |= UVM_FLAG_UNMAP;
	} else if (addr == 0) {
		/* Above where the heap can grow. */
		addr = uvm_map_hint(vm);
	}
	if (ptoa(vm->vm_dused) + size > lim_cur(RLIMIT_DATA) &&
	    prot != PROT_NONE)
		return ENOMEM;
	if (flags & MAP_SHARED)
		inherit = MAP_INHERIT_SHARE;
	else
		uvmflags |= UVM_FLAG_COPYONW;
	error = uvm_map(&vm->vm_map, &addr, size, NULL, 0, 0,
	    UVM_MAPFLAG(prot, PROT_MASK, inherit, 0, uvmflags));
	if (error != 0)
		return error;
	*retval = addr;
	return 0;
}

int
sys_munmap(struct proc *p, void *v, register_t *retval)
{
	struct sys_munmap_args *uap = v;
	struct vm_map *map = &p->p_vmspace->vm_map;
	vaddr_t addr;
	vsize_t size;
	int error;

	error = uvm_mmap_range(p, SCARG(uap, addr), SCARG(uap, len), &addr,
	    &size);
	if (error != 0)
		return error;
	if (size == 0)
		return 0;
	/* what is not there cannot go: nothing does then */
	if (!uvm_map_checkprot(map, addr, addr + size, PROT_NONE))
		return EINVAL;
	uvm_unmap(map, addr, addr + size);
	return 0;
}

int
sys_mprotect(struct proc *p, void *v, register_t *retval)
{
	struct sys_mprotect_args *uap = v;
	int prot = SCARG(uap, prot), error;
	vaddr_t addr;
	vsize_t size;

	if ((prot & ~PROT_MASK) != 0)
		return EINVAL;
	if ((error = pledge_protexec(p, prot)) != 0)
		return error;
	if ((prot & (PROT_WRITE | PROT_EXEC)) == (PROT_WRITE | PROT_EXEC) &&
	    (p->p_p->ps_flags & PS_WXNEEDED) == 0)
		return ENOTSUP;
	error = uvm_mmap_range(p, SCARG(uap, addr), SCARG(uap, len), &addr,
	    &size);
	if (error != 0)
		return error;
	return uvm_map_protect(&p->p_vmspace->vm_map, addr, addr + size, prot,
	    0);
}

int
sys_minherit(struct proc *p, void *v, register_t *retval)
{
	struct sys_minherit_args *uap = v;
	vaddr_t addr;
	vsize_t size;
	int error;

	error = uvm_mmap_range(p, SCARG(uap, addr), SCARG(uap, len), &addr,
	    &size);
	if (error != 0)
		return error;
	return uvm_map_inherit(&p->p_vmspace->vm_map, addr, addr + size,
	    SCARG(uap, inherit));
}
