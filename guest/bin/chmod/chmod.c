/* SPDX-License-Identifier: ISC */
#include <sys/stat.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static mode_t mask;			/* the umask: what "+x" leaves alone */

static mode_t
who_bits(char c)
{
	switch (c) {
	case 'u':
		return S_ISUID | S_IRWXU;
	case 'g':
		return S_ISGID | S_IRWXG;
	case 'o':
		return S_ISVTX | S_IRWXO;
	case 'a':
		return ALLPERMS;
	default:
		return 0;
	}
}

static mode_t
permission_bits(char c, mode_t old)
{
	switch (c) {
	case 'r':
		return S_IRUSR | S_IRGRP | S_IROTH;
	case 'w':
		return S_IWUSR | S_IWGRP | S_IWOTH;
	case 'x':
		return S_IXUSR | S_IXGRP | S_IXOTH;
	case 'X':
		return S_ISDIR(old) || (old & (S_IXUSR | S_IXGRP | S_IXOTH)) ?
		    S_IXUSR | S_IXGRP | S_IXOTH : 0;
	case 's':
		return S_ISUID | S_ISGID;
	case 't':
		return S_ISVTX;
	default:
		return 0;
	}
}

/* Apply "u+x,go-w" or an octal number; -1 if it is neither. */
static int
apply(const char *spec, mode_t old, mode_t *new)
{
	mode_t who, bits;
	char *end, op;
	long n;

	n = strtol(spec, &end, 8);
	if (end != spec) {
		*new = n;
		return *end == '\0' && n >= 0 && n <= ALLPERMS ? 0 : -1;
	}
	*new = old & ALLPERMS;
	for (;; spec++) {
		for (who = 0; who_bits(*spec) != 0; spec++)
			who |= who_bits(*spec);
		if (who == 0)
			who = ALLPERMS & ~mask;
		if (*spec != '+' && *spec != '-' && *spec != '=')
			return -1;
		while (*spec == '+' || *spec == '-' || *spec == '=') {
			op = *spec++;
			for (bits = 0; *spec != '\0' && strchr("rwxXst",
			    *spec) != NULL; spec++)
				bits |= permission_bits(*spec, old);
			if (op == '=')
				*new &= ~(who & ACCESSPERMS);
			if (op == '-')
				*new &= ~(bits & who);
			else
				*new |= bits & who;
		}
		if (*spec != ',')
			return *spec == '\0' ? 0 : -1;
	}
}

int
main(int argc, char *argv[])
{
	struct stat st;
	int i, status = 0;
	mode_t mode;

	if (argc < 3) {
		fprintf(stderr, "usage: chmod mode file ...\n");
		return 1;
	}
	mask = umask(0);
	umask(mask);
	for (i = 2; i < argc; i++) {
		if (stat(argv[i], &st) == -1) {
			warn("%s", argv[i]);
			status = 1;
			continue;
		}
		if (apply(argv[1], st.st_mode, &mode) == -1)
			errx(1, "invalid file mode: %s", argv[1]);
		if (chmod(argv[i], mode) == -1) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
