/** The first serial port of a PC. */
export const COM1_PORT = 0x3f8;

/** Registers and bits of a 16550A (National Semiconductor PC16550D data sheet). */

/** Offsets from the base port. */
export const DATA = 0;
export const INTERRUPT_ENABLE = 1;
/** Read. */
export const INTERRUPT_IDENTIFICATION = 2;
/** Written. */
export const FIFO_CONTROL = 2;
export const LINE_CONTROL = 3;
export const MODEM_CONTROL = 4;
export const LINE_STATUS = 5;
export const MODEM_STATUS = 6;
export const SCRATCH = 7;
export const REGISTER_COUNT = 8;

export const IER_RECEIVED = 0x01;
export const IER_TRANSMITTER_EMPTY = 0x02;
export const IER_LINE_STATUS = 0x04;
export const IER_MODEM_STATUS = 0x08;
export const IER_BITS = 0x0f;

export const IIR_NONE = 0x01;
export const IIR_MODEM_STATUS = 0x00;
export const IIR_TRANSMITTER_EMPTY = 0x02;
export const IIR_RECEIVED = 0x04;
export const IIR_LINE_STATUS = 0x06;
export const IIR_CHARACTER_TIMEOUT = 0x0c;
export const IIR_FIFOS_ENABLED = 0xc0;

export const FCR_ENABLE = 0x01;
export const FCR_CLEAR_RECEIVER = 0x02;
export const FCR_CLEAR_TRANSMITTER = 0x04;
/** Bytes in the receive FIFO that raise the interrupt, by FCR bits 6–7. */
export const FCR_TRIGGER_LEVELS = [1, 4, 8, 14] as const;
/** Bits of the FIFO control register that stay. */
export const FCR_BITS = 0xc9;

export const LCR_WORD_LENGTH = 0x03;
export const LCR_TWO_STOP_BITS = 0x04;
export const LCR_PARITY = 0x08;
export const LCR_DIVISOR_LATCH = 0x80;

export const MCR_DTR = 0x01;
export const MCR_RTS = 0x02;
export const MCR_OUT1 = 0x04;
export const MCR_OUT2 = 0x08;
export const MCR_LOOPBACK = 0x10;
export const MCR_BITS = 0x1f;

export const LSR_DATA_READY = 0x01;
export const LSR_OVERRUN = 0x02;
/** A break: the line was held low for longer than a character takes. */
export const LSR_BREAK = 0x10;
export const LSR_HOLDING_EMPTY = 0x20;
export const LSR_TRANSMITTER_EMPTY = 0x40;

export const MSR_DELTAS = 0x0f;
export const MSR_CTS = 0x10;
export const MSR_DSR = 0x20;
export const MSR_RI = 0x40;
export const MSR_DCD = 0x80;

export const FIFO_SIZE = 16;
/** Baud rate of divisor 1: the 1.8432 MHz input clock over 16. */
export const BASE_BAUD = 115_200;
/** A character timeout comes after this many character times without the FIFO being read or filled. */
export const TIMEOUT_CHARACTERS = 4;
