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

#endif /* _SYS_UNISTD_H_ */
