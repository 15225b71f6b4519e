/* SPDX-License-Identifier: ISC */
/*
 * A kernel of a few lines that has nothing of OpenBSD: a table of tasks, and
 * a monitor on the serial line that makes and ends them.
 */
#define COM1		0x3f8
#define LINE_CONTROL	3
#define LINE_STATUS	5
#define EIGHT_BITS	0x03
#define DIVISOR_ACCESS	0x80
#define RECEIVED	0x01
#define ROOM_TO_SEND	0x20

#define TASKS		4
#define NAME_LENGTH	8

enum task_state { TASK_FREE, TASK_READY };

struct task {
	int		id;
	enum task_state	state;
	char		name[NAME_LENGTH];
	struct task    *next;		/* in the queue of those that are ready */
};

struct task	tasks[TASKS];
struct task    *ready;
int		ntasks;
static int	last_id;

static inline unsigned char
inb(unsigned short port)
{
	unsigned char value;

	__asm volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

static inline void
outb(unsigned short port, unsigned char value)
{
	__asm volatile("outb %0, %1" : : "a" (value), "Nd" (port));
}

/* As fast as it goes: 115,200 bits a second. */
void
console_init(void)
{
	outb(COM1 + LINE_CONTROL, DIVISOR_ACCESS | EIGHT_BITS);
	outb(COM1, 1);
	outb(COM1 + 1, 0);
	outb(COM1 + LINE_CONTROL, EIGHT_BITS);
}

int
console_getc(void)
{
	while ((inb(COM1 + LINE_STATUS) & RECEIVED) == 0)
		__asm volatile("pause");
	return inb(COM1);
}

void
console_puts(const char *text)
{
	for (; *text != '\0'; text++) {
		while ((inb(COM1 + LINE_STATUS) & ROOM_TO_SEND) == 0)
			__asm volatile("pause");
		outb(COM1, *text);
	}
}

struct task *
task_alloc(void)
{
	int i;

	for (i = 0; i < TASKS; i++)
		if (tasks[i].state == TASK_FREE)
			return &tasks[i];
	return 0;
}

void
task_enqueue(struct task *t)
{
	t->next = ready;
	ready = t;
}

/* The new task's id, or -1 when there is no room. */
int
task_create(const char *name)
{
	struct task *t = task_alloc();
	int i;

	if (t == 0)
		return -1;
	for (i = 0; i < NAME_LENGTH - 1 && name[i] != '\0'; i++)
		t->name[i] = name[i];
	t->name[i] = '\0';
	t->id = ++last_id;
	t->state = TASK_READY;
	ntasks++;
	task_enqueue(t);
	return t->id;
}

void
task_end(void)
{
	struct task *t = ready;

	if (t == 0)
		return;
	ready = t->next;
	t->state = TASK_FREE;
	ntasks--;
}

void
command(const char *line)
{
	if (line[0] == 'c')
		console_puts(task_create(line + 2) < 0 ? "no room\n" : "created\n");
	else if (line[0] == 'e')
		task_end();
	else
		console_puts("?\n");
}

void
main(void)
{
	char line[32];
	unsigned int length;
	int c;

	console_init();
	console_puts("monitor\n");
	for (;;) {
		console_puts("> ");
		for (length = 0; (c = console_getc()) != '\n'; )
			if (length < sizeof(line) - 1)
				line[length++] = c;
		line[length] = '\0';
		command(line);
	}
}
