/* SPDX-License-Identifier: ISC */
#ifndef _DDB_DB_OUTPUT_H_
#define _DDB_DB_OUTPUT_H_

int	db_printf(const char *, ...);

#endif /* _DDB_DB_OUTPUT_H_ */
