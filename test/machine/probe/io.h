/*
 * Ports, the console and the processor's counter, for the programs that look at a machine.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define COM1		0x3f8
#define UART_LSR	5
#define UART_READY	0x20

static inline void
outb(u16 port, u8 value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
outw(u16 port, u16 value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8
inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u64
rdtsc(void)
{
	u64 value;

	__asm__ volatile("rdtsc" : "=A"(value));
	return value;
}

static inline void
put(char c)
{
	while (!(inb(COM1 + UART_LSR) & UART_READY))
		continue;
	outb(COM1, c);
}

static inline void
print(const char *s)
{
	while (*s)
		put(*s++);
}

static inline void
hex(u32 value, int digits)
{
	while (digits-- > 0)
		put("0123456789abcdef"[value >> (4 * digits) & 15]);
}

static inline void
show(const char *name, u32 value, int digits)
{
	put(' ');
	print(name);
	put('=');
	hex(value, digits);
}
