/* SPDX-License-Identifier: ISC */
#ifndef _SYS_ACCT_H_
#define _SYS_ACCT_H_

/* Bits of ps_acflag. */
#define AFORK	0x01	/* forked, but has not executed */
#define ASU	0x02	/* obsolete */
#define AMAP	0x04	/* violated the stack or text rules */
#define ACORE	0x08	/* dumped core */
#define AXSIG	0x10	/* killed by a signal */
#define APLEDGE	0x20	/* killed by a pledge violation */
#define ATRAP	0x40	/* killed by a memory access violation */
#define AUNVEIL	0x80	/* met an unveil violation */

#endif /* _SYS_ACCT_H_ */
