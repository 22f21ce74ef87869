/* Tests of will-it-scale on this host with 1 and 2 tasks, as processes and as threads, for 'linuxmem calibrate
   --compare'. Arguments: a directory for files, and how many rounds. A round is a short slice of every test in every
   mode, one after the other, so that what slows the host down for a while slows all of them. Prints
   "test mode tasks operations-per-second lost-permille" a line, or "- reason". Lost is the share of the slice for which
   a task could have run and did not, for others had its CPU; the operations are by what is left. A task alone has a
   companion that keeps the other CPU from everybody else and does nothing, so that it has as much of the host as each
   of two. The test "line", of two processes only, passes a word in memory to and fro: a hypervisor moves its CPUs, and
   with them how long a cache line takes from one to the other. The test "munlock", of threads only, holds mmap_lock for
   writing while it looks at many VMAs and changes none: what two threads take longer is the way of the lock alone. The
   test "vma" maps and unmaps a page that no VMA is beside: the way of the lock, and of what is changed under it. */
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
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TASKS = 2, SCALED = 5, MUNLOCK = SCALED, VMA, LINE, TESTS, LOOKED_AT = 48 };
static const long WARM_NS = 4000000, SLICE_NS = 16000000;
static const size_t PAGE = 4096, MAPPING_BYTES = 128u << 20, REGION_BYTES = 4u << 20;
static const char *names[TESTS] = {"page_fault1", "page_fault2", "page_fault3", "mmap1", "brk1", "munlock",
                                    "vma", "line"};
static const char *folder;
static int cpus[TASKS];
static int files[TASKS];
static char *many, *lone;

struct result {
    _Alignas(128) double rate; /* a line of its own */
    double lost;
};

struct shared {
    _Alignas(128) atomic_int ready;
    _Alignas(128) atomic_int go;
    _Alignas(128) atomic_int finished;
    _Alignas(128) atomic_int over;
    _Alignas(128) atomic_int turn;
    struct result of[TASKS];
};
static struct shared *board;

struct task {
    int number, cpu, test, tasks;
    long warm_ns, end_ns, waited, begun_at, begun_done;
    uint64_t done;
};

static long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    _exit(1);
}

/* For how long this thread has waited for a CPU, in nanoseconds; -1 if the kernel does not tell. */
static long waited(void) {
    char path[64], text[96];
    snprintf(path, sizeof path, "/proc/self/task/%ld/schedstat", syscall(SYS_gettid));
    int fd = open(path, O_RDONLY);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (got <= 0)
        return -1;
    text[got] = 0;
    long ran, waits;
    return sscanf(text, "%ld %ld", &ran, &waits) == 2 ? waits : -1;
}

/* Called every few operations: whether to go on. Notes where the slice began and ended. */
static int goes_on(struct task *me) {
    long at = now();
    if (at < me->warm_ns)
        return 1;
    if (!me->begun_at) {
        me->waited = waited();
        me->begun_done = me->done;
        me->begun_at = now();
        return 1;
    }
    if (at < me->end_ns)
        return 1;
    if (me->end_ns) {
        long end = now(), waits = waited() - me->waited, ns = end - me->begun_at;
        board->of[me->number].rate = (me->done - me->begun_done) * 1e9 / (ns - waits);
        board->of[me->number].lost = me->waited < 0 ? -1 : waits * 1000.0 / ns;
        me->end_ns = 0;
        board->finished++;
    }
    return board->finished < me->tasks; /* the others are still measuring, so they are to be disturbed on */
}

static void faults(struct task *me, int fd, int flags) {
    while (1) {
        char *p = mmap(0, REGION_BYTES, PROT_READ | PROT_WRITE, flags, fd, 0);
        if (p == MAP_FAILED)
            fail("mmap");
        int more = 1;
        for (size_t at = 0; at < REGION_BYTES && more; at += PAGE) {
            p[at] = 1;
            if (!(++me->done & 15))
                more = goes_on(me);
        }
        munmap(p, REGION_BYTES);
        if (!more)
            return;
    }
}

static void mappings(struct task *me) {
    do {
        char *p = mmap(0, MAPPING_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            fail("mmap");
        munmap(p, MAPPING_BYTES);
        me->done++;
    } while ((me->done & 7) || goes_on(me));
}

static void heap(struct task *me) {
    char *end = sbrk(0);
    do {
        if (brk(end + PAGE) || brk(end))
            fail("brk");
        me->done += 2;
    } while ((me->done & 31) || goes_on(me));
}

static void looks(struct task *me) {
    do {
        munlock(many, LOOKED_AT * PAGE);
        me->done++;
    } while ((me->done & 15) || goes_on(me));
}

static void one_page(struct task *me) {
    char *mine = lone + (size_t)(4 * me->number + 1) * PAGE;
    do {
        if (mmap(mine, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
            fail("mmap");
        munmap(mine, PAGE);
        me->done += 2;
    } while ((me->done & 15) || goes_on(me));
}

static void passes(struct task *me) {
    do {
        while (board->turn != me->number && board->finished < me->tasks)
            ;
        board->turn = 1 - me->number;
        me->done++;
    } while ((me->done & 63) || goes_on(me));
}

static void pin(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static void *run(void *argument) {
    struct task *me = argument;
    pin(me->cpu);
    board->ready++;
    while (board->ready < me->tasks)
        ;
    long begin = now();
    me->warm_ns = begin + WARM_NS;
    me->end_ns = begin + WARM_NS + SLICE_NS;
    switch (me->test) {
        case 0: faults(me, -1, MAP_PRIVATE | MAP_ANONYMOUS); break;
        case 1: faults(me, files[me->number], MAP_PRIVATE); break;
        case 2: faults(me, files[me->number], MAP_SHARED); break;
        case 3: mappings(me); break;
        case 4: heap(me); break;
        case MUNLOCK: looks(me); break;
        case VMA: one_page(me); break;
        default: passes(me); break;
    }
    return 0;
}

static pid_t start_companion(int cpu) {
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, 9);
        pin(cpu);
        while (!board->over)
            ;
        _exit(0);
    }
    return pid;
}

static void slice(int test, int threads, int tasks, int round) {
    struct task team[TASKS];
    pthread_t ids[TASKS];
    pid_t pids[TASKS];
    memset(board, 0, sizeof *board);
    pid_t companion = tasks < TASKS ? start_companion(cpus[(tasks + round) % TASKS]) : 0;
    for (int i = 0; i < tasks; i++) {
        /* one task alone is on the one CPU and the other in turn */
        team[i] = (struct task){.number = i, .cpu = cpus[(i + round) % TASKS], .test = test, .tasks = tasks};
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
    double rate = 0, lost = 0;
    for (int i = 0; i < tasks; i++) {
        int status = 0;
        if (threads)
            pthread_join(ids[i], 0);
        else if (waitpid(pids[i], &status, 0) < 0 || status)
            exit(1);
        rate += board->of[i].rate;
        lost = board->of[i].lost > lost ? board->of[i].lost : lost;
    }
    board->over = 1;
    if (companion > 0)
        waitpid(companion, 0, 0);
    printf("%s %s %d %.0f %.0f\n", names[test], threads ? "threads" : "processes", tasks, rate, lost);
}

static void open_files(void) {
    for (int i = 0; i < TASKS; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/willitscale.%d", folder, i);
        files[i] = open(path, O_RDWR | O_CREAT, 0600);
        if (files[i] < 0 || ftruncate(files[i], REGION_BYTES))
            fail(path);
        char *p = mmap(0, REGION_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, files[i], 0);
        if (p == MAP_FAILED)
            fail("mmap");
        memset(p, 1, REGION_BYTES);
        munmap(p, REGION_BYTES);
    }
}

/* VMAs of one page, each unlike its neighbours. */
static void map_many(void) {
    many = mmap(0, LOOKED_AT * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (many == MAP_FAILED)
        fail("mmap");
    for (size_t i = 0; i < LOOKED_AT; i += 2) {
        if (mprotect(many + i * PAGE, PAGE, PROT_READ))
            fail("mprotect");
    }
    /* A hole between two files' pages, in which every page of a task has holes beside. */
    const size_t pages = 4 * TASKS + 1;
    lone = mmap(0, pages * PAGE, PROT_NONE, MAP_SHARED, files[0], 0);
    if (lone == MAP_FAILED)
        fail("mmap");
    munmap(lone + PAGE, (pages - 2) * PAGE);
    lone += PAGE;
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

int main(int count, char **arguments) {
    folder = count > 1 ? arguments[1] : "/tmp";
    int rounds = count > 2 ? atoi(arguments[2]) : 1;
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
    ask_for_priority();
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    board = mmap(0, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (board == MAP_FAILED)
        fail("mmap");
    open_files();
    map_many();
    for (int round = 0; round < rounds; round++) {
        for (int test = 0; test < TESTS; test++) {
            for (int mode = 0; mode < 4; mode++) {
                if (test < SCALED || ((test == MUNLOCK || test == VMA) && (mode & 1)) || (test == LINE && mode == 2))
                    slice(test, mode & 1, 1 + (mode >> 1), round);
            }
        }
    }
    return 0;
}
