/* SPDX-License-Identifier: ISC */
/*
 * sysctl [-n] [name[=value] ...]: show or set variables of the kernel; all of
 * them without a name.
 */
#include <sys/types.h>
#include <sys/sysctl.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ddb/db_var.h>

/* What a variable holds. */
enum type { TYPE_INT, TYPE_QUAD, TYPE_STRING };

struct variable {
	const char *name;		/* as it is typed */
	int	mib[2];			/* as the kernel knows it */
	enum type type;			/* its value */
};

static const struct variable variables[] = {
	{ "kern.ostype",	{ CTL_KERN, KERN_OSTYPE },	TYPE_STRING },
	{ "kern.osrelease",	{ CTL_KERN, KERN_OSRELEASE },	TYPE_STRING },
	{ "kern.osrevision",	{ CTL_KERN, KERN_OSREV },	TYPE_INT },
	{ "kern.version",	{ CTL_KERN, KERN_VERSION },	TYPE_STRING },
	{ "kern.maxproc",	{ CTL_KERN, KERN_MAXPROC },	TYPE_INT },
	{ "kern.argmax",	{ CTL_KERN, KERN_ARGMAX },	TYPE_INT },
	{ "kern.hostname",	{ CTL_KERN, KERN_HOSTNAME },	TYPE_STRING },
	{ "kern.maxthread",	{ CTL_KERN, KERN_MAXTHREAD },	TYPE_INT },
	{ "kern.nthreads",	{ CTL_KERN, KERN_NTHREADS },	TYPE_INT },
	{ "kern.osversion",	{ CTL_KERN, KERN_OSVERSION },	TYPE_STRING },
	{ "kern.nprocs",	{ CTL_KERN, KERN_NPROCS },	TYPE_INT },
	{ "kern.global_ptrace",	{ CTL_KERN, KERN_GLOBAL_PTRACE }, TYPE_INT },
	{ "hw.machine",		{ CTL_HW, HW_MACHINE },		TYPE_STRING },
	{ "hw.model",		{ CTL_HW, HW_MODEL },		TYPE_STRING },
	{ "hw.ncpu",		{ CTL_HW, HW_NCPU },		TYPE_INT },
	{ "hw.pagesize",	{ CTL_HW, HW_PAGESIZE },	TYPE_INT },
	{ "hw.physmem",		{ CTL_HW, HW_PHYSMEM64 },	TYPE_QUAD },
	{ "hw.usermem",		{ CTL_HW, HW_USERMEM64 },	TYPE_QUAD },
	{ "ddb.radix",		{ CTL_DDB, DBCTL_RADIX },	TYPE_INT },
	{ "ddb.panic",		{ CTL_DDB, DBCTL_PANIC },	TYPE_INT },
	{ "ddb.console",	{ CTL_DDB, DBCTL_CONSOLE },	TYPE_INT },
	{ "ddb.trigger",	{ CTL_DDB, DBCTL_TRIGGER },	TYPE_INT },
};

#define NVARIABLES	(sizeof(variables) / sizeof(variables[0]))
#define VALUE_SIZE	256	/* bytes of a value, at most */

static int nflag;		/* print values alone */

static const struct variable *
find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < NVARIABLES; i++)
		if (strlen(variables[i].name) == len &&
		    strncmp(variables[i].name, name, len) == 0)
			return &variables[i];
	return NULL;
}

/*
 * The value as text; returns -1 if the kernel does not give it.
 */
static int
value(const struct variable *vp, char *text)
{
	int64_t quad;
	int number;
	size_t size;

	switch (vp->type) {
	case TYPE_INT:
		size = sizeof(number);
		if (sysctl(vp->mib, 2, &number, &size, NULL, 0) == -1)
			return -1;
		snprintf(text, VALUE_SIZE, "%d", number);
		return 0;
	case TYPE_QUAD:
		size = sizeof(quad);
		if (sysctl(vp->mib, 2, &quad, &size, NULL, 0) == -1)
			return -1;
		snprintf(text, VALUE_SIZE, "%lld", (long long)quad);
		return 0;
	default:
		size = VALUE_SIZE;
		if (sysctl(vp->mib, 2, text, &size, NULL, 0) == -1)
			return -1;
		text[strcspn(text, "\n")] = '\0';
		return 0;
	}
}

static int
show(const struct variable *vp)
{
	char text[VALUE_SIZE];

	if (value(vp, text) == -1) {
		warn("%s", vp->name);
		return 1;
	}
	if (nflag)
		printf("%s\n", text);
	else
		printf("%s=%s\n", vp->name, text);
	return 0;
}

static int
set(const struct variable *vp, const char *text)
{
	char before[VALUE_SIZE], after[VALUE_SIZE];
	const char *errstr = NULL;
	int64_t quad;
	int number, error;

	if (value(vp, before) == -1) {
		warn("%s", vp->name);
		return 1;
	}
	if (vp->type == TYPE_STRING)
		error = sysctl(vp->mib, 2, NULL, NULL, (void *)text,
		    strlen(text));
	else {
		quad = strtonum(text, INT32_MIN, INT32_MAX, &errstr);
		if (errstr != NULL) {
			warnx("%s: %s is %s", vp->name, text, errstr);
			return 1;
		}
		number = (int)quad;
		error = vp->type == TYPE_INT ?
		    sysctl(vp->mib, 2, NULL, NULL, &number, sizeof(number)) :
		    sysctl(vp->mib, 2, NULL, NULL, &quad, sizeof(quad));
	}
	if (error == -1 || value(vp, after) == -1) {
		warn("%s", vp->name);
		return 1;
	}
	if (!nflag)
		printf("%s: %s -> %s\n", vp->name, before, after);
	return 0;
}

int
main(int argc, char *argv[])
{
	const struct variable *vp;
	const char *equals;
	size_t len, i;
	int ch, status = 0;

	while ((ch = getopt(argc, argv, "n")) != -1) {
		if (ch != 'n') {
			fprintf(stderr, "usage: sysctl [-n] [name[=value] ...]\n");
			return 1;
		}
		nflag = 1;
	}
	argc -= optind;
	argv += optind;
	if (argc == 0)
		for (i = 0; i < NVARIABLES; i++)
			status |= show(&variables[i]);
	for (; *argv != NULL; argv++) {
		equals = strchr(*argv, '=');
		len = equals != NULL ? (size_t)(equals - *argv) : strlen(*argv);
		vp = find(*argv, len);
		if (vp == NULL) {
			warnx("%.*s: no such variable", (int)len, *argv);
			status = 1;
		} else if (equals != NULL)
			status |= set(vp, equals + 1);
		else
			status |= show(vp);
	}
	return status;
}
