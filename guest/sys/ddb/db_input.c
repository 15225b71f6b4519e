/* SPDX-License-Identifier: ISC */
/*
 * A line from the console, by polling.
 */
#include <sys/param.h>
#include <sys/systm.h>
#include <dev/cons.h>
#include <ddb/db_lex.h>
#include <ddb/db_output.h>

#define CTRL(c)		((c) & 0x1f)
#define DELETE		0x7f

void	db_erase(int);

/*
 * Take so many characters off the screen.
 */
void
db_erase(int count)
{
	while (count-- > 0)
		db_printf("\b \b");
}

/*
 * Read a line with its '\n' into lstart; returns its length.  Backspace and
 * DEL erase a character, ^U the line, ^C gives it up, ^R shows it again.
 */
int
db_readline(char *lstart, int lsize)
{
	int c, n = 0;

	for (;;) {
		c = cngetc();
		switch (c) {
		case '\b':
		case DELETE:
			if (n > 0) {
				n--;
				db_erase(1);
			}
			break;
		case CTRL('u'):
			db_erase(n);
			n = 0;
			break;
		case CTRL('c'):
			n = 0;
			db_printf("^C");
			/* FALLTHROUGH */
		case '\n':
		case '\r':
			db_printf("\n");
			lstart[n++] = '\n';
			lstart[n] = '\0';
			return n;
		case CTRL('r'):
			db_printf("^R\n%.*s", n, lstart);
			break;
		default:
			if (c < ' ' || c > '~' || n == lsize - 2)
				db_printf("\a");
			else {
				lstart[n++] = c;
				db_printf("%c", c);
			}
		}
	}
}
