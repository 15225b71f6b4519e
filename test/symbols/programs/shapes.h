/* Types of every shape the reader must know, shared by two units. */
#ifndef SHAPES_H
#define SHAPES_H

struct unit_private;			/* defined in helper.c only */
struct never_defined;

typedef unsigned long vaddr_t;
typedef int (*handler_t)(int, const char *);

enum state { SIDL = 1, SRUN, SSLEEP, SZOMB = 40 };
enum sign { BELOW = -3, NOUGHT, ABOVE = 7 };

struct list {
	struct list	*next;
	struct list	**prev;
};

struct flags {
	unsigned int	 a : 1;
	unsigned int	 b : 3;
	int		 c : 5;
	unsigned int	 : 3;
	unsigned int	 d : 20;
	unsigned long	 wide : 37;
	_Bool		 truth : 1;
	enum state	 state : 7;
	unsigned char	 tail : 4;
};

struct __attribute__((packed)) packed {
	char		 c;
	long		 l;
	short		 s : 9;
	int		 rest : 23;
};

union number {
	long		 l;
	double		 d;
	unsigned char	 bytes[8];
};

struct everything {
	struct list	 link;
	char		 name[24];
	const char	*const text;
	volatile int	 counter;
	enum state	 state;
	enum sign	 sign;
	vaddr_t		 matrix[2][3];
	handler_t	 handler;
	void		(*cleanup)(void);
	struct flags	 flags;
	struct packed	 packed;
	union {
		long	 as_long;
		struct {
			int	 low;
			int	 high;
		};
	};
	struct {
		short	 x, y;
	} point[3];
	union number	 number;
	struct unit_private *hidden;
	struct never_defined *nowhere;
	long double	 extended;
	float		 real;
	_Bool		 yes;
	__int128	 huge;
	unsigned char	 trailing[];
};

struct qualified {
	const volatile void	*channel;
	volatile const int	 status;
	char *const volatile	*restrict fixed;
	const char		*const words[3];
	int			(*const table[2])(const volatile long *);
	_Atomic unsigned short	 turn;
	unsigned long long	 (*(*maker)(void))[4];
};

struct zero_length {
	int		 n;
	char		 none[0];
};

int	helper(struct everything *, int);
int	chain(int);
extern struct everything everything;

#endif
