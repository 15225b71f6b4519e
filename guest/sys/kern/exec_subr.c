/* SPDX-License-Identifier: ISC */
/*
 * Vmcmds: the steps that build an image, collected before the commit and
 * run after it.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/exec.h>
#include <sys/malloc.h>
#include <sys/mman.h>
#include <sys/proc.h>
#include <sys/resourcevar.h>
#include <sys/vnode.h>
#include <uvm/uvm_extern.h>

void
new_vmcmd(struct exec_vmcmd_set *evsp,
    int (*proc)(struct proc *, struct exec_vmcmd *), u_long len, u_long addr,
    struct vnode *vp, u_long offset, u_int prot, int flags)
{
	struct exec_vmcmd *vcp, *cmds;
	u_int cnt;

	if (evsp->evs_used == evsp->evs_cnt) {
		cnt = 2 * evsp->evs_cnt;
		cmds = mallocarray(cnt, sizeof(*cmds), M_EXEC, M_WAITOK);
		memcpy(cmds, evsp->evs_cmds, evsp->evs_used * sizeof(*cmds));
		if (evsp->evs_cmds != evsp->evs_start)
			free(evsp->evs_cmds, M_EXEC, 0);
		evsp->evs_cmds = cmds;
		evsp->evs_cnt = cnt;
	}
	vcp = &evsp->evs_cmds[evsp->evs_used++];
	vcp->ev_proc = proc;
	vcp->ev_len = len;
	vcp->ev_addr = addr;
	if ((vcp->ev_vp = vp) != NULL)
		vref(vp);
	vcp->ev_offset = offset;
	vcp->ev_prot = prot;
	vcp->ev_flags = flags;
}

void
kill_vmcmds(struct exec_vmcmd_set *evsp)
{
	u_int i;

	for (i = 0; i < evsp->evs_used; i++)
		if (evsp->evs_cmds[i].ev_vp != NULL)
			vrele(evsp->evs_cmds[i].ev_vp);
	if (evsp->evs_cmds != evsp->evs_start)
		free(evsp->evs_cmds, M_EXEC, 0);
	evsp->evs_cmds = evsp->evs_start;
	evsp->evs_cnt = EXEC_DEFAULT_VMCMD_SETSIZE;
	evsp->evs_used = 0;
}

int
exec_process_vmcmds(struct proc *p, struct exec_package *epp)
{
	struct exec_vmcmd *vcp;
	u_int i;
	int error = 0;

	for (i = 0; i < epp->ep_vmcmds.evs_used && error == 0; i++) {
		vcp = &epp->ep_vmcmds.evs_cmds[i];
		error = (*vcp->ev_proc)(p, vcp);
	}
	return error;
}

/*
 * Memory filled from the file: written first, protected then.
 */
int
vmcmd_map_readvn(struct proc *p, struct exec_vmcmd *cmd)
{
	vaddr_t start = trunc_page(cmd->ev_addr);
	vsize_t size = round_page(cmd->ev_addr + cmd->ev_len) - start;
	struct vm_map *map = &p->p_vmspace->vm_map;
	int error;

	error = uvm_map(map, &start, size, NULL, 0, 0,
	    UVM_MAPFLAG(PROT_READ | PROT_WRITE, PROT_MASK, MAP_INHERIT_COPY,
	    0, UVM_FLAG_COPYONW | UVM_FLAG_FIXED));
	if (error != 0)
		return error;
	error = vn_rdwr(UIO_READ, cmd->ev_vp, (caddr_t)cmd->ev_addr,
	    cmd->ev_len, cmd->ev_offset, UIO_USERSPACE, 0, p->p_ucred, NULL,
	    p);
	if (error != 0)
		return error;
	if (cmd->ev_prot != (PROT_READ | PROT_WRITE))
		return uvm_map_protect(map, start, start + size, cmd->ev_prot,
		    0);
	return 0;
}

/*
 * Zero filled memory.
 */
int
vmcmd_map_zero(struct proc *p, struct exec_vmcmd *cmd)
{
	vaddr_t start = trunc_page(cmd->ev_addr);
	vsize_t size = round_page(cmd->ev_addr + cmd->ev_len) - start;

	if (size == 0)
		return 0;
	return uvm_map(&p->p_vmspace->vm_map, &start, size, NULL, 0, 0,
	    UVM_MAPFLAG(cmd->ev_prot, PROT_MASK, MAP_INHERIT_COPY, 0,
	    UVM_FLAG_COPYONW | UVM_FLAG_FIXED |
	    (cmd->ev_flags & VMCMD_STACK ? UVM_FLAG_STACK : 0)));
}

/*
 * The stack: the part that may be used now, and below it the part that is
 * only reserved.
 */
int
exec_setup_stack(struct proc *p, struct exec_package *epp)
{
	epp->ep_minsaddr = USRSTACK;
	epp->ep_maxsaddr = USRSTACK - MAXSSIZ;
	epp->ep_ssize = round_page(lim_cur(RLIMIT_STACK));
	if (epp->ep_ssize > MAXSSIZ)
		epp->ep_ssize = MAXSSIZ;
	if (epp->ep_ssize < MAXSSIZ)
		new_vmcmd(&epp->ep_vmcmds, vmcmd_map_zero,
		    MAXSSIZ - epp->ep_ssize, epp->ep_maxsaddr, NULL, 0,
		    PROT_NONE, VMCMD_STACK);
	new_vmcmd(&epp->ep_vmcmds, vmcmd_map_zero, epp->ep_ssize,
	    epp->ep_minsaddr - epp->ep_ssize, NULL, 0,
	    PROT_READ | PROT_WRITE, VMCMD_STACK);
	return 0;
}
