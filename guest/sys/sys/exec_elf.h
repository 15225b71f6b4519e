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
#define ET_DYN		3		/* position independent */
#define EM_AMD64	62
#define PT_LOAD		1		/* segment to be loaded */
#define PT_INTERP	3		/* wants a dynamic linker */
#define PT_PHDR		6		/* the program headers themselves */
#define PT_OPENBSD_WXNEEDED 0x65a3dbe7	/* needs memory to write and execute */
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

typedef struct {
	u_int32_t	st_name;		/* offset of the name */
	u_int8_t	st_info;		/* STB_* and STT_* */
	u_int8_t	st_other;		/* visibility */
	u_int16_t	st_shndx;		/* its section */
	u_int64_t	st_value;		/* address */
	u_int64_t	st_size;		/* bytes */
} Elf64_Sym;

#define ELF_ST_BIND(info)	((info) >> 4)
#define ELF_ST_TYPE(info)	((info) & 0xf)
#define STB_LOCAL	0		/* binding: known in one file */
#define STT_FUNC	2		/* type: a function */

/* The auxiliary vector, behind the environment on a new stack. */
typedef struct {
	u_int64_t	au_id;			/* AUX_* */
	u_int64_t	au_v;			/* value */
} AuxInfo;

#define AUX_null	0		/* end */
#define AUX_phdr	3		/* address of the program headers */
#define AUX_phent	4		/* bytes of one */
#define AUX_phnum	5		/* how many */
#define AUX_pagesz	6		/* bytes of a page */
#define AUX_base	7		/* load address of the interpreter */
#define AUX_flags	8		/* none */
#define AUX_entry	9		/* entry point of the program */
#define ELF_AUX_ENTRIES	8		/* what the kernel makes, with the end */

#endif /* _SYS_EXEC_ELF_H_ */
