// mmfuzz2 SEED NOPS MODE: mmfuzz widened, and made to tell its own addresses.
//
// Like mmfuzz it walks at random over calls that change or use memory, and loads and stores through system calls.
// strace shows contents in place of the addresses of buffers, so before such a call the program says the address, by a
// call that does nothing: lseek(-1, ADDRESS, SEEK_SET) fails with EBADF. With SEEK_CUR it says that it will load the
// byte at ADDRESS itself, with SEEK_END that it will store one.
//
// Its own pages (text, data, stack) are never in doubt: MADV_POPULATE_READ and MADV_POPULATE_WRITE fault all of them in
// at the start and after every fork: in the child at once, in the parent when the child has ended. Before the
// walk begins all of them become private copies: how the page cache holds those of the file is not for the log to say.
//
// MODE is a set of letters: a anonymous, f files, k fork, r mremap, b brk, m madvise and msync and mincore, l locks,
// g guard pages, h fallocate and holes, s memfd and System V shared memory, v process_vm_readv and writev,
// t own loads and stores (with signals), p /proc, x remap_file_pages, y more advice (FREE, PAGEOUT, MERGEABLE..), z mseal,
// q process_madvise, u splice, tee and vmsplice, w writes of many pages and mappings across them.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MLOCK_ONFAULT
#define MLOCK_ONFAULT 1
#endif

#define PG 4096UL
#define ARENA 0x100000000UL      // a window of 64 pages where fixed mappings collide
#define ARENA_PAGES 64

static uint64_t state;
static int data_fd, file_fd[4], files = 2, pipe_fd[2], depth;
static char *grown[16];
static unsigned grown_pages[16];
static int shm_id[2] = { -1, -1 };
static struct { uintptr_t start, end, stored; int prot; } image[32];
static int images;
static int pidfd = -1, own_pid;
static sigjmp_buf back;
static char buffer[16384] __attribute__((aligned(4096)));

static uint64_t rnd(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
static unsigned below(unsigned n) { return (unsigned)(rnd() % n); }
static int chance(unsigned percent) { return below(100) < percent; }
static int on(const char *mode, int letter) { return strchr(mode, letter) != NULL; }

static void say(const volatile void *address, int whence) { syscall(SYS_lseek, -1, address, whence); }

static char *pick(void) {
  unsigned k = below(20);
  if (k < 14) return (char *)(ARENA + PG * below(ARENA_PAGES));
  if (k < 18) {
    unsigned i = below(16);
    return grown[i] ? grown[i] + PG * below(grown_pages[i] + 1) : (char *)(ARENA + PG);
  }
  if (k == 18) { char *page = (char *)(ARENA + PG * below(ARENA_PAGES)); return page + 1 + below(4095); }
  return (char *)(uintptr_t)(below(3) * PG);
}

static size_t len(void) {
  unsigned k = below(12);
  if (k == 0) return 0;
  if (k == 1) return 1 + below(3 * PG);
  return PG * (1 + below(9));
}

static int prot(void) {
  static const int p[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE,
    PROT_WRITE, PROT_READ | PROT_EXEC };
  return p[below(7)];
}

static void remember(void *p, size_t n) {
  if (p == MAP_FAILED) return;
  unsigned i = below(16);
  grown[i] = p;
  grown_pages[i] = (n + PG - 1) / PG;
}

// mmap by the kernel's door: the C library would refuse a misaligned offset by itself.
static void map(const char *mode) {
  int anonymous = !on(mode, 'f') || chance(50), shared = chance(35);
  int flags = (shared ? MAP_SHARED : MAP_PRIVATE) | (anonymous ? MAP_ANONYMOUS : 0);
  unsigned k = below(10);
  char *a = k < 3 ? NULL : pick();
  if (k >= 6) flags |= MAP_FIXED; else if (k == 5) flags |= MAP_FIXED_NOREPLACE;
  if (chance(8)) flags |= MAP_POPULATE;
  if (chance(5)) flags |= MAP_NORESERVE;
  if (chance(4)) flags |= MAP_STACK;
  if (on(mode, 'l') && chance(6)) flags |= MAP_LOCKED;
  if (chance(3)) flags |= MAP_GROWSDOWN;
  if (chance(3)) flags = (flags & ~MAP_PRIVATE) | MAP_SHARED_VALIDATE;
  if (chance(2)) flags |= MAP_32BIT;
  size_t n = len();
  int p = prot(), fd = anonymous ? -1 : file_fd[below(files)];
  unsigned long off = chance(4) ? 5 : PG * below(12);
  remember((void *)syscall(SYS_mmap, a, n, p, flags, fd, off), n);
}

static void load(void) {
  char *a = pick() + below(PG - 32);
  unsigned n = 1 + below(24);
  say(a, SEEK_SET);
  if (syscall(SYS_write, pipe_fd[1], a, n) <= 0) return;
  say(buffer, SEEK_SET);
  syscall(SYS_read, pipe_fd[0], buffer, 64UL);
}

static void store(void) {
  char *a = pick() + below(PG - 32);
  unsigned n = 1 + below(24), off = below(4000);
  say(a, SEEK_SET);
  syscall(SYS_pread64, data_fd, a, n, off);
}

static void move(void) {
  unsigned k = below(9);
  char *a = pick();
  size_t old = len(), n = len();
  void *p;
  if (k < 4) p = (void *)syscall(SYS_mremap, a, old, n, MREMAP_MAYMOVE, 0UL);
  else if (k < 5) p = (void *)syscall(SYS_mremap, a, old, n, 0, 0UL);
  else if (k < 7) p = (void *)syscall(SYS_mremap, a, old, n, MREMAP_MAYMOVE | MREMAP_FIXED, pick());
  else {
    n = PG * (1 + below(4));
    if (k == 7) p = (void *)syscall(SYS_mremap, a, n, n, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0UL);
    else p = (void *)syscall(SYS_mremap, a, n, n, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, pick());
  }
  remember(p, n);
}

static void grow(void) {
  uintptr_t now = syscall(SYS_brk, 0UL);
  long by = chance(80) ? (long)(PG * below(6)) : (long)below(9000);
  now = syscall(SYS_brk, now + (chance(60) ? by : -by));
  grown[below(16)] = (char *)((now - 1) & ~(PG - 1));
}

static void advise(const char *mode) {
  static const int advices[] = { MADV_DONTNEED, MADV_DONTNEED, MADV_WILLNEED, MADV_RANDOM, MADV_SEQUENTIAL, MADV_NORMAL,
    MADV_DONTFORK, MADV_DOFORK, MADV_REMOVE, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_WIPEONFORK, MADV_KEEPONFORK,
    MADV_COLD, MADV_DONTDUMP, MADV_DODUMP, MADV_NOHUGEPAGE, 24 /* DONTNEED_LOCKED */, 77 };
  if (on(mode, 'g') && chance(35)) {
    char *a = pick();
    size_t n = len();
    madvise(a, n, chance(60) ? MADV_GUARD_INSTALL : MADV_GUARD_REMOVE);
    return;
  }
  char *a = pick();
  size_t n = len();
  madvise(a, n, advices[below(sizeof advices / sizeof *advices)]);
}

static void look(void) {
  char *a = pick();
  size_t n = len();
  switch (below(3)) {
    case 0: syscall(SYS_msync, a, n, chance(50) ? MS_SYNC : chance(50) ? MS_ASYNC : chance(50) ? MS_INVALIDATE : 5); break;
    default: say(buffer, SEEK_SET); syscall(SYS_mincore, a, n, buffer);
  }
}

static void lock(void) {
  char *a = pick();
  size_t n = len();
  switch (below(9)) {
    case 0: case 1: mlock(a, n); break;
    case 2: case 3: munlock(a, n); break;
    case 4: syscall(SYS_mlock2, a, n, MLOCK_ONFAULT); break;
    case 5: syscall(SYS_mlock2, a, n, below(4)); break;
    case 6: if (chance(15)) mlockall(1 + below(7)); else munlockall(); break;
    default: munlockall();
  }
}

static void file(const char *mode) {
  int fd = file_fd[below(files)];
  unsigned k = below(on(mode, 'h') ? 9 : 5);
  if (k == 0) syscall(SYS_ftruncate, fd, chance(70) ? PG * below(14) : (unsigned long)below(50000));
  else if (k <= 2) {
    memset(buffer, 'A' + below(26), 64);
    unsigned n = 1 + below(60), off = below(45000);
    say(buffer, SEEK_SET);
    syscall(SYS_pwrite64, fd, buffer, n, off);
  } else if (k <= 4) {
    unsigned n = 1 + below(60), off = below(50000);
    say(buffer, SEEK_SET);
    syscall(SYS_pread64, fd, buffer, n, off);
  } else if (k == 5) syscall(SYS_fallocate, fd, 0, PG * below(10), 1 + PG * below(5));
  else if (k == 6) syscall(SYS_fallocate, fd, 1 /* KEEP_SIZE */, PG * below(12), 1 + PG * below(5));
  else syscall(SYS_fallocate, fd, 3 /* PUNCH_HOLE|KEEP_SIZE */, (unsigned long)below(40000), 1 + (unsigned long)below(20000));
}

// Folios of several pages: writes make them, and faults, cuts and advice see them.
static void wide(void) {
  int fd = file_fd[below(files)];
  unsigned long off = chance(60) ? PG * below(40) : (unsigned long)below(160000);
  struct iovec parts[16];
  unsigned k = below(12), n = 1 + below(16), bytes = chance(70) ? 8192 : 1 + below(8192);
  loff_t from = chance(70) ? (loff_t)(PG * below(20)) : (loff_t)below(90000), to = (loff_t)off;
  if (k < 4) {
    memset(buffer, 'A' + below(26), 64);
    for (unsigned i = 0; i < n; i++) parts[i] = (struct iovec){ buffer, bytes };
    say(buffer, SEEK_SET);
    syscall(SYS_pwritev, fd, parts, (unsigned long)n, off, 0UL);
  } else if (k == 4) syscall(SYS_copy_file_range, file_fd[below(files)], &from, fd, &to, (unsigned long)below(160000), 0UL);
  else if (k == 5) syscall(SYS_fsync, fd);
  else if (k == 6) { // what is being written would stay, for as long as the disk takes
    syscall(SYS_fsync, fd);
    syscall(SYS_fadvise64, fd, off, (unsigned long)below(120000), 4 /* DONTNEED */);
  }
  else if (k == 7) syscall(SYS_ftruncate, fd, off);
  else if (k == 8) syscall(SYS_fallocate, fd, 3 /* PUNCH_HOLE|KEEP_SIZE */, off, 1 + (unsigned long)below(60000));
  else {
    void *at = (void *)(ARENA + PG * below(20));
    size_t bytes_mapped = PG * (1 + below(44));
    at = mmap(at, bytes_mapped, PROT_READ | (chance(70) ? PROT_WRITE : 0), (chance(70) ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED,
      fd, PG * below(8));
    remember(at, bytes_mapped);
  }
}

static void segment(void) {
  unsigned i = below(2), k = below(8);
  if (k == 0 && files < 4) {
    int fd = memfd_create("mm", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    if (fd >= 0) { syscall(SYS_ftruncate, fd, PG * 8); file_fd[files++] = fd; }
  } else if (k == 1 && files > 2) {
    static const int seals[] = { F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_WRITE, 0x10 /* FUTURE_WRITE */ };
    fcntl(file_fd[files - 1], F_ADD_SEALS, seals[below(4)]);
  } else if (k == 2 && shm_id[i] < 0) shm_id[i] = shmget(IPC_PRIVATE, PG * (1 + below(6)), IPC_CREAT | 0600);
  else if (k <= 4 && shm_id[i] >= 0) {
    static const int flags[] = { 0, SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC };
    void *p = shmat(shm_id[i], chance(40) ? NULL : pick(), flags[below(5)]);
    remember(p, PG * 4);
  } else if (k == 5) shmdt(pick());
  else if (k == 6 && shm_id[i] >= 0 && chance(30)) { shmctl(shm_id[i], IPC_RMID, NULL); shm_id[i] = -1; }
  else if (k == 7 && shm_id[i] >= 0) shmdt(grown[below(16)]);
}

static void cross(void) {
  struct iovec mine = { buffer, 1 + below(6000) }, other = { pick() + below(4096), 1 + below(6000) };
  if (chance(50)) memset(buffer, 'a' + below(26), mine.iov_len);
  if (chance(50)) syscall(SYS_process_vm_readv, getpid(), &mine, 1UL, &other, 1UL, 0UL);
  else syscall(SYS_process_vm_writev, getpid(), &mine, 1UL, &other, 1UL, 0UL);
}

static void caught(int signal) { (void)signal; siglongjmp(back, 1); }

static void touch(void) {
  volatile char *a = pick() + below(PG);
  int stores = chance(50);
  if (sigsetjmp(back, 1) != 0) return;
  say(a, stores ? SEEK_END : SEEK_CUR);
  if (stores) *a = 'x'; else (void)*a;
}

static void proc(const char *name) {
  int fd = open(name, O_RDONLY);
  if (fd < 0) return;
  for (;;) {
    say(buffer, SEEK_SET);
    if (syscall(SYS_read, fd, buffer, 8192UL) <= 0) break;
  }
  close(fd);
}

static void usage(void) { say(buffer, SEEK_SET); syscall(SYS_getrusage, RUSAGE_SELF, buffer); }

// All pages of the program itself, as its first look at /proc/self/maps found them. It stores to them before it has them
// faulted in: a CPU would keep in its TLB what it could only read, and fault once more.
static void settle(void) {
  for (int i = 0; i < images; i++)
    for (uintptr_t at = image[i].start; at < image[i].stored && image[i].prot & PROT_WRITE; at += PG)
      __atomic_fetch_or((char *)at, 0, __ATOMIC_RELAXED);
  for (int i = 0; i < images; i++)
    madvise((void *)image[i].start, image[i].end - image[i].start,
      image[i].prot & PROT_WRITE ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
  usage();
}

static void find_image(void) {
  static char text[8192];
  int fd = open("/proc/self/maps", O_RDONLY);
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  for (char *line = text; *line; line = strchr(line, '\n') + 1) {
    char *rest;
    uintptr_t start = strtoul(line, &rest, 16), end = strtoul(rest + 1, &rest, 16);
    char *end_of_line = strchr(line, '\n'), *name = strstr(line, "[v");
    if (name != NULL && name < end_of_line) { // vdso and vvar are not this program's, but the C library looked there
      if (name[2] == 'd') { say((char *)start, SEEK_CUR); (void)*(volatile char *)start; }
      continue;
    }
    image[images].start = start;
    image[images].end = end;
    name = strstr(line, "[heap]"); // of which the walk may have given back all but the C library's own
    image[images].stored = name != NULL && name < end_of_line ? start + PG : end;
    image[images].prot = (rest[1] == 'r' ? PROT_READ : 0) | (rest[2] == 'w' ? PROT_WRITE : 0) |
      (rest[3] == 'x' ? PROT_EXEC : 0);
    images++;
  }
}

static void copy_image(void) {
  for (int i = 0; i < images; i++) {
    void *start = (void *)image[i].start;
    size_t bytes = image[i].end - image[i].start;
    if (!(image[i].prot & PROT_WRITE)) mprotect(start, bytes, image[i].prot | PROT_WRITE);
    madvise(start, bytes, MADV_POPULATE_WRITE);
    if (!(image[i].prot & PROT_WRITE)) mprotect(start, bytes, image[i].prot);
  }
}

static void step(const char *mode);

static void advise_more(void) {
  static const int advices[] = { MADV_FREE, MADV_FREE, 21 /* PAGEOUT */, MADV_COLD, MADV_MERGEABLE, MADV_UNMERGEABLE,
    MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_POPULATE_WRITE, 100 /* HWPOISON */ + 7 };
  char *a = pick();
  size_t n = len();
  madvise(a, n, advices[below(sizeof advices / sizeof *advices)]);
}

static void advise_by_descriptor(void) {
  static const int advices[] = { MADV_COLD, 21 /* PAGEOUT */, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_POPULATE_READ, 77 };
  if (pidfd < 0 || own_pid != getpid()) pidfd = syscall(434 /* pidfd_open */, own_pid = getpid(), 0);
  struct iovec ranges[2] = { { pick(), len() }, { pick(), len() } };
  syscall(440 /* process_madvise */, pidfd, ranges, 1 + below(2), advices[below(7)], 0);
}

// Into the pipe whole pages go, out of it as much as there is.
static void move_bytes(void) {
  char *a = pick() + (chance(50) ? 0 : below(4096));
  struct iovec range = { a, 1 + below(9000) };
  int fd = file_fd[below(files)];
  loff_t at = below(40000);
  switch (below(5)) {
    case 0: say(a, SEEK_SET); syscall(SYS_vmsplice, pipe_fd[1], &range, 1UL, 2UL | 8 * below(2)); break;
    case 1: say(a, SEEK_SET); syscall(SYS_vmsplice, pipe_fd[0], &range, 1UL, 2UL); break;
    case 2: syscall(SYS_splice, fd, &at, pipe_fd[1], NULL, (unsigned long)below(9000), 2UL); break;
    case 3: syscall(SYS_splice, pipe_fd[0], NULL, fd, &at, (unsigned long)below(9000), 2UL); break;
    default: say(buffer, SEEK_SET); syscall(SYS_read, pipe_fd[0], buffer, 8192UL); break;
  }
}

static void split(const char *mode) {
  pid_t c = fork();
  if (c == 0) {
    depth++;
    settle();
    for (unsigned n = 4 + below(12); n; n--) step(mode);
    usage();
    _exit((int)below(4));
  }
  if (c > 0) { say(buffer, SEEK_SET); syscall(SYS_wait4, c, buffer, 0, NULL); }
  settle(); // not before: the two would run at the same time
}

static void step(const char *mode) {
  for (;;) switch (below(29)) {
    case 0: case 1: case 2: map(mode); return;
    case 3: { char *a = pick(); munmap(a, len()); return; }
    case 4: { char *a = pick(); size_t n = len(); mprotect(a, n, prot()); return; }
    case 5: case 6: case 7: case 8: store(); return;
    case 9: case 10: load(); return;
    case 11: if (!on(mode, 'r')) break; move(); return;
    case 12: if (!on(mode, 'b')) break; grow(); return;
    case 13: if (!on(mode, 'm')) break; advise(mode); return;
    case 14: if (!on(mode, 'm')) break; look(); return;
    case 15: if (!on(mode, 'l')) break; lock(); return;
    case 16: case 17: if (!on(mode, 'f')) break; file(mode); return;
    case 18: if (!on(mode, 's')) break; segment(); return;
    case 19: if (!on(mode, 'v')) break; cross(); return;
    case 20: if (!on(mode, 't')) break; touch(); return;
    case 21: if (!on(mode, 'x')) break; { char *a = pick(); syscall(SYS_remap_file_pages, a, PG * (1 + below(3)), 0, below(8), 0); } return;
    case 23: case 28: if (!on(mode, 'w')) break; wide(); return;
    case 24: if (!on(mode, 'y')) break; advise_more(); return;
    case 25: if (!on(mode, 'z') || !chance(30)) break; { char *a = pick(); syscall(462 /* mseal */, a, len(), chance(95) ? 0UL : 1UL); } return;
    case 26: if (!on(mode, 'q')) break; advise_by_descriptor(); return;
    case 27: if (!on(mode, 'u')) break; move_bytes(); return;
    case 22: if (!on(mode, 'k') || depth >= 2 || !chance(25)) break; split(mode); return;
    default:
      if (on(mode, 'p') && chance(30)) {
        static const char *const names[] = { "/proc/self/maps", "/proc/self/smaps_rollup", "/proc/self/smaps",
          "/proc/self/statm" };
        proc(names[below(4)]);
      } else usage();
      return;
  }
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  unsigned seed = (unsigned)atoi(argv[1]), n = (unsigned)atoi(argv[2]);
  const char *mode = argv[3];
  state = seed * 0x9E3779B97F4A7C15UL + 0x7654321;
  for (int i = 0; i < 8; i++) rnd();
  for (unsigned i = 0; i < 4096; i++) buffer[i] = (char)('a' + (i * 7 + i / 26) % 26);
  data_fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600);
  syscall(SYS_pwrite64, data_fd, buffer, 4096UL, 0UL);
  for (int f = 0; f < 2; f++) {
    file_fd[f] = open(f ? "f1" : "f0", O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (unsigned long p = 0; p < 8; p++) {
      memset(buffer, '0' + (int)p + 16 * f, 64);
      syscall(SYS_pwrite64, file_fd[f], buffer, 4096UL, p * 4096);
    }
  }
  pipe2(pipe_fd, O_NONBLOCK);
  find_image();
  if (on(mode, 't')) {
    struct sigaction action = { .sa_handler = caught };
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
  }
  for (int i = 0; i < 6; i++) {
    int shared = i & 1, from_file = on(mode, 'f') && i >= 3;
    mmap((void *)(ARENA + PG * 10 * i), PG * (8 + i % 3), PROT_READ | PROT_WRITE,
      (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | (from_file ? 0 : MAP_ANONYMOUS),
      from_file ? file_fd[i & 1] : -1, from_file ? PG * (i - 3) : 0);
  }
  copy_image();
  settle();
  while (n--) step(mode);
  usage();
  proc("/proc/self/maps");
  proc("/proc/self/smaps");
  return 0;
}
