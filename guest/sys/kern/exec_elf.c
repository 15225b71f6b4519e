/* SPDX-License-Identifier: ISC */
/*
 * Static ELF64 executables, at fixed addresses or position independent.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/exec.h>
#include <sys/exec_elf.h>
#include <sys/mman.h>
#include <sys/proc.h>
#include <sys/vnode.h>
#include <uvm/uvm_extern.h>

#define MAXPHNUM	16	/* program headers that fit the header buffer */

int	elf_check_header(Elf64_Ehdr *, u_int);
int	elf_load_psection(struct exec_package *, Elf64_Phdr *, vaddr_t);
vaddr_t	elf_choose_base(Elf64_Ehdr *, Elf64_Phdr *);
void	elf_set_args(struct exec_package *, Elf64_Ehdr *, Elf64_Phdr *,
	    vaddr_t);

/*
 * Is it an executable of this machine?
 */
int
elf_check_header(Elf64_Ehdr *eh, u_int valid)
{
	if (valid < sizeof(*eh) || memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh->e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh->e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh->e_ident[EI_VERSION] != EV_CURRENT)
		return ENOEXEC;
	if ((eh->e_type != ET_EXEC && eh->e_type != ET_DYN) ||
	    eh->e_machine != EM_AMD64 ||
	    eh->e_version != EV_CURRENT)
		return ENOEXEC;
	if (eh->e_phnum == 0 || eh->e_phnum > MAXPHNUM ||
	    eh->e_phentsize != sizeof(Elf64_Phdr) || eh->e_phoff > valid ||
	    eh->e_phnum * sizeof(Elf64_Phdr) > valid - eh->e_phoff)
		return ENOEXEC;
	return 0;
}

/*
 * The steps for one segment: the pages that are in the file, then the
 * whole pages behind them that are only zeros.
 */
int
elf_load_psection(struct exec_package *epp, Elf64_Phdr *ph, vaddr_t base)
{
	u_int prot = 0;
	vaddr_t addr = base + ph->p_vaddr, fileend, memend;

	if (addr + ph->p_memsz < addr ||
	    addr < VM_MIN_ADDRESS ||
	    addr + ph->p_memsz > VM_MAXUSER_ADDRESS - MAXSSIZ ||
	    ph->p_filesz > ph->p_memsz)
		return ENOEXEC;
	if (ph->p_flags & PF_R)
		prot |= PROT_READ;
	if (ph->p_flags & PF_W)
		prot |= PROT_WRITE;
	if (ph->p_flags & PF_X)
		prot |= PROT_EXEC;
	fileend = round_page(addr + ph->p_filesz);
	memend = round_page(addr + ph->p_memsz);
	if (ph->p_filesz > 0)
		new_vmcmd(&epp->ep_vmcmds, vmcmd_map_readvn, ph->p_filesz,
		    addr, epp->ep_vp, ph->p_offset, prot, 0);
	else
		fileend = trunc_page(addr);
	if (memend > fileend)
		new_vmcmd(&epp->ep_vmcmds, vmcmd_map_zero, memend - fileend,
		    fileend, NULL, 0, prot, 0);
	return 0;
}

/*
 * Where a position independent image goes; others go where they say.
 */
vaddr_t
elf_choose_base(Elf64_Ehdr *eh, Elf64_Phdr *ph)
{
	vaddr_t stop = 0;
	int i;

	if (eh->e_type != ET_DYN)
		return 0;
	for (i = 0; i < eh->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD)
			stop = MAX(stop, ph[i].p_vaddr + ph[i].p_memsz);
	/* one that makes no sense is refused with its segments */
	if (stop >= VM_PIE_MAX_ADDR - VM_PIE_MIN_ADDR - PAGE_SIZE)
		return 0;
	return uvm_map_pie(stop);
}

/*
 * What a position independent image must be told to relocate itself.  As in
 * release 6.6 others get no auxiliary vector.
 */
void
elf_set_args(struct exec_package *epp, Elf64_Ehdr *eh, Elf64_Phdr *ph,
    vaddr_t base)
{
	struct elf_args *ap = &epp->ep_args;
	int i;

	if (eh->e_type != ET_DYN)
		return;
	ap->arg_entry = base + eh->e_entry;
	ap->arg_base = base;
	ap->arg_phentsize = eh->e_phentsize;
	ap->arg_phnum = eh->e_phnum;
	for (i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_PHDR ||
		    (ph[i].p_type == PT_LOAD && ph[i].p_offset == 0)) {
			ap->arg_phaddr = base + ph[i].p_vaddr;
			if (ph[i].p_type == PT_PHDR)
				return;
			ap->arg_phaddr += eh->e_phoff;
		}
	}
}

/*
 * Write the auxiliary vector to the new stack.
 */
int
exec_elf_fixup(struct proc *p, struct exec_package *epp)
{
	struct elf_args *ap = &epp->ep_args;
	AuxInfo ai[ELF_AUX_ENTRIES];
	AuxInfo *a = ai;

	if (ap->arg_entry == 0)
		return 0;
	memset(ai, 0, sizeof(ai));
	a->au_id = AUX_phdr;
	a++->au_v = ap->arg_phaddr;
	a->au_id = AUX_phent;
	a++->au_v = ap->arg_phentsize;
	a->au_id = AUX_phnum;
	a++->au_v = ap->arg_phnum;
	a->au_id = AUX_pagesz;
	a++->au_v = PAGE_SIZE;
	a->au_id = AUX_base;
	a++->au_v = ap->arg_base;
	a->au_id = AUX_flags;
	a++->au_v = 0;
	a->au_id = AUX_entry;
	a++->au_v = ap->arg_entry;
	a->au_id = AUX_null;
	return copyout(ai, epp->ep_auxinfo, sizeof(ai));
}

int
exec_elf_makecmds(struct proc *p, struct exec_package *epp)
{
	Elf64_Ehdr *eh = epp->ep_hdr;
	Elf64_Phdr *ph;
	vaddr_t daddr = 0, dend = 0, taddr = 0, tend = 0, stop = 0, base, addr;
	int error, i;

	error = elf_check_header(eh, epp->ep_hdrvalid);
	if (error != 0)
		return error;
	ph = (Elf64_Phdr *)((caddr_t)epp->ep_hdr + eh->e_phoff);
	base = elf_choose_base(eh, ph);
	elf_set_args(epp, eh, ph, base);
	for (i = 0; i < eh->e_phnum; i++, ph++) {
		if (ph->p_type == PT_INTERP)
			error = ENOEXEC;	/* no dynamic linking */
		if (ph->p_type == PT_OPENBSD_WXNEEDED)
			epp->ep_flags |= EXEC_WXNEEDED;
		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		if (error == 0)
			error = elf_load_psection(epp, ph, base);
		if (error != 0)
			break;
		addr = base + ph->p_vaddr;
		stop = MAX(stop, addr + ph->p_memsz);
		if (ph->p_flags & PF_X) {
			if (tend == 0)
				taddr = addr;
			tend = MAX(tend, addr + ph->p_memsz);
		} else if (ph->p_flags & PF_W) {
			if (dend == 0)
				daddr = addr;
			dend = MAX(dend, addr + ph->p_memsz);
		}
	}
	if (error == 0 && tend == 0)
		error = ENOEXEC;
	if (error != 0) {
		kill_vmcmds(&epp->ep_vmcmds);
		return error;
	}
	if (dend == 0)		/* no data: the heap begins behind the rest */
		daddr = dend = round_page(stop);
	epp->ep_taddr = trunc_page(taddr);
	epp->ep_tsize = tend - epp->ep_taddr;
	epp->ep_daddr = trunc_page(daddr);
	epp->ep_dsize = round_page(dend) - epp->ep_daddr;
	epp->ep_entry = base + eh->e_entry;
	return exec_setup_stack(p, epp);
}
