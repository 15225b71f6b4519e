/*
 * Prints what a boot loader hands to a kernel, but for what loaders choose freely (places, names of their own), so that two
 * loaders can be compared. 32-bit code; switches the machine off at its end.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define COM1		0x3f8
#define LINE_STATUS	5
#define TRANSMITTER	0x20
#define POWER_CONTROL	0x604
#define POWER_OFF	0x2000

void multiboot(u32, const u32 *);
void linux_boot(const u8 *);

static void
outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void
outw(u16 port, u16 value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static u8
inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void
put(char c)
{
	while (!(inb(COM1 + LINE_STATUS) & TRANSMITTER))
		continue;
	outb(COM1, c);
}

static void
print(const char *s)
{
	while (*s)
		put(*s++);
}

static void
show(const char *name, u32 value)
{
	int shift;

	put(' ');
	print(name);
	put('=');
	for (shift = 28; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 15]);
}

/* The value at an address that need not be aligned. */
static u32
load(const u8 *at)
{
	return *(const u32 __attribute__((aligned(1))) *)at;
}

static void
entry(const u8 *at, u32 type)
{
	show("base", load(at));
	show("", load(at + 4));
	show("size", load(at + 8));
	show("", load(at + 12));
	show("type", type);
	put('\n');
}

static void
file(u32 start, u32 size)
{
	show("aligned", (start & 0xfff) == 0);
	show("size", size);
	show("first", load((const u8 *)start));
	show("last", load((const u8 *)(start + size - 4)));
	put('\n');
}

static void
end(void)
{
	print("end\n");
	outw(POWER_CONTROL, POWER_OFF);
	for (;;)
		continue;
}

/* EAX and EBX as a Multiboot kernel gets them. */
void
multiboot(u32 magic, const u32 *info)
{
	const u32 *module = (const u32 *)info[6];
	const u8 *at = (const u8 *)info[12];
	u32 i;

	print("multiboot");
	show("magic", magic);
	/* Memory, command line, modules, memory map, loader's name. */
	show("flags", info[0] & 0x24d);
	show("lower", info[1]);
	show("upper", info[2]);
	print("\ncommand line '");
	print((const char *)info[4]);
	print("'\n");
	show("modules", info[5]);
	put('\n');
	for (i = 0; i < info[5]; i++, module += 4) {
		print((const char *)module[2]);
		file(module[0], module[1] - module[0]);
	}
	for (; at < (const u8 *)info[12] + info[11]; at += load(at) + 4)
		entry(at + 4, load(at + 20));
	end();
}

/* boot_params. */
void
linux_boot(const u8 *params)
{
	u32 i;

	print("linux");
	show("version", load(params + 0x206) & 0xffff);
	show("command line size", load(params + 0x238));
	print("\ncommand line '");
	print((const char *)load(params + 0x228));
	print("'\n");
	if (load(params + 0x21c) != 0)
		file(load(params + 0x218), load(params + 0x21c));
	for (i = 0; i < params[0x1e8]; i++)
		entry(params + 0x2d0 + 20 * i, load(params + 0x2d0 + 20 * i + 16));
	end();
}
