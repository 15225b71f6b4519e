/*
 * Sets the real-time clock, lets it run and interrupt, and prints what it shows, so that two machines can be compared.
 * Prints nothing that depends on how fast the machine is.
 */
#include "io.h"

#define PIC1		0x20
#define PIC2		0xa0
#define EOI_COMMAND	0x20
#define CMOS_INDEX	0x70
#define CMOS_DATA	0x71

#define SECONDS		0x00
#define MINUTES		0x02
#define HOURS		0x04
#define WEEKDAY		0x06
#define DAY		0x07
#define MONTH		0x08
#define YEAR		0x09
#define A		0x0a
#define B		0x0b
#define C		0x0c
#define D		0x0d
#define CENTURY		0x32

#define A_RUN		0x20
#define A_RESET		0x60
#define B_SET		0x80
#define B_PERIODIC	0x40
#define B_ALARM		0x20
#define B_UPDATE	0x10
#define B_BINARY	0x04
#define B_24		0x02

#define CLOCK_VECTOR	0x28

extern u8 interrupt_entries[];
void interrupt(u32);
void probe(const u32 *);

static struct {
	u16 low, selector, attributes, high;
} idt[256];

static volatile u32 count;
static volatile u8 flags;
static volatile u64 when;

static u8
cmos(u8 index)
{
	outb(CMOS_INDEX, index);
	return inb(CMOS_DATA);
}

static void
set_cmos(u8 index, u8 value)
{
	outb(CMOS_INDEX, index);
	outb(CMOS_DATA, value);
}

void
interrupt(u32 vector)
{
	if (vector == CLOCK_VECTOR) {
		count++;
		when = rdtsc();
		flags = cmos(C);
		outb(PIC2, EOI_COMMAND);
	}
	outb(PIC1, EOI_COMMAND);
}

static void
next(void)
{
	u32 before = count;

	while (count == before)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
}

static void
show_time(const char *what)
{
	static const u8 registers[] = { CENTURY, YEAR, MONTH, DAY, WEEKDAY, HOURS, MINUTES, SECONDS };
	u32 i;

	print(what);
	show("flags", flags, 2);
	for (i = 0; i < sizeof registers; i++)
		show("", cmos(registers[i]), 2);
	put('\n');
}

/* The registers from the century down to the second. */
static void
set_time(u8 mode, const u8 *value)
{
	static const u8 registers[] = { CENTURY, YEAR, MONTH, DAY, HOURS, MINUTES, SECONDS };
	u32 i;

	set_cmos(B, mode | B_SET);
	set_cmos(A, A_RESET);
	for (i = 0; i < sizeof registers; i++)
		set_cmos(registers[i], value[i]);
	set_cmos(A, A_RUN);
	set_cmos(B, mode);
	(void)cmos(C);
}

static void
time_of_day(void)
{
	static const u8 century[] = { 19, 99, 12, 31, 23, 59, 58 };
	static const u8 noon[] = { 0x20, 0x24, 0x02, 0x28, 0x11, 0x59, 0x59 };
	static const u8 midnight[] = { 0x20, 0x24, 0x02, 0x28, 0x91, 0x59, 0x59 };
	u64 first;
	u32 i;

	set_time(B_BINARY | B_24, century);
	show_time("set");
	set_cmos(B, B_BINARY | B_24 | B_UPDATE);
	next();
	show_time("binary");
	for (i = 0; i < 3; i++) {
		first = when;
		next();
		show("ms", ((u32)(when - first) + 500000) / 1000000, 3);
		show_time("");
	}
	set_time(0, noon);
	set_cmos(B, B_UPDATE);
	next();
	show_time("noon");
	set_time(0, midnight);
	set_cmos(B, B_UPDATE);
	next();
	show_time("midnight of a leap year");
	next();
	show_time("");
	/* While it is set it stands still. */
	set_cmos(B, B_SET | B_UPDATE);
	show("update enabled while set", cmos(B), 2);
	set_cmos(B, 0);
	(void)cmos(C);
	put('\n');
}

static void
alarm(void)
{
	static const u8 morning[] = { 0x20, 0x24, 0x05, 0x06, 0x07, 0x08, 0x55 };
	u32 i;

	set_time(B_24, morning);
	set_cmos(SECONDS + 1, 0x02);
	set_cmos(MINUTES + 1, 0x10);
	set_cmos(HOURS + 1, 0x07);
	show("alarm", cmos(SECONDS + 1), 2);
	show("", cmos(MINUTES + 1), 2);
	show("", cmos(HOURS + 1), 2);
	put('\n');
	set_cmos(B, B_24 | B_ALARM);
	next();
	show_time("at");
	set_cmos(HOURS + 1, 0xff);
	set_cmos(MINUTES + 1, 0xc0);
	for (i = 0; i < 2; i++) {
		next();
		show_time("each minute");
	}
	set_cmos(SECONDS + 1, 0xff);
	for (i = 0; i < 2; i++) {
		next();
		show_time("each second");
	}
	set_cmos(B, B_24);
	(void)cmos(C);
}

static void
periodic(void)
{
	u64 first;
	u32 rate;

	/* QEMU halves the faster rates. */
	for (rate = 12; rate < 16; rate++) {
		set_cmos(A, A_RUN | rate);
		set_cmos(B, B_24 | B_PERIODIC);
		next();
		next();
		first = when;
		next();
		show("10us", ((u32)(when - first) + 5000) / 10000, 4);
		show("flags", flags & 0xc0, 2);
	}
	put('\n');
	set_cmos(B, B_24);
	set_cmos(A, A_RUN | 6);
	show("a", cmos(A) & 0x7f, 2);
	show("b", cmos(B), 2);
	show("d", cmos(D), 2);
	put('\n');
}

static void
memory(void)
{
	static const u8 registers[] = { 0x15, 0x16, 0x17, 0x18, 0x30, 0x31, 0x34, 0x35, 0x5b, 0x5c, 0x5d };
	u32 i;

	print("memory");
	for (i = 0; i < sizeof registers; i++)
		show("", cmos(registers[i]), 2);
	set_cmos(0x60, 0xa5);
	show("kept", cmos(0x60), 2);
	show("index", inb(CMOS_INDEX), 2);
	put('\n');
}

void
probe(const u32 *info)
{
	u32 i, at;
	struct __attribute__((packed)) {
		u16 limit;
		u32 base;
	} pointer = { sizeof idt - 1, (u32)idt };

	(void)info;
	for (i = 0x20; i < 0x30; i++) {
		at = (u32)interrupt_entries + 16 * (i - 0x20);
		idt[i].low = at;
		idt[i].selector = 0x08;
		idt[i].attributes = 0x8e00;
		idt[i].high = at >> 16;
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
	outb(PIC1, 0x11);
	outb(PIC1 + 1, 0x20);
	outb(PIC1 + 1, 0x04);
	outb(PIC1 + 1, 0x01);
	outb(PIC2, 0x11);
	outb(PIC2 + 1, 0x28);
	outb(PIC2 + 1, 0x02);
	outb(PIC2 + 1, 0x01);
	outb(PIC1 + 1, 0xfb);
	outb(PIC2 + 1, 0xfe);
	memory();
	time_of_day();
	alarm();
	periodic();
	print("end\n");
	outw(0x604, 0x2000);
}
