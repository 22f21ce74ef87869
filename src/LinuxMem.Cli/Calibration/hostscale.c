/* Tests of will-it-scale on this host with 1 and 2 tasks, as processes and as threads, for 'linuxmem calibrate
   --compare'. Argument: a directory for files. Prints "test mode tasks operations-per-second spread-percent preempted"
   a line, or "- reason". Of each measurement the best of a few turns counts; the spread between the turns, and how
   often others took the CPU away, tell how far it is to be trusted. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURNS = 5, TASKS = 2, TESTS = 5 };
static const long WARM_NS = 20000000, TURN_NS = 80000000;
static const size_t PAGE = 4096, ANON_BYTES = 128u << 20, FILE_BYTES = 4u << 20;
static const char *names[TESTS] = {"page_fault1", "page_fault2", "page_fault3", "mmap1", "brk1"};
static const char *folder;
static int cpus[TASKS];

struct counter {
    _Alignas(128) _Atomic uint64_t done; /* a line of its own, as will-it-scale has it */
};

struct shared {
    atomic_int ready, go, stop;
    _Atomic long preempted;
    struct counter of[TASKS];
};
static struct shared *board;

struct task {
    int number, test;
};

static long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void rest(long ns) {
    struct timespec t = {ns / 1000000000L, ns % 1000000000L};
    while (nanosleep(&t, &t))
        ;
}

static void fail(const char *what) {
    perror(what);
    _exit(1);
}

static int open_file(int number) {
    char path[4096];
    snprintf(path, sizeof path, "%s/willitscale.%d", folder, number);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0 || ftruncate(fd, FILE_BYTES))
        fail(path);
    char *p = mmap(0, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        fail("mmap");
    memset(p, 1, FILE_BYTES);
    munmap(p, FILE_BYTES);
    return fd;
}

static void faults(struct task *me, int fd, int flags, size_t bytes) {
    while (!board->stop) {
        char *p = mmap(0, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
        if (p == MAP_FAILED)
            fail("mmap");
        for (size_t at = 0; at < bytes && !board->stop; at += PAGE) {
            p[at] = 1;
            board->of[me->number].done++;
        }
        munmap(p, bytes);
    }
}

static void mappings(struct task *me) {
    while (!board->stop) {
        char *p = mmap(0, ANON_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            fail("mmap");
        munmap(p, ANON_BYTES);
        board->of[me->number].done++;
    }
}

static void heap(struct task *me) {
    char *end = sbrk(0);
    while (!board->stop) {
        if (brk(end + PAGE) || brk(end))
            fail("brk");
        board->of[me->number].done += 2;
    }
}

static void *run(void *argument) {
    struct task *me = argument;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpus[me->number], &one);
    sched_setaffinity(0, sizeof one, &one);
    int fd = me->test == 1 || me->test == 2 ? open_file(me->number) : -1;
    board->ready++;
    while (!board->go)
        ;
    struct rusage before, after;
    getrusage(RUSAGE_THREAD, &before);
    switch (me->test) {
        case 0: faults(me, -1, MAP_PRIVATE | MAP_ANONYMOUS, ANON_BYTES); break;
        case 1: faults(me, fd, MAP_PRIVATE, FILE_BYTES); break;
        case 2: faults(me, fd, MAP_SHARED, FILE_BYTES); break;
        case 3: mappings(me); break;
        default: heap(me); break;
    }
    getrusage(RUSAGE_THREAD, &after);
    board->preempted += after.ru_nivcsw - before.ru_nivcsw;
    return 0;
}

static uint64_t sum(int tasks) {
    uint64_t all = 0;
    for (int i = 0; i < tasks; i++)
        all += board->of[i].done;
    return all;
}

static double turn(int test, int threads, int tasks, long *preempted) {
    struct task team[TASKS];
    pthread_t ids[TASKS];
    pid_t pids[TASKS];
    memset(board, 0, sizeof *board);
    for (int i = 0; i < tasks; i++) {
        team[i] = (struct task){i, test};
        if (threads) {
            if (pthread_create(&ids[i], 0, run, &team[i]))
                fail("pthread_create");
            continue;
        }
        pids[i] = fork();
        if (pids[i] < 0)
            fail("fork");
        if (pids[i] == 0) {
            prctl(PR_SET_PDEATHSIG, 9);
            run(&team[i]);
            _exit(0);
        }
    }
    while (board->ready < tasks)
        rest(100000);
    board->go = 1;
    rest(WARM_NS);
    uint64_t first = sum(tasks);
    long begin = now();
    rest(TURN_NS);
    uint64_t last = sum(tasks);
    long end = now();
    board->stop = 1;
    for (int i = 0; i < tasks; i++) {
        int status = 0;
        if (threads)
            pthread_join(ids[i], 0);
        else if (waitpid(pids[i], &status, 0) < 0 || status)
            exit(1);
    }
    *preempted += board->preempted;
    return (last - first) * 1e9 / (end - begin);
}

static void measure(int test, int threads, int tasks) {
    double best = 0, least = 0;
    long preempted = 0;
    for (int i = 0; i < TURNS; i++) {
        double rate = turn(test, threads, tasks, &preempted);
        best = rate > best ? rate : best;
        least = i == 0 || rate < least ? rate : least;
    }
    printf("%s %s %d %.0f %.0f %ld\n", names[test], threads ? "threads" : "processes", tasks, best,
        best > 0 ? (best - least) * 100 / best : 100, preempted);
    fflush(stdout);
}

int main(int count, char **arguments) {
    folder = count > 1 ? arguments[1] : "/tmp";
    cpu_set_t all;
    int found = 0;
    sched_getaffinity(0, sizeof all, &all);
    for (int i = 0; i < CPU_SETSIZE && found < TASKS; i++) {
        if (CPU_ISSET(i, &all))
            cpus[found++] = i;
    }
    if (found < TASKS) {
        printf("- it takes two CPUs, and this process may use one\n");
        return 0;
    }
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    board = mmap(0, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        fail("mmap");
    for (int test = 0; test < TESTS; test++) {
        for (int threads = 0; threads < 2; threads++) {
            for (int tasks = 1; tasks <= TASKS; tasks++)
                measure(test, threads, tasks);
        }
    }
    return 0;
}
