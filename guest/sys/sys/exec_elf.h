/* SPDX-License-Identifier: ISC */
#ifndef _SYS_EXEC_ELF_H_
#define _SYS_EXEC_ELF_H_

#include <sys/types.h>

/* ELF64, as the System V ABI defines it. */

#define EI_NIDENT	16
#define ELFMAG		"\177ELF"	/* first bytes of e_ident */
#define SELFMAG		4
#define EI_CLASS	4		/* index: word size */
#define EI_DATA		5		/* index: byte order */
#define EI_VERSION	6		/* index: version */
#define ELFCLASS64	2
#define ELFDATA2LSB	1
#define EV_CURRENT	1
#define ET_EXEC		2		/* executable at fixed addresses */
#define EM_AMD64	62
#define PT_LOAD		1		/* segment to be loaded */
#define PT_INTERP	3		/* wants a dynamic linker */
#define PF_X		1
#define PF_W		2
#define PF_R		4

typedef struct {
	u_char		e_ident[EI_NIDENT];	/* magic and class */
	u_int16_t	e_type;			/* ET_* */
	u_int16_t	e_machine;		/* EM_* */
	u_int32_t	e_version;		/* EV_CURRENT */
	u_int64_t	e_entry;		/* entry point */
	u_int64_t	e_phoff;		/* program headers' offset */
	u_int64_t	e_shoff;		/* section headers' offset */
	u_int32_t	e_flags;		/* processor flags */
	u_int16_t	e_ehsize;		/* bytes of this header */
	u_int16_t	e_phentsize;		/* bytes of a program header */
	u_int16_t	e_phnum;		/* program headers */
	u_int16_t	e_shentsize;		/* bytes of a section header */
	u_int16_t	e_shnum;		/* section headers */
	u_int16_t	e_shstrndx;		/* section of their names */
} Elf64_Ehdr;

typedef struct {
	u_int32_t	p_type;			/* PT_* */
	u_int32_t	p_flags;		/* PF_* */
	u_int64_t	p_offset;		/* offset in the file */
	u_int64_t	p_vaddr;		/* address */
	u_int64_t	p_paddr;		/* physical address */
	u_int64_t	p_filesz;		/* bytes in the file */
	u_int64_t	p_memsz;		/* bytes in memory */
	u_int64_t	p_align;		/* alignment */
} Elf64_Phdr;

#endif /* _SYS_EXEC_ELF_H_ */
