/* SPDX-License-Identifier: ISC */
#ifndef _SYS_EXEC_H_
#define _SYS_EXEC_H_

#include <sys/types.h>

/* At the top of every user stack: where ps(1) finds the arguments. */
struct ps_strings {
	char	**ps_argvstr;		/* first argument pointer */
	int	ps_nargvstr;		/* number of arguments */
	char	**ps_envstr;		/* first environment pointer */
	int	ps_nenvstr;		/* number of environment strings */
};

#ifdef _KERNEL
struct proc;
struct vnode;
struct vattr;
struct nameidata;
struct ucred;
struct exec_package;
struct process;
struct emul;

/* One step of building the new address space. */
struct exec_vmcmd {
	int	(*ev_proc)(struct proc *, struct exec_vmcmd *);	/* does it */
	u_long	ev_len;			/* bytes of memory */
	u_long	ev_addr;		/* user address */
	struct	vnode *ev_vp;		/* file to read, or NULL */
	u_long	ev_offset;		/* offset in the file */
	u_int	ev_prot;		/* protection */
	int	ev_flags;		/* VMCMD_* */
};
#define VMCMD_STACK	0x0008	/* the memory may hold a stack */

#define EXEC_DEFAULT_VMCMD_SETSIZE	9	/* steps that fit at first */

struct exec_vmcmd_set {
	u_int	evs_cnt;		/* slots */
	u_int	evs_used;		/* steps */
	struct	exec_vmcmd *evs_cmds;	/* the steps */
	struct	exec_vmcmd evs_start[EXEC_DEFAULT_VMCMD_SETSIZE]; /* first */
};

/* What the auxiliary vector says of an image. */
struct elf_args {
	u_long	arg_entry;		/* entry point, 0: no vector */
	u_long	arg_phaddr;		/* program headers in memory */
	u_long	arg_phentsize;		/* bytes of one */
	u_long	arg_phnum;		/* how many */
	u_long	arg_base;		/* load address */
};

/* What execve() learns about the image before it commits. */
struct exec_package {
	char	*ep_name;		/* user's path */
	void	*ep_hdr;		/* file header */
	u_int	ep_hdrlen;		/* bytes the buffer can take */
	u_int	ep_hdrvalid;		/* bytes that are in it */
	struct nameidata *ep_ndp;	/* look-up of the file */
	struct	exec_vmcmd_set ep_vmcmds; /* steps to build it */
	struct	vnode *ep_vp;		/* the file */
	struct	emul *ep_emul;		/* its emulation */
	u_long	ep_taddr;		/* text address */
	u_long	ep_tsize;		/* text bytes */
	u_long	ep_daddr;		/* data address */
	u_long	ep_dsize;		/* data bytes */
	u_long	ep_maxsaddr;		/* lowest stack address */
	u_long	ep_minsaddr;		/* highest stack address */
	u_long	ep_ssize;		/* bytes of stack mapped at first */
	u_long	ep_entry;		/* entry point */
	u_int	ep_flags;		/* EXEC_* */
	struct	elf_args ep_args;	/* for the auxiliary vector */
	void	*ep_auxinfo;		/* its place on the new stack */
	char	*ep_fa_name;		/* name the interpreter was given */
	char	*ep_fa_arg;		/* argument of the interpreter */
	char	*ep_fa_script;		/* path of the script */
};
#define EXEC_INDIR	0x0001	/* a script: the interpreter's image */
#define EXEC_HASFD	0x0002	/* unused */
#define EXEC_HASARGL	0x0004	/* unused */
#define EXEC_SKIPARG	0x0008	/* drop argv[0], the script's was made */
#define EXEC_DESTR	0x0010	/* the old image is gone */
#define EXEC_WXNEEDED	0x0020	/* wants write and execute maps */

/* One kind of image. */
struct execsw {
	u_int	es_hdrsz;		/* bytes of header needed */
	int	(*es_check)(struct proc *, struct exec_package *); /* is it? */
	struct	emul *es_emul;		/* its emulation */
};

extern struct execsw execsw[];
extern int nexecs;
extern int exec_maxhdrsz;
extern struct emul emul_native;

int	check_exec(struct proc *, struct exec_package *);
int	exec_script_makecmds(struct proc *, struct exec_package *);
int	exec_script_args(struct exec_package *, char *, size_t *, long *);
void	exec_script_free(struct exec_package *);
int	exec_elf_makecmds(struct proc *, struct exec_package *);
int	exec_elf_fixup(struct proc *, struct exec_package *);
int	exec_setup_stack(struct proc *, struct exec_package *);
void	new_vmcmd(struct exec_vmcmd_set *,
	    int (*)(struct proc *, struct exec_vmcmd *), u_long, u_long,
	    struct vnode *, u_long, u_int, int);
void	kill_vmcmds(struct exec_vmcmd_set *);
int	exec_process_vmcmds(struct proc *, struct exec_package *);
int	vmcmd_map_readvn(struct proc *, struct exec_vmcmd *);
int	vmcmd_map_zero(struct proc *, struct exec_vmcmd *);
void	*copyargs(struct exec_package *, void *, void *, void *);
void	setregs(struct proc *, struct exec_package *, u_long, register_t *);
int	exec_sigcode_map(struct process *, struct emul *);
void	init_exec(void);
#endif /* _KERNEL */

#endif /* _SYS_EXEC_H_ */
