/*
 * Asks the machine around the processor what it looks like and prints the answers, so that two machines can be compared.
 * Prints nothing that depends on how fast the machine is.
 */
#include "io.h"

#define PIC1		0x20
#define PIC2		0xa0
#define ELCR		0x4d0
#define PIT		0x40
#define PIT_CONTROL	0x43
#define PORT_B		0x61
#define EOI		0x20
#define IRR		0x0a
#define ISR		0x0b
#define POLL		0x0c

/* UART registers. */
#define DATA		0
#define IER		1
#define IIR		2
#define FCR		2
#define LCR		3
#define MCR		4
#define LSR		5
#define MSR		6
#define SCR		7

extern u8 interrupt_entries[];
void interrupt(u32);
void probe(const u32 *);

static struct {
	u16 low, selector, attributes, high;
} idt[256];

/* What the interrupt handler saw. */
static volatile u32 count[16];
static volatile u8 trace[64];
static volatile u32 traced;
/* What it does: bit n of nest enables interrupts in the handler of IRQ n. */
static volatile u32 nest, no_eoi;

static u8
pic(u16 chip, u8 command)
{
	outb(chip, command);
	return inb(chip);
}

static void
show_pic(const char *when)
{
	print(when);
	show("irr", pic(PIC1, IRR), 2);
	show("isr", pic(PIC1, ISR), 2);
	show("irr2", pic(PIC2, IRR), 2);
	show("isr2", pic(PIC2, ISR), 2);
	put('\n');
}

static void
pic_init(u8 icw4, u8 mask1, u8 mask2)
{
	outb(PIC1, 0x11);
	outb(PIC1 + 1, 0x20);
	outb(PIC1 + 1, 0x04);
	outb(PIC1 + 1, icw4);
	outb(PIC2, 0x11);
	outb(PIC2 + 1, 0x28);
	outb(PIC2 + 1, 0x02);
	outb(PIC2 + 1, icw4);
	outb(PIC1 + 1, mask1);
	outb(PIC2 + 1, mask2);
}

void
interrupt(u32 vector)
{
	u32 irq = vector - 0x20;

	count[irq]++;
	if (traced < sizeof trace)
		trace[traced++] = vector;
	if (irq == 4)
		(void)inb(COM1 + IIR);
	if (nest & 1 << irq)
		__asm__ volatile("sti; nop; nop; cli");
	if (!(no_eoi & 1 << irq)) {
		if (irq >= 8)
			outb(PIC2, EOI);
		outb(PIC1, EOI);
	}
	if (traced < sizeof trace)
		trace[traced++] = 0xff;
}

static void
show_trace(const char *when)
{
	u32 i;

	print(when);
	for (i = 0; i < traced; i++) {
		put(' ');
		hex(trace[i], 2);
	}
	put('\n');
	traced = 0;
}

/* One-shot on channel 0; the caller waits. */
static void
one_shot(u16 ticks)
{
	outb(PIT_CONTROL, 0x30);
	outb(PIT, ticks & 0xff);
	outb(PIT, ticks >> 8);
}

static void
window(void)
{
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

static void
wait_out2(u16 ticks)
{
	outb(PORT_B, 0x01);
	outb(PIT_CONTROL, 0xb0);
	outb(PIT + 2, ticks & 0xff);
	outb(PIT + 2, ticks >> 8);
	while (!(inb(PORT_B) & 0x20))
		continue;
}

static void
boot_data(const u32 *info)
{
	const u32 *module = (const u32 *)info[4], *map = (const u32 *)info[10];
	u32 i, j;

	print("boot");
	show("at", (u32)info, 8);
	show("magic", info[0], 8);
	show("version", info[1], 8);
	show("flags", info[2], 8);
	show("modules", info[3], 8);
	print("\ncommand line");
	show("at", info[6], 8);
	print(" '");
	print((const char *)info[6]);
	print("'\n");
	for (i = 0; i < info[3]; i++) {
		print("module");
		for (j = 0; j < 8; j++)
			show("", module[8 * i + j], 8);
		print("\n  bytes");
		for (j = 0; j < 4; j++)
			show("", ((const u8 *)module[8 * i])[j], 2);
		put('\n');
	}
	show("map", info[10], 8);
	put('\n');
	for (i = 0; i < info[12]; i++) {
		for (j = 0; j < 6; j++)
			show("", map[6 * i + j], 8);
		put('\n');
	}
}

static void
interrupt_controller(void)
{
	u32 i;

	show("mask", inb(PIC1 + 1), 2);
	show("mask2", inb(PIC2 + 1), 2);
	put('\n');
	pic_init(0x01, 0xff, 0xff);
	show_pic("initialised");
	outb(PIC1 + 1, 0xa5);
	show("mask read back", inb(PIC1 + 1), 2);
	outb(PIC1 + 1, 0xff);
	outb(ELCR, 0xff);
	outb(ELCR + 1, 0xff);
	show("elcr", inb(ELCR), 2);
	show("elcr2", inb(ELCR + 1), 2);
	outb(ELCR, 0);
	outb(ELCR + 1, 0);
	put('\n');

	/* The UART requests; IIR takes the request back, but not from IRR. */
	outb(COM1 + IER, 0x02);
	show_pic("uart requests");
	(void)inb(COM1 + IIR);
	show_pic("uart served");
	show("poll", pic(PIC1, POLL), 2);
	show("poll again with all masked", pic(PIC1, POLL), 2);
	outb(PIC1 + 1, 0xef);
	show("poll unmasked", pic(PIC1, POLL), 2);
	put('\n');
	show_pic("polled");
	outb(PIC1, EOI);
	show_pic("ended");

	/* Delivery, one of another priority in between, and none of the same. */
	outb(PIC1 + 1, 0xee);
	nest = 1 << 4;
	one_shot(10);
	wait_out2(100);
	outb(COM1 + IER, 0);
	outb(COM1 + IER, 2);
	show_pic("two requests");
	window();
	show_trace("served");
	one_shot(10);
	outb(PIC1 + 1, 0xef);
	wait_out2(100);
	outb(COM1 + IER, 0);
	outb(COM1 + IER, 2);
	window();
	show_trace("timer masked");
	outb(PIC1 + 1, 0xee);
	window();
	show_trace("unmasked");

	/* An interrupt that is not ended blocks its own level and lower ones. */
	nest = 0;
	no_eoi = 1 << 0;
	one_shot(10);
	wait_out2(100);
	window();
	outb(COM1 + IER, 0);
	outb(COM1 + IER, 2);
	window();
	show_trace("timer not ended");
	show_pic("in service");
	outb(PIC1, 0x68);
	outb(PIC1 + 1, 0xef);
	window();
	show_trace("special mask");
	outb(PIC1, 0x48);
	outb(PIC1, 0x60);
	show_pic("specific end of the timer");
	outb(PIC1, 0x64);
	no_eoi = 0;

	/* Rotation: after level 3 is lowest, 4 comes before 0. */
	outb(PIC1 + 1, 0xee);
	outb(PIC1, 0xc3);
	one_shot(10);
	wait_out2(100);
	outb(COM1 + IER, 0);
	outb(COM1 + IER, 2);
	window();
	show_trace("rotated");
	outb(PIC1, 0xc7);

	/* Automatic end of interrupt. */
	pic_init(0x03, 0xee, 0xff);
	no_eoi = ~0;
	one_shot(10);
	wait_out2(100);
	window();
	show_trace("automatic end");
	show_pic("nothing in service");
	no_eoi = 0;
	outb(COM1 + IER, 0);
	pic_init(0x01, 0xff, 0xff);
	for (i = 0; i < 16; i++)
		count[i] = 0;
}

static void
timer(void)
{
	u64 first, second;

	/* Status of channels that are loaded: mode, access, BCD. */
	outb(PIT_CONTROL, 0xb6);
	outb(PIT + 2, 0x34);
	outb(PIT + 2, 0x12);
	outb(PIT_CONTROL, 0xe8);
	show("mode 3 status", inb(PIT + 2) & 0x3f, 2);
	outb(PIT_CONTROL, 0x98);
	outb(PIT + 2, 0x34);
	outb(PIT_CONTROL, 0xe8);
	show("low byte mode 4 status", inb(PIT + 2) & 0x3f, 2);
	outb(PIT_CONTROL, 0xb0);
	outb(PIT + 2, 0xff);
	outb(PIT + 2, 0xff);
	outb(PIT_CONTROL, 0xe8);
	show("mode 0 status", inb(PIT + 2), 2);
	wait_out2(50);
	outb(PIT_CONTROL, 0xe8);
	show("mode 0 status after terminal count", inb(PIT + 2), 2);
	put('\n');

	/* A count latched stays; then the live one is read, and the high byte follows the low one. */
	outb(PIT_CONTROL, 0xb4);
	outb(PIT + 2, 0x00);
	outb(PIT + 2, 0x80);
	outb(PIT_CONTROL, 0x80);
	one_shot(2000);
	do {
		outb(PIT_CONTROL, 0xe2);
	} while (!(inb(PIT) & 0x80));
	(void)inb(PIT + 2);
	show("latched high byte", inb(PIT + 2), 2);
	(void)inb(PIT + 2);
	show("live high byte", inb(PIT + 2), 2);
	put('\n');

	/* Ten ticks at 100 Hz take a tenth of a second by the TSC, in HLT. */
	outb(PIC1 + 1, 0xfe);
	outb(PIT_CONTROL, 0x34);
	outb(PIT, 11932 & 0xff);
	outb(PIT, 11932 >> 8);
	count[0] = 0;
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	first = rdtsc();
	while (count[0] < 11)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	second = rdtsc();
	show("ms in ten ticks", ((u32)(second - first) + 500000) / 1000000, 2);
	put('\n');

	/* Channel 2 tells the same time: 65535 clocks end between the fifth and the sixth tick. */
	count[0] = 0;
	__asm__ volatile("sti; hlt; cli" : : : "memory");
	outb(PIT_CONTROL, 0xb0);
	outb(PIT + 2, 0xff);
	outb(PIT + 2, 0xff);
	while (!(inb(PORT_B) & 0x20))
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	show("tick after 65535 clocks", count[0] - 1, 2);
	put('\n');
	outb(PIC1 + 1, 0xff);
	traced = 0;
}

static void
uart_registers(const char *when)
{
	int i;
	u8 value[8];

	for (i = 0; i < 8; i++)
		value[i] = inb(COM1 + i);
	/* A data sheet's UART notes changes of the modem lines in loopback too; QEMU's does not. */
	value[MSR] &= 0xf0;
	print(when);
	for (i = 0; i < 8; i++)
		show("", value[i], 2);
	put('\n');
}

static void
uart(void)
{
	u8 value[40];
	int i, n;

	uart_registers("at first");
	outb(COM1 + LCR, 0x80);
	outb(COM1 + DATA, 0x01);
	outb(COM1 + IER, 0x00);
	value[0] = inb(COM1 + DATA);
	value[1] = inb(COM1 + IER);
	outb(COM1 + LCR, 0x03);
	show("divisor", value[0] | value[1] << 8, 4);
	outb(COM1 + SCR, 0x5a);
	show("scratch", inb(COM1 + SCR), 2);
	put('\n');

	/* The transmitter's interrupt. */
	outb(COM1 + IER, 0x02);
	value[0] = inb(COM1 + IIR);
	value[1] = inb(COM1 + IIR);
	put('.');
	value[2] = inb(COM1 + IIR);
	value[3] = inb(COM1 + IIR);
	outb(COM1 + IER, 0x00);
	value[4] = inb(COM1 + IIR);
	outb(COM1 + IER, 0x02);
	value[5] = inb(COM1 + IIR);
	outb(COM1 + FCR, 0x07);
	value[6] = inb(COM1 + IIR);
	value[7] = inb(COM1 + IIR);
	outb(COM1 + IER, 0x00);
	print("transmitter");
	for (i = 0; i < 8; i++)
		show("", value[i], 2);
	put('\n');

	/* Loopback: modem lines. */
	for (i = 0; i < 16; i++) {
		outb(COM1 + MCR, 0x10 | i);
		value[i] = inb(COM1 + MSR) & 0xf0;
	}
	outb(COM1 + MCR, 0x0b);
	print("modem");
	for (i = 0; i < 16; i++)
		show("", value[i], 2);
	put('\n');

	/* Loopback: bytes, with the trigger at 4; then a timeout. */
	outb(COM1 + FCR, 0x47);
	outb(COM1 + IER, 0x01);
	outb(COM1 + MCR, 0x1b);
	n = 0;
	value[n++] = inb(COM1 + IIR);
	for (i = 0; i < 3; i++)
		outb(COM1 + DATA, 'a' + i);
	value[n++] = inb(COM1 + IIR);
	value[n++] = inb(COM1 + LSR);
	outb(COM1 + DATA, 'd');
	value[n++] = inb(COM1 + IIR);
	value[n++] = inb(COM1 + DATA);
	value[n++] = inb(COM1 + IIR);
	while (inb(COM1 + IIR) == 0xc1)
		continue;
	value[n++] = inb(COM1 + IIR);
	value[n++] = inb(COM1 + DATA);
	value[n++] = inb(COM1 + IIR);
	value[n++] = inb(COM1 + LSR);
	value[n++] = inb(COM1 + DATA);
	value[n++] = inb(COM1 + DATA);
	value[n++] = inb(COM1 + LSR);
	value[n++] = inb(COM1 + IIR);
	/* More than the FIFO holds. */
	outb(COM1 + IER, 0x05);
	for (i = 0; i < 17; i++)
		outb(COM1 + DATA, i);
	value[n++] = inb(COM1 + IIR);
	value[n++] = inb(COM1 + LSR);
	value[n++] = inb(COM1 + LSR);
	value[n++] = inb(COM1 + IIR);
	value[n++] = inb(COM1 + DATA);
	outb(COM1 + FCR, 0x43);
	value[n++] = inb(COM1 + LSR);
	value[n++] = inb(COM1 + IIR);
	outb(COM1 + IER, 0x00);
	outb(COM1 + MCR, 0x0b);
	print("loopback");
	for (i = 0; i < n; i++)
		show("", value[i], 2);
	put('\n');
	outb(COM1 + FCR, 0x00);
	uart_registers("at last");
}

void
probe(const u32 *info)
{
	u32 i, at;
	struct __attribute__((packed)) {
		u16 limit;
		u32 base;
	} pointer = { sizeof idt - 1, (u32)idt };

	for (i = 0; i < 16; i++) {
		at = (u32)interrupt_entries + 16 * i;
		idt[0x20 + i].low = at;
		idt[0x20 + i].selector = 0x08;
		idt[0x20 + i].attributes = 0x8e00;
		idt[0x20 + i].high = at >> 16;
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
	boot_data(info);
	uart();
	interrupt_controller();
	timer();
	print("end\n");
	outw(0x604, 0x2000);
}
