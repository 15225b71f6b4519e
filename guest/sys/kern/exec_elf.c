/* SPDX-License-Identifier: ISC */
/*
 * Static ELF64 executables.
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
int	elf_load_psection(struct exec_package *, Elf64_Phdr *);

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
	if (eh->e_type != ET_EXEC || eh->e_machine != EM_AMD64 ||
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
elf_load_psection(struct exec_package *epp, Elf64_Phdr *ph)
{
	u_int prot = 0;
	vaddr_t fileend, memend;

	if (ph->p_vaddr + ph->p_memsz < ph->p_vaddr ||
	    ph->p_vaddr < VM_MIN_ADDRESS ||
	    ph->p_vaddr + ph->p_memsz > VM_MAXUSER_ADDRESS - MAXSSIZ ||
	    ph->p_filesz > ph->p_memsz)
		return ENOEXEC;
	if (ph->p_flags & PF_R)
		prot |= PROT_READ;
	if (ph->p_flags & PF_W)
		prot |= PROT_WRITE;
	if (ph->p_flags & PF_X)
		prot |= PROT_EXEC;
	fileend = round_page(ph->p_vaddr + ph->p_filesz);
	memend = round_page(ph->p_vaddr + ph->p_memsz);
	if (ph->p_filesz > 0)
		new_vmcmd(&epp->ep_vmcmds, vmcmd_map_readvn, ph->p_filesz,
		    ph->p_vaddr, epp->ep_vp, ph->p_offset, prot, 0);
	else
		fileend = trunc_page(ph->p_vaddr);
	if (memend > fileend)
		new_vmcmd(&epp->ep_vmcmds, vmcmd_map_zero, memend - fileend,
		    fileend, NULL, 0, prot, 0);
	return 0;
}

int
exec_elf_makecmds(struct proc *p, struct exec_package *epp)
{
	Elf64_Ehdr *eh = epp->ep_hdr;
	Elf64_Phdr *ph;
	vaddr_t daddr = 0, dend = 0, taddr = 0, tend = 0, stop = 0;
	int error, i;

	error = elf_check_header(eh, epp->ep_hdrvalid);
	if (error != 0)
		return error;
	ph = (Elf64_Phdr *)((caddr_t)epp->ep_hdr + eh->e_phoff);
	for (i = 0; i < eh->e_phnum; i++, ph++) {
		if (ph->p_type == PT_INTERP)
			error = ENOEXEC;	/* no dynamic linking */
		if (ph->p_type != PT_LOAD || ph->p_memsz == 0)
			continue;
		if (error == 0)
			error = elf_load_psection(epp, ph);
		if (error != 0)
			break;
		stop = MAX(stop, ph->p_vaddr + ph->p_memsz);
		if (ph->p_flags & PF_X) {
			if (tend == 0)
				taddr = ph->p_vaddr;
			tend = MAX(tend, ph->p_vaddr + ph->p_memsz);
		} else if (ph->p_flags & PF_W) {
			if (dend == 0)
				daddr = ph->p_vaddr;
			dend = MAX(dend, ph->p_vaddr + ph->p_memsz);
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
	epp->ep_entry = eh->e_entry;
	return exec_setup_stack(p, epp);
}
