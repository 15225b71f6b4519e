/* SPDX-License-Identifier: ISC */
#ifndef _STDIO_H_
#define _STDIO_H_

#include <sys/types.h>
#include <sys/unistd.h>
#include <stdarg.h>

#define EOF		(-1)
#define BUFSIZ		1024
#define FILENAME_MAX	1024

#define _IOFBF		0	/* setvbuf: write when the buffer is full */
#define _IOLBF		1	/* and after each line */
#define _IONBF		2	/* at once */

typedef struct __sFILE FILE;

extern FILE __stdin, __stdout, __stderr;
#define stdin	(&__stdin)
#define stdout	(&__stdout)
#define stderr	(&__stderr)

FILE	*fopen(const char *, const char *);
FILE	*fdopen(int, const char *);
int	 fclose(FILE *);
int	 fflush(FILE *);
int	 fileno(FILE *);
int	 feof(FILE *);
int	 ferror(FILE *);
void	 clearerr(FILE *);
int	 setvbuf(FILE *, char *, int, size_t);
void	 setlinebuf(FILE *);
int	 fseek(FILE *, long, int);
long	 ftell(FILE *);
void	 rewind(FILE *);

int	 fgetc(FILE *);
int	 getc(FILE *);
int	 getchar(void);
int	 ungetc(int, FILE *);
char	*fgets(char *, int, FILE *);
size_t	 fread(void *, size_t, size_t, FILE *);
ssize_t	 getdelim(char **, size_t *, int, FILE *);
ssize_t	 getline(char **, size_t *, FILE *);

int	 fputc(int, FILE *);
int	 putc(int, FILE *);
int	 putchar(int);
int	 fputs(const char *, FILE *);
int	 puts(const char *);
size_t	 fwrite(const void *, size_t, size_t, FILE *);

/*
 * The printf family knows d i u o x X c s p % with the flags - + space # 0,
 * width, precision (both may be *) and hh h l ll j z t.  There are
 * no floating point conversions.
 */
int	 printf(const char *, ...) __printflike(1, 2);
int	 fprintf(FILE *, const char *, ...) __printflike(2, 3);
int	 dprintf(int, const char *, ...) __printflike(2, 3);
int	 snprintf(char *, size_t, const char *, ...) __printflike(3, 4);
int	 asprintf(char **, const char *, ...) __printflike(2, 3);
int	 vprintf(const char *, va_list) __printflike(1, 0);
int	 vfprintf(FILE *, const char *, va_list) __printflike(2, 0);
int	 vdprintf(int, const char *, va_list) __printflike(2, 0);
int	 vsnprintf(char *, size_t, const char *, va_list) __printflike(3, 0);
int	 vasprintf(char **, const char *, va_list) __printflike(2, 0);
void	 perror(const char *);

int	 remove(const char *);
int	 rename(const char *, const char *);

#endif /* _STDIO_H_ */
