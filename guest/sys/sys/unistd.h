/* SPDX-License-Identifier: ISC */
#ifndef _SYS_UNISTD_H_
#define _SYS_UNISTD_H_

/* Constants that both sides of access(2) and lseek(2) need. */
#define F_OK		0	/* does it exist */
#define X_OK		0x01	/* may it be executed or searched */
#define W_OK		0x02	/* may it be written */
#define R_OK		0x04	/* may it be read */

#define SEEK_SET	0	/* offset from the start */
#define SEEK_CUR	1	/* from the current offset */
#define SEEK_END	2	/* from the end */

/* Names for pathconf(2). */
#define _PC_LINK_MAX		1	/* links to one file */
#define _PC_MAX_CANON		2	/* bytes of a line of a terminal */
#define _PC_MAX_INPUT		3	/* bytes of its input queue */
#define _PC_NAME_MAX		4	/* bytes of a name */
#define _PC_PATH_MAX		5	/* bytes of a path */
#define _PC_PIPE_BUF		6	/* bytes of an atomic write */
#define _PC_CHOWN_RESTRICTED	7	/* only root gives files away */
#define _PC_NO_TRUNC		8	/* long names are errors */
#define _PC_VDISABLE		9	/* what disables a terminal character */

#endif /* _SYS_UNISTD_H_ */
