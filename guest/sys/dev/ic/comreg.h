/* SPDX-License-Identifier: ISC */
#ifndef _DEV_IC_COMREG_H_
#define _DEV_IC_COMREG_H_

/* Registers of the 16550A, as offsets from its first port. */
#define com_data	0		/* receive and transmit */
#define com_dlbl	0		/* divisor, low byte (LCR_DLAB) */
#define com_ier		1		/* interrupt enable */
#define com_dlbh	1		/* divisor, high byte (LCR_DLAB) */
#define com_iir		2		/* interrupt identification (read) */
#define com_fifo	2		/* FIFO control (write) */
#define com_lcr		3		/* line control */
#define com_mcr		4		/* modem control */
#define com_lsr		5		/* line status */
#define com_msr		6		/* modem status */

#define IER_ERXRDY	0x01		/* interrupt: data received */
#define IER_ETXRDY	0x02		/* interrupt: transmitter empty */
#define IER_ERLS	0x04		/* interrupt: line status */

#define IIR_NOPEND	0x01		/* nothing pending */

#define FIFO_ENABLE	0x01
#define FIFO_RCV_RST	0x02
#define FIFO_XMT_RST	0x04
#define FIFO_TRIGGER_1	0x00		/* interrupt at one character */

#define LCR_8BITS	0x03
#define LCR_DLAB	0x80		/* divisor latch access */

#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_IENABLE	0x08		/* OUT2: the interrupt line works */

#define LSR_RXRDY	0x01		/* a character is there */
#define LSR_PE		0x04		/* parity error */
#define LSR_FE		0x08		/* framing error */
#define LSR_BI		0x10		/* break */
#define LSR_TXRDY	0x20		/* room to transmit */

#define COM_FREQ	1843200		/* input clock, Hz */
#define COM_DIVISOR(speed) (COM_FREQ / 16 / (speed))

#endif /* _DEV_IC_COMREG_H_ */
