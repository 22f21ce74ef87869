// Allocates as a seed says, and tells the kernel's log what came of it: each operation is a write of its line to fd 9
// (which fails), between the calls that it makes. Modes: s small sizes, m middle, l large, x all; t with threads.
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned long long state;
static unsigned next(unsigned below)
{
	state ^= state << 13, state ^= state >> 7, state ^= state << 17;
	return (unsigned)(state >> 11) % below;
}

enum { SLOTS = 96, THREADS = 20 };
static char *slot[SLOTS];
static const char *mode;

static void say(const char *form, unsigned long a, unsigned long b, void *p)
{
	char line[96];
	int n = snprintf(line, sizeof line, form, a, b, (unsigned long)p);
	write(9, line, n);
}

static unsigned long size(void)
{
	switch (mode[0] == 'x' ? "smlsm"[next(5)] : mode[0]) {
	case 's': return next(8) ? next(200) : next(1500);
	case 'm': return next(4) ? next(20000) : next(150000);
	default: return next(3) ? 100000 + next(400000) : next(6) ? next(4000000) : next(50000000);
	}
}

static void step(void)
{
	int i = next(SLOTS);
	unsigned long n = size();
	switch (next(10)) {
	case 0: case 1: case 2: case 3:
		if (!slot[i]) {
			slot[i] = malloc(n);
			say("m %lu %lu %#lx\n", i, n, slot[i]);
			break;
		}
		/* fall through */
	case 4: case 5: case 6: {
		char *p = slot[i];
		slot[i] = 0;
		free(p);
		say("f %lu %lu %#lx\n", i, 0, p);
		break;
	}
	case 7: case 8:
		if (n == 0)
			n = 1;
		slot[i] = realloc(slot[i], n);
		say("r %lu %lu %#lx\n", i, n, slot[i]);
		break;
	default:
		if (slot[i])
			break;
		slot[i] = calloc(1, n);
		say("c %lu %lu %#lx\n", i, n, slot[i]);
	}
}

static sem_t turn[THREADS], done;
static int ending;
static long steps;

static void run(long count)
{
	for (long i = 0; i < count; i++)
		step();
}

static void *work(void *arg)
{
	long self = (long)arg;
	int last;
	do {
		sem_wait(&turn[self]);
		last = ending;
		run(steps / THREADS / 4);
		say("t %lu %lu %#lx\n", self, last, 0);
		if (!last)
			sem_post(&done);
	} while (!last);
	return 0;
}

/* Threads that are there at once, of which one at a time does something: what one allocated another may free. */
static void crowd(long threads, int rounds)
{
	static pthread_t thread[THREADS];
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 65536);
	ending = 0;
	for (long i = 0; i < threads; i++) {
		pthread_create(thread + i, &small, work, (void *)i);
		say("p %lu %lu %#lx\n", i, 0, 0);
	}
	for (int round = 0; round < rounds; round++)
		for (long i = 0; i < threads; i++) {
			sem_post(&turn[i]);
			sem_wait(&done);
		}
	ending = 1;
	for (long i = threads; i-- > 0;) {
		sem_post(&turn[i]);
		pthread_join(thread[i], 0);
	}
}

int main(int argc, char **argv)
{
	mode = argv[1];
	state = strtoull(argv[2], 0, 0) * 0x9e3779b97f4a7c15ull + 1;
	steps = atol(argv[3]);
	if (strchr(mode, 'k')) /* something that brk cannot pass */
		mmap((char *)sbrk(0) + 0x180000, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	say("b %lu %lu %#lx\n", 0, 0, 0);
	if (strchr(mode, 't')) {
		crowd(THREADS, 3);
		crowd(THREADS / 3, 2);
	}
	run(steps);
	say("e %lu %lu %#lx\n", 0, 0, 0);
	_exit(0);
}
