/* Measures what the host's kernel takes for the work that linuxmem's costs stand for. Prints "name nanoseconds" a line,
   or "name - reason". CPU time of this process, the median of a few runs; where two CPUs must run at once, the median
   of many short ones, so that others who take one away for a while change nothing. */
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
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, SHORT_RUNS = 101, PASSES = 200 };
static const size_t PAGE = 4096, MIB = 1u << 20;
static double results[RUNS];
static volatile char sink;

static double now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static double cpu(void) { return now(CLOCK_PROCESS_CPUTIME_ID); }

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void tell(const char *name, double operations) {
    qsort(results, RUNS, sizeof *results, by_value);
    printf("%s %.1f\n", name, results[RUNS / 2] / operations);
    fflush(stdout);
}

static void cannot(const char *name, const char *reason) {
    printf("%s - %s\n", name, reason);
    fflush(stdout);
}

static char *anonymous(size_t bytes) {
    char *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        exit(1);
    madvise(p, bytes, MADV_NOHUGEPAGE);
    return p;
}

static void touch(char *p, size_t bytes, int writes) {
    for (size_t at = 0; at < bytes; at += PAGE) {
        if (writes)
            p[at] = 1;
        else
            sink += p[at];
    }
}

static void calls(void) {
    const int times = 300000;
    for (int run = 0; run < RUNS; run++) {
        double begin = cpu();
        for (int i = 0; i < times; i++)
            syscall(SYS_getppid);
        results[run] = cpu() - begin;
    }
    tell("syscall", times);
    for (int run = 0; run < RUNS; run++) {
        double begin = cpu();
        for (int i = 0; i < times / 5; i++)
            munmap(anonymous(PAGE), PAGE);
        results[run] = cpu() - begin;
    }
    tell("mmap_pair", times / 5); /* with a madvise between, which is taken off by the reader */
}

static void faults(void) {
    const size_t bytes = 64 * MIB;
    double unmaps[RUNS];
    for (int run = 0; run < RUNS; run++) {
        char *p = anonymous(bytes);
        double begin = cpu();
        touch(p, bytes, 1);
        results[run] = cpu() - begin;
        begin = cpu();
        munmap(p, bytes);
        unmaps[run] = cpu() - begin;
    }
    tell("write_fault", bytes / PAGE);
    memcpy(results, unmaps, sizeof results);
    tell("unmap_page", bytes / PAGE);
    char *p = anonymous(bytes);
    touch(p, bytes, 1);
    char *q = anonymous(bytes);
    touch(q, bytes, 1);
    for (int run = 0; run < RUNS; run++) {
        double begin = cpu();
        for (size_t at = 0; at < bytes; at += PAGE)
            memset(p + at, run, PAGE);
        results[run] = cpu() - begin;
    }
    tell("zero_page", bytes / PAGE);
    for (int run = 0; run < RUNS; run++) {
        double begin = cpu();
        for (size_t at = 0; at < bytes; at += PAGE)
            memcpy(q + at, p + at, PAGE);
        results[run] = cpu() - begin;
    }
    tell("copy_page", bytes / PAGE);
    munmap(p, bytes);
    munmap(q, bytes);
}

static double forks(int times) {
    double begin = cpu();
    for (int i = 0; i < times; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(0);
        waitpid(child, 0, 0);
    }
    return (cpu() - begin) / times;
}

static void processes(void) {
    const size_t bytes = 64 * MIB;
    for (int run = 0; run < RUNS; run++)
        results[run] = forks(100);
    tell("fork", 1);
    double small = results[RUNS / 2];
    char *p = anonymous(bytes);
    touch(p, bytes, 1);
    for (int run = 0; run < RUNS; run++)
        results[run] = forks(10) - small;
    tell("fork_page", bytes / PAGE);
    munmap(p, bytes);
    int there[2], back[2];
    char c = 0;
    const int times = 20000;
    if (pipe(there) || pipe(back))
        exit(1);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    cpu_set_t before;
    sched_getaffinity(0, sizeof before, &before);
    sched_setaffinity(0, sizeof one, &one);
    pid_t child = fork();
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1)
            ;
        _exit(0);
    }
    for (int run = 0; run < RUNS; run++) {
        double begin = now(CLOCK_MONOTONIC);
        for (int i = 0; i < times; i++) {
            if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
                exit(1);
        }
        results[run] = now(CLOCK_MONOTONIC) - begin;
    }
    tell("pipe_switch", times * 2);
    close(there[1]);
    waitpid(child, 0, 0);
    sched_setaffinity(0, sizeof before, &before);
}

static atomic_int turn, stop, ready;
static int cpus[2];

static void pin(int which) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpus[which], &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void *answers(void *unused) {
    pin(1);
    ready = 1;
    while (!stop) {
        if (turn == 1)
            turn = 0;
    }
    return unused;
}

/* A word that two CPUs write in turn, nanoseconds from one to the other: the median of runs of 50 us or so. */
static double passes(void) {
    static double runs[SHORT_RUNS];
    for (int run = 0; run < SHORT_RUNS; run++) {
        double begin = now(CLOCK_MONOTONIC);
        for (int i = 0; i < PASSES; i++) {
            turn = 1;
            while (turn)
                ;
        }
        runs[run] = now(CLOCK_MONOTONIC) - begin;
    }
    qsort(runs, SHORT_RUNS, sizeof *runs, by_value);
    return runs[SHORT_RUNS / 2] / PASSES / 2;
}

static void *spins(void *unused) {
    pin(1);
    ready = 1;
    while (!stop)
        ;
    return unused;
}

static double shootdowns(char *page, int times) {
    double begin = now(CLOCK_THREAD_CPUTIME_ID);
    for (int i = 0; i < times; i++) {
        page[0] = 1;
        madvise(page, PAGE, MADV_DONTNEED);
    }
    return (now(CLOCK_THREAD_CPUTIME_ID) - begin) / times;
}

static void pairs(void) {
    cpu_set_t all;
    sched_getaffinity(0, sizeof all, &all);
    int found = 0;
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++) {
        if (CPU_ISSET(i, &all))
            cpus[found++] = i;
    }
    if (found < 2) {
        cannot("line", "it takes two CPUs");
        cannot("shootdown", "it takes two CPUs");
        return;
    }
    pin(0);
    pthread_t other;
    char *page = anonymous(PAGE);
    double alone[RUNS];
    const int times = 20000;
    for (int run = 0; run < RUNS; run++)
        alone[run] = shootdowns(page, times);
    qsort(alone, RUNS, sizeof *alone, by_value);
    stop = ready = 0;
    pthread_create(&other, 0, spins, 0);
    while (!ready)
        ;
    for (int run = 0; run < RUNS; run++)
        results[run] = shootdowns(page, times) - alone[RUNS / 2];
    tell("shootdown", 1);
    stop = 1;
    pthread_join(other, 0);
    stop = ready = 0;
    pthread_create(&other, 0, answers, 0);
    while (!ready)
        ;
    printf("line %.1f\n", passes());
    stop = 1;
    pthread_join(other, 0);
}

/* Others on this host are to disturb as little as they may; what is refused does no harm but to the result. */
static void ask_for_priority(void) {
    setsid();
    int fd = open("/proc/self/autogroup", O_WRONLY);
    if (fd >= 0) {
        ssize_t written = write(fd, "-20", 3);
        (void)written;
        close(fd);
    }
    setpriority(PRIO_PROCESS, 0, -20);
}

int main(void) {
    ask_for_priority();
    char *warm = anonymous(256 * MIB); /* memory that the host has to find first would count as faults' time */
    touch(warm, 256 * MIB, 1);
    munmap(warm, 256 * MIB);
    calls();
    faults();
    processes();
    pairs();
    return 0;
}
