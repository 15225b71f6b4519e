/*
 * Asks ACPI's fixed hardware and the keyboard controller, and prints what they answer, so that two machines can be
 * compared. Prints nothing that depends on how fast the machine is.
 */
#include "io.h"

#define PIC1		0x20
#define PIC2		0xa0
#define ELCR		0x4d0
#define EOI_COMMAND	0x20
#define PIT		0x40
#define PIT_CONTROL	0x43
#define PORT_B		0x61

#define PM1_STATUS	0x600
#define PM1_ENABLE	0x602
#define PM1_CONTROL	0x604
#define PM_TIMER	0x608
#define SMI_COMMAND	0xb2
#define SMI_STATUS	0xb3
#define ACPI_ENABLE	0xf1
#define ACPI_DISABLE	0xf0
#define TIMER_EVENT	1

#define KBD_DATA	0x60
#define KBD_STATUS	0x64
#define KBD_FULL	1

#define KBD_VECTOR	0x21
#define SCI_VECTOR	0x29

extern u8 interrupt_entries[];
void interrupt(u32);
void probe(const u32 *);

static struct {
	u16 low, selector, attributes, high;
} idt[256];

static volatile u32 count[16], data;

static u16
inw(u16 port)
{
	u16 value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static u32
inl(u16 port)
{
	u32 value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void
interrupt(u32 vector)
{
	count[vector - 0x20]++;
	if (vector == SCI_VECTOR) {
		data = inw(PM1_STATUS);
		outw(PM1_STATUS, TIMER_EVENT);
	}
	if (vector == KBD_VECTOR)
		data = inb(KBD_DATA);
	if (vector >= 0x28)
		outb(PIC2, EOI_COMMAND);
	outb(PIC1, EOI_COMMAND);
}

static void
power_management(void)
{
	u64 first;
	u32 start, ticks, i;

	show("control", inw(PM1_CONTROL), 4);
	outb(SMI_STATUS, 0x5a);
	show("scratch", inb(SMI_STATUS), 2);
	outb(SMI_COMMAND, ACPI_ENABLE);
	show("acpi on", inw(PM1_CONTROL), 4);
	outb(SMI_COMMAND, ACPI_DISABLE);
	show("off", inw(PM1_CONTROL), 4);
	outb(SMI_COMMAND, ACPI_ENABLE);
	put('\n');

	first = rdtsc();
	start = inl(PM_TIMER);
	while (rdtsc() - first < 2000000)
		continue;
	ticks = (inl(PM_TIMER) - start) & 0xffffff;
	show("ticks in 2 ms, by 64", (ticks + 32) / 64, 4);
	show("high byte", inl(PM_TIMER) >> 24, 2);
	put('\n');

	outb(ELCR + 1, 0x02);
	outb(PIC2 + 1, 0xfd);
	outw(PM1_STATUS, 0xffff);
	show("status", inw(PM1_STATUS) & TIMER_EVENT, 4);
	outw(PM1_ENABLE, TIMER_EVENT);
	show("enable", inw(PM1_ENABLE), 4);
	put('\n');
	for (i = 1; i < 3; i++) {
		while (count[9] < i)
			__asm__ volatile("sti; hlt; cli" : : : "memory");
		show("event", data & TIMER_EVENT, 4);
		show("counter", inl(PM_TIMER) >> 16 & 0x7f, 2);
		show("left", inw(PM1_STATUS) & TIMER_EVENT, 4);
		put('\n');
	}
	outw(PM1_ENABLE, 0);
	outb(PIC2 + 1, 0xff);
	outb(ELCR + 1, 0);
}

static void
drain(const char *what)
{
	print(what);
	while (inb(KBD_STATUS) & KBD_FULL)
		show("", inb(KBD_DATA), 2);
	/* QEMU's says for ever that the last byte was a command, and knows a mouse. */
	show("status", inb(KBD_STATUS) & ~0x28, 2);
	put('\n');
}

static void
controller(u8 command)
{
	outb(KBD_STATUS, command);
}

static void
keyboard(void)
{
	drain("at first");
	controller(0xad);
	drain("disabled");
	controller(0xaa);
	drain("self-test");
	controller(0xab);
	drain("keyboard test");
	controller(0x60);
	outb(KBD_DATA, 0x74);
	controller(0x20);
	drain("mode");
	controller(0xd2);
	outb(KBD_DATA, 0x5a);
	drain("looped");
	controller(0xae);
	controller(0x20);
	drain("enabled");
	outb(KBD_DATA, 0xff);
	drain("reset");
	outb(KBD_DATA, 0xf2);
	drain("identity");
	outb(KBD_DATA, 0xed);
	drain("lamps");
	outb(KBD_DATA, 0x07);
	drain("");
	outb(KBD_DATA, 0xf3);
	drain("rate");
	outb(KBD_DATA, 0x20);
	drain("");
	outb(KBD_DATA, 0xee);
	drain("echo");
	outb(KBD_DATA, 0xf5);
	drain("off");
	outb(KBD_DATA, 0xf4);
	drain("on");

	outb(PIC1 + 1, 0xf9);
	controller(0x60);
	outb(KBD_DATA, 0x65);
	count[1] = 0;
	outb(KBD_DATA, 0xee);
	__asm__ volatile("sti; nop; nop; cli" : : : "memory");
	show("interrupts", count[1], 2);
	show("for", data, 2);
	outb(KBD_DATA, 0xf2);
	__asm__ volatile("sti; nop; nop; nop; nop; cli" : : : "memory");
	show("interrupts", count[1], 2);
	show("for", data, 2);
	put('\n');
	show("control port a", inb(0x92), 2);
	put('\n');
}

/* As a kernel measures its processor: channel 2 counts while the TSC does. */
static void
calibration(void)
{
	u64 first;
	u32 ticks;

	outb(PORT_B, (inb(PORT_B) & ~0x02) | 0x01);
	outb(PIT_CONTROL, 0xb0);
	outb(PIT + 2, 1193 & 0xff);
	outb(PIT + 2, 1193 >> 8);
	first = rdtsc();
	while (!(inb(PORT_B) & 0x20))
		continue;
	ticks = rdtsc() - first;
	show("10 us in 1193 clocks", (ticks + 5000) / 10000, 2);
	put('\n');
}

/* What firmware has left in memory. */
static void
firmware_data(const u32 *info)
{
	const volatile u8 *rsdp = (const u8 *)info[8];
	const volatile u16 *bda = (const u16 *)0x400;
	u32 i;

	print("root pointer ");
	for (i = 0; i < 8; i++)
		put(rsdp[i]);
	show("in the bios area", info[8] >= 0xe0000 && info[8] < 0x100000, 1);
	put('\n');
	show("com1", bda[0], 4);
	show("com2", bda[1], 4);
	show("ebda", bda[0x0e / 2], 4);
	show("kib", *(const volatile u16 *)0x413, 4);
	show("ebda size", *(const volatile u8 *)((u32)bda[0x0e / 2] << 4), 2);
	show("keys", bda[0x1a / 2], 4);
	show("", bda[0x1c / 2], 4);
	show("", bda[0x80 / 2], 4);
	show("", bda[0x82 / 2], 4);
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
	outb(PIC2 + 1, 0xff);
	firmware_data(info);
	calibration();
	power_management();
	keyboard();
	print("end\n");
	outw(0x604, 0x2000);
}
