/*
 * Drives the local APIC and the I/O APIC and prints what they do, so that two machines can be compared.
 * Prints nothing that depends on how fast the machine is.
 */
#include "io.h"

#define PIC1		0x20
#define PIC2		0xa0
#define PIT		0x40
#define PIT_CONTROL	0x43
#define EOI_COMMAND	0x20

/* UART registers. */
#define IER		1
#define IIR		2

#define LOCAL_APIC	0xfee00000
#define ID		0x020
#define VERSION		0x030
#define TPR		0x080
#define PPR		0x0a0
#define EOI		0x0b0
#define LDR		0x0d0
#define DFR		0x0e0
#define SVR		0x0f0
#define ISR		0x100
#define TMR		0x180
#define IRR		0x200
#define ICR		0x300
#define ICR_HIGH	0x310
#define LVT_TIMER	0x320
#define LVT_THERMAL	0x330
#define LVT_PMC		0x340
#define LVT_LINT0	0x350
#define LVT_LINT1	0x360
#define LVT_ERROR	0x370
#define TIMER_INITIAL	0x380
#define TIMER_CURRENT	0x390
#define TIMER_DIVIDE	0x3e0

#define MASKED		0x10000
#define PERIODIC	0x20000
#define DIVIDE_BY_1	0xb
#define SELF		0x40000
#define ALL		0x80000
#define OTHERS		0xc0000
#define LOGICAL		0x800
#define LOWEST		0x100

#define IO_APIC		0xfec00000
#define LEVEL		0x8000
#define PIN(n)		(0x10 + 2 * (n))

#define MSR_APIC_BASE	0x1b

extern u8 interrupt_entries[], non_maskable_entry[];
void interrupt(u32);
void probe(const u32 *);

static struct {
	u16 low, selector, attributes, high;
} idt[256];

static volatile u32 count[256];
static volatile u32 seen[64];
static volatile u32 traced;
/* What the handler does: enable interrupts, leave out the end, serve the UART, send another. */
static volatile u32 nest, no_eoi, serve_uart, send_once;

static u32
apic(u32 reg)
{
	return *(volatile u32 *)(LOCAL_APIC + reg);
}

static void
set_apic(u32 reg, u32 value)
{
	*(volatile u32 *)(LOCAL_APIC + reg) = value;
}

static u32
io(u32 reg)
{
	*(volatile u32 *)IO_APIC = reg;
	return *(volatile u32 *)(IO_APIC + 0x10);
}

static void
set_io(u32 reg, u32 value)
{
	*(volatile u32 *)IO_APIC = reg;
	*(volatile u32 *)(IO_APIC + 0x10) = value;
}

static u64
rdmsr(u32 msr)
{
	u64 value;

	__asm__ volatile("rdmsr" : "=A"(value) : "c"(msr));
	return value;
}

static void
note(u32 value)
{
	if (traced < sizeof seen / sizeof seen[0])
		seen[traced++] = value;
}

void
interrupt(u32 vector)
{
	count[vector]++;
	note(vector);
	note(apic(PPR));
	if (vector == 2) {
		/* Another one waits for the end of this. */
		if (send_once) {
			set_apic(ICR, send_once);
			send_once = 0;
		}
	} else if (vector < 0x30) {
		/* From the 8259s. */
		if (vector >= 0x28)
			outb(PIC2, EOI_COMMAND);
		outb(PIC1, EOI_COMMAND);
	} else {
		if (serve_uart)
			(void)inb(COM1 + IIR);
		if (send_once) {
			set_apic(ICR, SELF | send_once);
			send_once = 0;
		}
		if (nest)
			__asm__ volatile("sti; nop; nop; cli" : : : "memory");
		if (!no_eoi)
			set_apic(EOI, 0);
	}
	note(0xe0d);
}

static void
show_trace(const char *when)
{
	u32 i;

	print(when);
	for (i = 0; i < traced; i++)
		show("", seen[i], 3);
	put('\n');
	traced = 0;
}

static void
window(void)
{
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
}

static void
show_sets(const char *when)
{
	static const char *names[] = { "isr", "tmr", "irr" };
	u32 set, i, word;

	print(when);
	for (set = 0; set < 3; set++)
		for (i = 0; i < 8; i++)
			if ((word = apic(ISR + 0x80 * set + 0x10 * i)) != 0) {
				show(names[set], i, 1);
				show("", word, 8);
			}
	show("ppr", apic(PPR), 2);
	put('\n');
}

static void
one_shot(u16 ticks)
{
	outb(PIT_CONTROL, 0x30);
	outb(PIT, ticks & 0xff);
	outb(PIT, ticks >> 8);
}

static void
wait_for_pit(void)
{
	do
		outb(PIT_CONTROL, 0xe2);
	while (!(inb(PIT) & 0x80));
}

static void
as_firmware_left_it(void)
{
	u32 eax = 1, ebx, ecx, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	show("cpuid apic", edx >> 9 & 1, 1);
	show("id", ebx >> 24, 2);
	show("base", (u32)rdmsr(MSR_APIC_BASE), 8);
	show("id", apic(ID), 8);
	show("version", apic(VERSION), 8);
	show("tpr", apic(TPR), 8);
	show("ldr", apic(LDR), 8);
	show("dfr", apic(DFR), 8);
	show("svr", apic(SVR), 8);
	put('\n');
	show("timer", apic(LVT_TIMER), 8);
	show("thermal", apic(LVT_THERMAL), 8);
	show("pmc", apic(LVT_PMC), 8);
	show("lint0", apic(LVT_LINT0), 8);
	show("lint1", apic(LVT_LINT1), 8);
	show("error", apic(LVT_ERROR), 8);
	show("initial", apic(TIMER_INITIAL), 8);
	show("current", apic(TIMER_CURRENT), 8);
	show("divide", apic(TIMER_DIVIDE), 8);
	put('\n');
	show("io id", io(0), 8);
	show("version", io(1), 8);
	show("pin 0", io(PIN(0)), 8);
	show("", io(PIN(0) + 1), 8);
	show("pin 23", io(PIN(23)), 8);
	show("beyond", io(PIN(24)), 8);
	put('\n');
}

static void
virtual_wire(void)
{
	outb(PIC1, 0x11);
	outb(PIC1 + 1, 0x20);
	outb(PIC1 + 1, 0x04);
	outb(PIC1 + 1, 0x01);
	outb(PIC2, 0x11);
	outb(PIC2 + 1, 0x28);
	outb(PIC2 + 1, 0x02);
	outb(PIC2 + 1, 0x01);
	outb(PIC2 + 1, 0xff);
	outb(PIC1 + 1, 0xfe);
	one_shot(10);
	wait_for_pit();
	window();
	show_trace("through lint0");
	set_apic(LVT_LINT0, 0x700 | MASKED);
	one_shot(10);
	wait_for_pit();
	window();
	show_trace("lint0 masked");
	set_apic(LVT_LINT0, 0x700);
	window();
	show_trace("lint0 unmasked");
	outb(PIC1 + 1, 0xff);
	set_apic(LVT_LINT0, 0x700);
}

static void
messages(void)
{
	set_apic(SVR, 0x1ef);
	show("svr", apic(SVR), 8);
	set_apic(LDR, 0x02ffffff);
	set_apic(DFR, 0x0fffffff | 0xf0000000);
	show("ldr", apic(LDR), 8);
	show("dfr", apic(DFR), 8);
	put('\n');

	set_apic(ICR, SELF | 0x61);
	show_sets("self, interrupts off");
	set_apic(ICR, SELF | 0x41);
	set_apic(ICR, SELF | 0x62);
	set_apic(ICR, SELF | 0x61);
	show_sets("three");
	window();
	show_trace("served");
	show_sets("after");

	set_apic(ICR_HIGH, 0);
	set_apic(ICR, 0x42);
	window();
	show_trace("to id 0");
	show("icr", apic(ICR), 8);
	show("", apic(ICR_HIGH), 8);
	put('\n');
	set_apic(ICR_HIGH, 0x05000000);
	set_apic(ICR, 0x43);
	window();
	show_trace("to id 5");
	set_apic(ICR_HIGH, 0x06000000);
	set_apic(ICR, LOGICAL | LOWEST | 0x44);
	window();
	show_trace("to set 6");
	set_apic(ICR_HIGH, 0x05000000);
	set_apic(ICR, LOGICAL | 0x45);
	window();
	show_trace("to set 5");
	set_apic(ICR, ALL | 0x46);
	window();
	show_trace("to all");
	set_apic(ICR, OTHERS | 0x47);
	window();
	show_trace("to the others");
	set_apic(DFR, 0x0fffffff);
	set_apic(LDR, 0x21000000);
	set_apic(ICR_HIGH, 0x23000000);
	set_apic(ICR, LOGICAL | 0x48);
	window();
	show_trace("to cluster 2, set 3");
	set_apic(ICR_HIGH, 0x33000000);
	set_apic(ICR, LOGICAL | 0x49);
	window();
	show_trace("to cluster 3");
	set_apic(DFR, 0xffffffff);
}

static void
non_maskable(void)
{
	set_apic(ICR_HIGH, 0);
	set_apic(ICR, 0x400);
	show_trace("non-maskable, interrupts off");
	send_once = 0x400;
	set_apic(ICR, 0x400);
	show_trace("another in its handler");
	set_apic(ICR, SELF | 0x61);
	set_apic(ICR, ALL | 0x400);
	window();
	show_trace("before others");
	show_sets("in no set");
}

static void
priorities(void)
{
	set_apic(TPR, 0x50);
	set_apic(ICR, SELF | 0x5f);
	set_apic(ICR, SELF | 0x60);
	window();
	show_trace("tpr 50");
	show_sets("left");
	set_apic(TPR, 0x4f);
	show("ppr", apic(PPR), 2);
	window();
	show_trace("tpr 4f");
	set_apic(TPR, 0);

	/* A handler interrupted by a higher class, and not by its own. */
	nest = 1;
	send_once = 0x72;
	set_apic(ICR, SELF | 0x61);
	window();
	show_trace("nested higher");
	send_once = 0x6f;
	set_apic(ICR, SELF | 0x61);
	window();
	window();
	show_trace("nested same class");
	nest = 0;
	no_eoi = 1;
	set_apic(ICR, SELF | 0x61);
	window();
	set_apic(ICR, SELF | 0x71);
	window();
	show_trace("not ended");
	show_sets("in service");
	no_eoi = 0;
	set_apic(EOI, 0);
	show_sets("one ended");
	set_apic(EOI, 0);
	show_sets("both ended");
	set_apic(EOI, 0);
}

static void
timer(void)
{
	u64 first, second;
	u32 i;

	set_apic(TIMER_DIVIDE, DIVIDE_BY_1);
	set_apic(LVT_TIMER, 0x81);
	set_apic(TIMER_INITIAL, 1000);
	while (apic(TIMER_CURRENT) != 0)
		continue;
	show("initial", apic(TIMER_INITIAL), 8);
	window();
	show_trace("one shot");
	set_apic(LVT_TIMER, 0x81 | MASKED);
	set_apic(TIMER_INITIAL, 1000);
	while (apic(TIMER_CURRENT) != 0)
		continue;
	window();
	show_trace("masked");
	set_apic(LVT_TIMER, 0x81);
	window();
	show_trace("unmasked too late");
	for (i = 0; i < 16; i++) {
		set_apic(TIMER_DIVIDE, i);
		show("", apic(TIMER_DIVIDE), 2);
		set_apic(TIMER_INITIAL, 1000000 >> (i & 3));
		count[0x81] = 0;
		first = rdtsc();
		while (count[0x81] == 0)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		second = rdtsc();
		show("us", ((u32)(second - first) + 100) / 1000, 4);
		if (i % 4 == 3)
			put('\n');
	}
	traced = 0;
	set_apic(TIMER_DIVIDE, DIVIDE_BY_1);
	set_apic(LVT_TIMER, 0x82 | PERIODIC);
	set_apic(TIMER_INITIAL, 10000000);
	count[0x82] = 0;
	first = rdtsc();
	while (count[0x82] < 10)
		__asm__ volatile("sti; hlt; cli" : : : "memory");
	second = rdtsc();
	show("ms in ten periods", ((u32)(second - first) + 500000) / 1000000, 2);
	show("running", apic(TIMER_CURRENT) > 9900000, 1);
	set_apic(TIMER_INITIAL, 0);
	show("stopped", apic(TIMER_CURRENT), 8);
	put('\n');
	set_apic(LVT_TIMER, 0x81 | MASKED);
	traced = 0;
}

static void
io_apic(void)
{
	set_io(0, 0x0a000000);
	show("id", io(0), 8);
	set_io(0, 0);
	set_io(PIN(5), 0xffffffff);
	set_io(PIN(5) + 1, 0xffffffff);
	/* The bits that are defined: QEMU keeps the others too. */
	show("pin 5", io(PIN(5)) & 0x1ffff, 8);
	show("", io(PIN(5) + 1) & 0xff000000, 8);
	set_io(PIN(5), MASKED);
	put('\n');

	/* Edges: the timer at pin 2. One that comes while the pin is masked is lost. */
	set_io(PIN(2) + 1, 0);
	set_io(PIN(2), 0x91);
	one_shot(10);
	wait_for_pit();
	show_sets("timer");
	window();
	show_trace("served");
	set_io(PIN(2), 0x91 | MASKED);
	one_shot(10);
	wait_for_pit();
	set_io(PIN(2), 0x91);
	window();
	show_trace("masked edge");
	set_io(PIN(2), MASKED);
	set_io(PIN(0), 0x92);
	one_shot(10);
	wait_for_pit();
	window();
	show_trace("nothing at pin 0");
	set_io(PIN(0), MASKED);

	/* Levels: the UART at pin 4, to a logical destination. */
	set_apic(LDR, 0x04000000);
	set_io(PIN(4) + 1, 0x0c000000);
	set_io(PIN(4), 0xa1 | LEVEL | LOGICAL);
	serve_uart = 1;
	outb(COM1 + IER, 2);
	show("level", io(PIN(4)), 8);
	show_sets("");
	window();
	show_trace("served");
	show("after", io(PIN(4)), 8);
	put('\n');
	outb(COM1 + IER, 0);
	serve_uart = 0;
	no_eoi = 1;
	outb(COM1 + IER, 2);
	window();
	show_trace("not ended");
	show("waits", io(PIN(4)), 8);
	put('\n');
	no_eoi = 0;
	serve_uart = 1;
	set_apic(EOI, 0);
	show_sets("again, still high");
	window();
	show_trace("served");
	show("after", io(PIN(4)), 8);
	put('\n');
	serve_uart = 0;
	outb(COM1 + IER, 0);
	set_io(PIN(4), 0xa1 | LEVEL | LOGICAL | MASKED);
	outb(COM1 + IER, 2);
	window();
	show_trace("masked level");
	serve_uart = 1;
	set_io(PIN(4), 0xa1 | LEVEL | LOGICAL);
	window();
	show_trace("unmasked while high");
	outb(COM1 + IER, 0);
	set_io(PIN(4), MASKED);
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
	for (i = 2; i < 256; i++) {
		if (i > 2 && i < 0x20)
			continue;
		at = i == 2 ? (u32)non_maskable_entry : (u32)interrupt_entries + 16 * (i - 0x20);
		idt[i].low = at;
		idt[i].selector = 0x08;
		idt[i].attributes = 0x8e00;
		idt[i].high = at >> 16;
	}
	__asm__ volatile("lidt %0" : : "m"(pointer));
	as_firmware_left_it();
	virtual_wire();
	messages();
	non_maskable();
	priorities();
	timer();
	io_apic();
	print("end\n");
	outw(0x604, 0x2000);
}
