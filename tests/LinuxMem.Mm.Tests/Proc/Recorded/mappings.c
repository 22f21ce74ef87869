// What smaps and numa_maps show of mappings at fixed addresses. Prints the records below 0x20000000 of this process
// and of two children that share its pages, and pagemap entries without their frame numbers.
//   gcc -O1 -o mappings mappings.c && setarch -R ./mappings > mappings.txt
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define A 0x10000000UL

static char *map(unsigned long at, int pages, int prot, int flags)
{
    char *p = mmap((void *)at, pages * PAGE, prot, flags | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (p != (char *)at)
        exit(1);
    return p;
}

static void show(const char *name)
{
    static char line[4096];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", name);
    FILE *f = fopen(path, "r");
    int on = 0;
    printf("### %s\n", name);
    while (fgets(line, sizeof line, f)) {
        if (line[0] >= '0' && line[0] <= '9' || line[0] >= 'a' && line[0] <= 'f') {
            unsigned long start = strtoul(line, 0, 16);
            on = start >= A && start < 0x20000000UL;
        }
        if (on)
            fputs(line, stdout);
    }
    fclose(f);
    fflush(stdout);
}

static void show_pagemap(void)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    printf("### pagemap\n");
    for (unsigned long at = A; at < A + 0x90000; at += PAGE) {
        uint64_t e = 0;
        pread(fd, &e, 8, at / PAGE * 8);
        if (e)
            printf("%lx %llx\n", at, (unsigned long long)(e & ~((1ULL << 55) - 1)));
    }
    close(fd);
    fflush(stdout);
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    volatile char *p = map(A, 4, rw, MAP_PRIVATE);
    p[0] = p[PAGE] = 1;                        // two pages written
    volatile char x = p[2 * PAGE];             // one read: the zero page
    map(A + 0x10000, 2, PROT_READ, MAP_PRIVATE);
    p = map(A + 0x20000, 4, rw, MAP_SHARED);
    p[0] = 1;                                  // a shared page written
    x = p[PAGE];                               // and one read
    map(A + 0x30000, 3, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
    p = map(A + 0x40000, 2, rw, MAP_PRIVATE);
    p[0] = 1;
    mprotect((void *)(A + 0x40000), 2 * PAGE, PROT_NONE);
    p = map(A + 0x50000, 3, rw, MAP_PRIVATE | MAP_LOCKED);
    madvise((void *)(A + 0x50000), PAGE, MADV_SEQUENTIAL);
    p = map(A + 0x60000, 3, rw | PROT_EXEC, MAP_PRIVATE | MAP_NORESERVE);
    p[0] = p[PAGE] = p[2 * PAGE] = 1;
    madvise((void *)(A + 0x61000), PAGE, MADV_DONTFORK);
    madvise((void *)(A + 0x62000), PAGE, MADV_RANDOM);
    map(A + 0x70000, 2, rw, MAP_PRIVATE | MAP_GROWSDOWN);
    p = map(A + 0x80000, 2, rw, MAP_PRIVATE);
    p[0] = 1;
    madvise((void *)(A + 0x80000), PAGE, MADV_WIPEONFORK);
    madvise((void *)(A + 0x81000), PAGE, MADV_DONTDUMP);
    show("smaps");
    show("numa_maps");
    show_pagemap();
    int ready[2], go[2];
    if (pipe(ready) || pipe(go))
        return 1;
    for (int child = 0; child < 2; child++) {
        if (fork())
            continue;
        write(ready[1], "r", 1);
        char c;
        read(go[0], &c, 1);
        if (c == 'p') {
            printf("### child\n");
            ((volatile char *)A)[0] = 2;       // breaks one page out of the sharing
            show("smaps");
            show_pagemap();
        }
        write(ready[1], "d", 1);
        read(go[0], &c, 1);
        _exit(0);
    }
    char c;
    read(ready[0], &c, 1);
    read(ready[0], &c, 1);
    printf("### parent of two\n");
    show("smaps");
    show("numa_maps");
    write(go[1], "p", 1);
    read(ready[0], &c, 1);
    write(go[1], "eee", 3);
    while (wait(0) > 0)
        ;
    return 0;
}
