/* SPDX-License-Identifier: ISC */
#ifndef _UNISTD_H_
#define _UNISTD_H_

#include <sys/types.h>
#include <sys/unistd.h>

#define STDIN_FILENO	0
#define STDOUT_FILENO	1
#define STDERR_FILENO	2

extern char **environ;

/* Processes. */
pid_t	 fork(void);
pid_t	 vfork(void) __attribute__((__returns_twice__));
__dead void	 _exit(int);
int	 execve(const char *, char *const *, char *const *);
int	 execv(const char *, char *const *);
int	 execvp(const char *, char *const *);
int	 execl(const char *, const char *, ...) __attribute__((__sentinel__));
int	 execlp(const char *, const char *, ...) __attribute__((__sentinel__));
pid_t	 getpid(void);
pid_t	 getppid(void);
pid_t	 getthrid(void);
pid_t	 getpgrp(void);
int	 dup3(int, int, int);
int	 pipe2(int *, int);
pid_t	 getpgid(pid_t);
int	 setpgid(pid_t, pid_t);
pid_t	 setsid(void);
int	 pause(void);
unsigned int	 sleep(unsigned int);
unsigned int	 alarm(unsigned int);
int	 usleep(unsigned int);
int	 nice(int);

/* Ids. */
uid_t	 getuid(void);
uid_t	 geteuid(void);
gid_t	 getgid(void);
gid_t	 getegid(void);
int	 setuid(uid_t);
int	 setgid(gid_t);
int	 issetugid(void);
int	 getgroups(int, gid_t *);
int	 setgroups(int, const gid_t *);

/* Files. */
ssize_t	 read(int, void *, size_t);
ssize_t	 write(int, const void *, size_t);
int	 close(int);
int	 closefrom(int);
int	 getdtablecount(void);
int	 dup(int);
int	 dup2(int, int);
int	 pipe(int *);
off_t	 lseek(int, off_t, int);
int	 access(const char *, int);
int	 chdir(const char *);
int	 fchdir(int);
char	*getcwd(char *, size_t);
int	 link(const char *, const char *);
int	 unlink(const char *);
int	 rmdir(const char *);
int	 symlink(const char *, const char *);
ssize_t	 readlink(const char *, char *, size_t);
int	 chown(const char *, uid_t, gid_t);
int	 truncate(const char *, off_t);
int	 ftruncate(int, off_t);
int	 isatty(int);
void	 sync(void);
int	 getentropy(void *, size_t);

/* Memory: the end of the data segment. */
int	 brk(void *);
void	*sbrk(long);

int	 gethostname(char *, size_t);
int	 getpagesize(void);
int	 reboot(int);
int	 pledge(const char *, const char *);

/* Options. */
extern char	*optarg;
extern int	 optind, opterr, optopt, optreset;
int	 getopt(int, char *const *, const char *);

#endif /* _UNISTD_H_ */
