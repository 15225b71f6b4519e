/* SPDX-License-Identifier: ISC */
#ifndef _SH_H_
#define _SH_H_

/*
 * A shell in the family of Bourne's and Korn's.  How a line becomes a
 * process:
 *	main.c	 reads commands and keeps going
 *	lex.c	 characters to tokens;  syn.c  tokens to a tree of struct op
 *	exec.c	 walks the tree;  eval.c, subst.c, arith.c  expand its words
 *	jobs.c	 forks, puts processes in groups, waits;  jobtable.c  keeps them
 */

#include <sys/types.h>
#include <signal.h>
#include <stddef.h>

#ifndef __dead
#define __dead		__attribute__((__noreturn__))
#endif
#ifndef __printflike
#define __printflike(f, a)	__attribute__((__format__(__printf__, f, a)))
#endif

/* area.c: memory that is given back in the order it was taken. */
struct area_mark {
	void	*chunk;
	size_t	 used;
};

void		*alloc(size_t);			/* until the mark is released */
char		*str_save(const char *);
char		*str_nsave(const char *, size_t);
struct area_mark area_mark(void);
void		 area_release(struct area_mark);
void		*xmalloc(size_t);		/* until free() */
char		*xstrdup(const char *);

/* A string that grows; lives on the heap. */
struct xstring {
	char	*buf;			/* NUL terminated once used */
	size_t	 len;
	size_t	 room;
};

void	 xputc(struct xstring *, int);
void	 xputs(struct xstring *, const char *);
void	 xnputs(struct xstring *, const char *, size_t);
char	*xdone(struct xstring *);	/* copy in the area, and free */
void	 xfree(struct xstring *);

/* A list of pointers that grows; lives in the area. */
struct xptrv {
	char	**v;			/* NULL at the end */
	size_t	  n;
	size_t	  room;
};

void	 xpput(struct xptrv *, char *);

/* Where commands come from. */
enum source_type { SSTRING, SFILE, STTY };

struct source {
	enum source_type  type;
	const char	 *str;		/* next character of the text at hand */
	const char	 *end;		/* of it, unless SSTRING */
	int		  fd;		/* SFILE, STTY */
	int		  bytewise;	/* children may read from it as well */
	int		  eof;
	int		  line;		/* number of the current line */
	const char	 *name;		/* for messages, NULL: none */
	struct xstring	  text;		/* what was read of the file */
};

/* Redirections. */
enum io_type { IOREAD, IOWRITE, IOCAT, IORDWR, IODUP, IOHERE };

struct ioword {
	int		 unit;		/* descriptor */
	enum io_type	 type;
	int		 clobber;	/* >| */
	int		 quoted;	/* IOHERE: the text is not expanded */
	int		 strip_tabs;	/* IOHERE: <<- */
	char		*name;		/* file, descriptor or delimiter */
	char		*text;		/* IOHERE: the document */
	struct ioword	*next;		/* of the same command */
	struct ioword	*next_heredoc;	/* documents of the same line */
};

/* A command as a tree. */
enum op_type {
	TCOM,		/* simple: vars, args, redirections */
	TEXEC,		/* expanded: program str with args and vars */
	TPAREN,		/* ( left ) */
	TBRACE,		/* { left } */
	TPIPE,		/* left | right */
	TLIST,		/* left ; right */
	TAND,		/* left && right */
	TOR,		/* left || right */
	TBANG,		/* ! left */
	TASYNC,		/* left & */
	TFOR,		/* for str in args; do left */
	TWHILE,		/* while left; do right */
	TUNTIL,		/* until left; do right */
	TIF,		/* if cond; then left; else right */
	TCASE,		/* case str in cases */
	TFUNCT,		/* str () left */
};

struct caseitem {
	char		**patterns;
	struct op	 *body;		/* or NULL */
	struct caseitem	 *next;
};

struct op {
	enum op_type	 type;
	char		**args;		/* words, NULL at the end */
	char		**vars;		/* assignments in front of them */
	char		*str;
	struct op	*cond;
	struct op	*left;
	struct op	*right;
	struct caseitem	*cases;
	struct ioword	*ioact;
	int		 line;
};

/* lex.c */
enum token_value {
	WORD = 256, LOGAND, LOGOR, BREAK, DLESS, DLESSDASH, DGREAT, CLOBBER,
	LESSAND, GREATAND, LESSGREAT, REDIR_NUMBER, END,
};

extern struct lex_state lexer;
extern int	 token;			/* the token at hand */
extern char	*token_text;		/* its text */

/* What must be kept while another source is read. */
struct lex_state {
	struct source	*source;
	int		 unread;	/* the token is to be given again */
	struct xstring	 capture;	/* text read inside of $( ) */
	int		 capturing;	/* how many of them are open */
	struct ioword	*heredocs;	/* documents still to be read */
	int		 started;	/* a prompt would be the second one */
	int		 running;	/* line of the command that runs, or 0 */
};

void	 lex_push(struct source *, struct lex_state *);
void	 lex_pop(const struct lex_state *);
void	 lex_reset(void);
int	 next_token(void);		/* read one */
void	 unread_token(void);		/* next_token() gives it again */
void	 queue_heredoc(struct ioword *);
int	 getsc(void);			/* a character of the source, or 0 */
void	 ungetsc(int);

/* syn.c */
struct op *compile(struct source *, int *);
struct op *compile_paren(void);
__dead void	syntax_error(const char *);

/* tree.c */
void	 tree_print(struct xstring *, const struct op *);
struct op *tree_copy(const struct op *);
void	 tree_free(struct op *);

/* eval.c */
#define DOSPLIT		0x1		/* split in fields */
#define DOGLOB		0x2		/* file name patterns */
#define DOPATTERN	0x4		/* keep quoting as backslashes */
#define DOTILDE		0x8		/* ~ in front */

char	**eval(char *const *, int);
char	 *eval_string(const char *, int);
char	 *eval_heredoc(const char *);

struct expansion {
	struct xstring	 field;		/* the field being made */
	int		 have_field;	/* it is there even if empty */
	int		 flags;		/* DO* */
	int		 split_text;	/* text as it stands is split as well */
	struct xptrv	 fields;	/* the ones that are done */
};

void	 emit(struct expansion *, int, int);
void	 emit_value(struct expansion *, const char *, int);
void	 end_field(struct expansion *);
const char *expand_until(struct expansion *, const char *, int, int);

/* subst.c */
const char *expand_dollar(struct expansion *, const char *, int);
const char *expand_backquote(struct expansion *, const char *, int);

/* glob.c */
void	 glob(struct xptrv *, const char *);
int	 has_glob(const char *);
char	*unescape(char *);

/* arith.c */
long long arith(const char *);

/* var.c */
#define EXPORT		0x1
#define READONLY	0x2

struct var {
	char		*name;
	char		*value;		/* NULL: not set */
	int		 flags;
	struct var	*next;
};

struct params {
	char	**argv;			/* $1 and on, NULL at the end */
	int	  argc;
};

extern struct params params;
extern const char *script_name;		/* $0 */

void	 var_init(char **);
const char *var_get(const char *);
void	 var_set(const char *, const char *, int);
void	 var_unset(const char *);
void	 var_assign(const char *, int);	/* "name=value", value as it is */
void	 var_print(int);
char	**var_environment(void);
int	 is_name(const char *, size_t);
size_t	 assignment_name(const char *);
const char *special_param(int);
struct op *function_get(const char *);
void	 function_set(const char *, const struct op *);
void	 function_unset(const char *);

/* Variables put aside for the time of one command. */
struct saved_var {
	char			*name;
	char			*value;
	int			 flags;
	struct saved_var	*next;
};

struct saved_var *var_save(const char *, struct saved_var *);
void	 var_restore(struct saved_var *);

/* exec.c */
#define XEXEC		0x01		/* nothing follows: do not fork */
#define XFORK		0x02		/* in a child of its own */
#define XBGND		0x04		/* in the background */
#define XPIPEI		0x08		/* has a pipe as input */
#define XPIPEO		0x10		/* has a pipe as output */
#define XERROK		0x20		/* its failure does not end set -e */

enum unwind { UNWIND_NONE, UNWIND_BREAK, UNWIND_CONTINUE, UNWIND_RETURN };

extern enum unwind unwinding;		/* leaving loops or a function */
extern int	 unwind_levels;		/* loops still to leave */
extern int	 loop_depth;
extern int	 function_depth;
extern int	 substitution_status;	/* of the last $( ) of a command */
extern int	 exstat;		/* $? */

int	 execute(struct op *, int);
int	 run_string(const char *, const char *);
int	 run_source(struct source *);
char	*find_command(const char *, int *);
__dead void	exec_program(char *, char **, const char *);

/* io.c */
struct saved_fd {
	int		 unit;		/* descriptor that was replaced */
	int		 copy;		/* where it is kept, -1: was closed */
	struct saved_fd	*next;
};

extern struct saved_fd *saved_fds;	/* newest first */

int	 redirect(const struct ioword *, int);
void	 restore_fds(struct saved_fd *);
int	 move_high(int);
void	 warningf(const char *, ...) __printflike(1, 2);
__dead void	errorf(const char *, ...) __printflike(1, 2);
void	 bi_errorf(const char *, ...) __printflike(1, 2);
void	 shf_flush(void);

/* jobs.c */
void	 j_init(void);
int	 exchild(struct op *, int, int, int, int);
int	 j_waitall(void);
int	 j_waitpid(pid_t);
void	 j_notify(void);
void	 j_print_jobs(void);
int	 j_resume(const char *, int);
pid_t	 j_async(void);
int	 is_job_control(void);
int	 capture_output(struct op *, struct xstring *);

/* builtins */
struct builtin {
	const char	*name;
	int		(*func)(char **);
	int		 special;	/* assignments in front of it stay */
};

const struct builtin *builtin_get(const char *);
extern const char *builtin_name;	/* the one that runs, for messages */
int	 c_test(char **);
int	 c_bracket(char **);
int	 c_ulimit(char **);
int	 c_umask(char **);
int	 c_kill(char **);
int	 signal_number(const char *);
int	 c_times(char **);
int	 c_cd(char **);
int	 c_pwd(char **);
int	 c_read(char **);
int	 c_set(char **);
int	 c_exec(char **);

/* trap.c */
extern volatile sig_atomic_t interrupted;

void	 trap_init(void);
void	 trap_child(void);
void	 trap_check(void);
void	 trap_exit(void);
ssize_t	 read_interruptible(int, void *, size_t);
int	 c_trap(char **);

/* main.c */
extern int	 f_interactive;		/* -i */
extern int	 f_errexit;		/* -e */
extern int	 f_xtrace;		/* -x */
extern int	 f_nounset;		/* -u */
extern int	 f_noglob;		/* -f */
extern int	 f_noexec;		/* -n */
extern int	 f_allexport;		/* -a */
extern int	 f_noclobber;		/* -C */
extern int	 f_monitor;		/* -m: job control */
extern int	 in_child;		/* a subshell */
extern pid_t	 shell_pid;		/* $$ */

__dead void	quit(int);
__dead void	unwind_to_top(void);
int	 option_set(int, int);
void	 option_letters(char *, size_t);

#endif /* _SH_H_ */
