/* SPDX-License-Identifier: ISC */
/*
 * kdump(1): print what ktrace(1) had recorded.
 */
#include <sys/types.h>
#include <sys/ktrace.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../ktrace/ktrace.h"
#include "kdump.h"

/* What the kernel means to itself. */
#define ERESTART	(-1)
#define EJUSTRETURN	(-2)

#define SCREEN_WIDTH	80	/* data is broken there */
#define DATA_INDENT	7	/* in front of data */
#define RECORD_MAX	(1024 * 1024)	/* longer ones are no records */

int	decimal;

static int	maxdata = -1;		/* -m: bytes of data shown */
static int	show_tid, timestamps;	/* -H, -T */

static const char *
call_name(int code)
{
	static char unknown[24];

	if (code >= 0 && code < call_count && call_names[code] != NULL)
		return call_names[code];
	snprintf(unknown, sizeof(unknown), "[%d]", code);
	return unknown;
}

static const char *
signal_name(int sig)
{
	static char name[24];

	if (sig <= 0 || sig >= NSIG) {
		snprintf(name, sizeof(name), "signal %d", sig);
		return name;
	}
	snprintf(name, sizeof(name), "SIG%s", sys_signame[sig]);
	return name;
}

/* Small numbers are easier to read in decimal. */
void
show_number(long number)
{
	if (decimal || (number >= 0 && number <= 9))
		printf("%ld", number);
	else
		printf("%#lx", number);
}

static void
show_syscall(const char *data, size_t len)
{
	struct ktr_syscall ktr;
	long arg;
	int i;

	memcpy(&ktr, data, sizeof(ktr));
	data += sizeof(ktr);
	printf("%s(", call_name(ktr.ktr_code));
	for (i = 0; i < ktr.ktr_argsize / (int)sizeof(arg); i++) {
		memcpy(&arg, data + i * sizeof(arg), sizeof(arg));
		if (i > 0)
			putchar(',');
		show_number(arg);
	}
	printf(")\n");
}

static void
show_sysret(const char *data, size_t len)
{
	struct ktr_sysret ktr;
	long value = 0;

	memcpy(&ktr, data, sizeof(ktr));
	if (len >= sizeof(ktr) + sizeof(value))
		memcpy(&value, data + sizeof(ktr), sizeof(value));
	printf("%s ", call_name(ktr.ktr_code));
	switch (ktr.ktr_error) {
	case 0:
		printf("%ld", value);
		if (!decimal && (value < 0 || value > 9))
			printf("/%#lx", value);
		break;
	case ERESTART:
		printf("RESTART");
		break;
	case EJUSTRETURN:
		printf("JUSTRETURN");
		break;
	default:
		printf("-1 errno %d %s", ktr.ktr_error,
		    strerror(ktr.ktr_error));
		break;
	}
	putchar('\n');
}

/* Bytes as a C string would spell them, in lines that fit. */
void
show_data(const char *data, size_t len)
{
	char spelt[8];
	int column = 0;
	size_t i;

	for (i = 0; i < len && (maxdata < 0 || i < (size_t)maxdata); i++) {
		unsigned char c = data[i];

		if (c == '\n')
			strlcpy(spelt, "\\n", sizeof(spelt));
		else if (c == '\t')
			strlcpy(spelt, "\\t", sizeof(spelt));
		else if (c == '"' || c == '\\')
			snprintf(spelt, sizeof(spelt), "\\%c", c);
		else if (isprint(c))
			snprintf(spelt, sizeof(spelt), "%c", c);
		else
			snprintf(spelt, sizeof(spelt), "\\%03o", c);
		if (column == 0)
			column = printf("%*s", DATA_INDENT,
			    i == 0 ? "\"" : "");
		column += printf("%s", spelt);
		if (c == '\n' || column > SCREEN_WIDTH - DATA_INDENT) {
			if (i + 1 < len)
				putchar('\n');
			column = 0;
		}
	}
	printf("%s\"\n", i < len ? "..." : "");
}

static void
show_genio(const char *data, size_t len)
{
	struct ktr_genio ktr;

	memcpy(&ktr, data, sizeof(ktr));
	len -= sizeof(ktr);
	printf("fd %d %s %zu bytes\n", ktr.ktr_fd,
	    ktr.ktr_rw == KTR_GENIO_READ ? "read" : "wrote", len);
	if (maxdata != 0)
		show_data(data + sizeof(ktr), len);
}

static void
show_psig(const char *data)
{
	struct ktr_psig psig;

	memcpy(&psig, data, sizeof(psig));
	printf("%s ", signal_name(psig.signo));
	if (psig.action == SIG_DFL)
		printf("SIG_DFL");
	else
		printf("caught handler=%p mask=%#x", (void *)psig.action,
		    psig.mask);
	printf(" code=%d", psig.code);
	if (psig.code > 0)
		printf(" addr=%p trapno=%d", psig.si.si_addr,
		    psig.si.si_trapno);
	putchar('\n');
}

/* Each string on a line of its own. */
static void
show_strings(const char *data, size_t len)
{
	size_t at, n = 0;

	putchar('\n');
	for (at = 0; at < len; at += strnlen(data + at, len - at) + 1)
		printf("\t[%zu] = \"%.*s\"\n", n++, (int)(len - at),
		    data + at);
}

static void
show_user(const char *data, size_t len)
{
	struct ktr_user ktr;

	memcpy(&ktr, data, sizeof(ktr));
	len -= sizeof(ktr);
	printf("%.*s: %zu bytes\n", KTR_USER_MAXIDLEN, ktr.ktr_id, len);
	if (len > 0)
		show_data(data + sizeof(ktr), len);
}

static void
show_pledge(const char *data)
{
	struct ktr_pledge pledge;

	memcpy(&pledge, data, sizeof(pledge));
	printf("%s, promise %#llx, errno %d\n", pledge.syscall >= 0 ?
	    call_name(pledge.syscall) : "", (long long)pledge.code,
	    pledge.error);
}

/* The columns in front of each record. */
static void
show_header(const struct ktr_header *header, const char *type)
{
	printf("%6d", header->ktr_pid);
	if (show_tid)
		printf("/%-7d", header->ktr_tid);
	printf(" %-8.*s ", MAXCOMLEN, header->ktr_comm);
	if (timestamps)
		printf("%lld.%06ld ", (long long)header->ktr_time.tv_sec,
		    header->ktr_time.tv_nsec / 1000);
	printf("%-4s  ", type);
}

static void
show_record(const struct ktr_header *header, const char *data)
{
	static const struct {
		size_t least;		/* bytes it has at least */
		const char *name;
	} types[] = {
		[KTR_SYSCALL] = { sizeof(struct ktr_syscall), "CALL" },
		[KTR_SYSRET] = { sizeof(struct ktr_sysret), "RET" },
		[KTR_NAMEI] = { 0, "NAMI" },
		[KTR_GENIO] = { sizeof(struct ktr_genio), "GIO" },
		[KTR_PSIG] = { sizeof(struct ktr_psig), "PSIG" },
		[KTR_STRUCT] = { 1, "STRU" },
		[KTR_USER] = { sizeof(struct ktr_user), "USER" },
		[KTR_EXECARGS] = { 0, "ARGS" },
		[KTR_EXECENV] = { 0, "ENV" },
		[KTR_PLEDGE] = { sizeof(struct ktr_pledge), "PLDG" },
	};
	size_t len = header->ktr_len;
	u_int type = header->ktr_type;

	if (type >= sizeof(types) / sizeof(types[0]) ||
	    types[type].name == NULL || len < types[type].least)
		errx(1, "bogus record: type %u of %zu bytes", type, len);
	show_header(header, types[type].name);
	switch (type) {
	case KTR_SYSCALL:
		show_syscall(data, len);
		break;
	case KTR_SYSRET:
		show_sysret(data, len);
		break;
	case KTR_NAMEI:
		printf("\"%.*s\"\n", (int)len, data);
		break;
	case KTR_GENIO:
		show_genio(data, len);
		break;
	case KTR_PSIG:
		show_psig(data);
		break;
	case KTR_STRUCT:
		show_struct(data, len);
		break;
	case KTR_USER:
		show_user(data, len);
		break;
	case KTR_EXECARGS:
	case KTR_EXECENV:
		show_strings(data, len);
		break;
	case KTR_PLEDGE:
		show_pledge(data);
		break;
	}
}

static void
usage(void)
{
	fprintf(stderr, "usage: kdump [-dHT] [-f file] [-m maxdata] [-p pid] "
	    "[-t trstr]\n");
	exit(1);
}

int
main(int argc, char *argv[])
{
	const char *tracefile = DEF_TRACEFILE;
	struct ktr_header header;
	int facs = ALL_POINTS, ch;
	pid_t pid = 0;
	char *data = NULL;
	size_t size = 0;
	FILE *file;

	while ((ch = getopt(argc, argv, "df:Hm:p:Tt:")) != -1)
		switch (ch) {
		case 'd':
			decimal = 1;
			break;
		case 'f':
			tracefile = optarg;
			break;
		case 'H':
			show_tid = 1;
			break;
		case 'm':
			maxdata = atoi(optarg);
			break;
		case 'p':
			pid = atoi(optarg);
			break;
		case 'T':
			timestamps = 1;
			break;
		case 't':
			facs = getpoints(optarg);
			if (facs == -1)
				errx(1, "unknown letter in %s", optarg);
			break;
		default:
			usage();
		}
	if (optind != argc)
		usage();

	file = fopen(tracefile, "r");
	if (file == NULL)
		err(1, "%s", tracefile);
	if (fread(&header, sizeof(header), 1, file) != 1 ||
	    header.ktr_type != KTR_START)
		errx(1, "%s: not a trace", tracefile);
	while (fread(&header, sizeof(header), 1, file) == 1) {
		if (header.ktr_type == KTR_START)
			continue;
		if (header.ktr_len > RECORD_MAX)
			errx(1, "bogus record: %zu bytes", header.ktr_len);
		/* one more, so that strings end */
		if (header.ktr_len + 1 > size) {
			size = header.ktr_len + 1;
			if ((data = realloc(data, size)) == NULL)
				err(1, NULL);
		}
		if (header.ktr_len > 0 &&
		    fread(data, header.ktr_len, 1, file) != 1)
			errx(1, "%s: data too short", tracefile);
		data[header.ktr_len] = '\0';
		if ((facs & (1 << header.ktr_type)) != 0 &&
		    (pid == 0 || pid == header.ktr_pid))
			show_record(&header, data);
	}
	free(data);
	fclose(file);
	return 0;
}
