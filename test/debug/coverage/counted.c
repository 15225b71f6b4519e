/* For gcov and for puffer: the same lines run the same number of times. */
#include <stdio.h>
#include <string.h>

static int
fibonacci(int n)
{
	if (n < 2)
		return n;
	return fibonacci(n - 1) + fibonacci(n - 2);
}

static const char *
kind(int n)
{
	switch (n % 4) {
	case 0:
		return "even of fours";
	case 2:
		return "even";
	case 1:
		if (n == 1)
			return "one";
		break;
	default:
		if (n < 0)
			return "negative";
	}
	return "odd";
}

static int
never(int n)
{
	return n * 2;
}

static inline int
clamp(int n, int most)
{
	return n > most ? most : n;
}

int
main(int argc, char **argv)
{
	char copy[64];
	size_t letters = 0;
	int sum = 0;

	for (int i = 0; i < 10; i++) {
		strncpy(copy, kind(i), sizeof(copy) - 1);
		copy[sizeof(copy) - 1] = '\0';
		letters += strlen(copy);
		sum += clamp(i, 5);
		if (sum > 1000) {
			sum = never(sum);
			break;
		}
	}
	while (sum > 30)
		sum -= 2;
	do {
		sum++;
	} while (sum < 33 && argc > 100);
	if (argc > 1)
		printf("%s\n", argv[1]);
	else
		printf("%zu %d %d\n", letters, sum, fibonacci(10));
	return 0;
}
