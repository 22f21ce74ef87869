// memprobe SEED NOPS MODE: a seeded random walk over the memory system calls that writes down what the kernel said, a line a step.
// MODE is a set of letters: u without privileges, l limits, s sealing, k fork, f files, h huge lengths, o overcommit mode as it is.
// Lines: "V start end flags off name" initial mapping, "C nr a0..a5 = result", "A r|w addr = signal code faults", "M text" mapping,
// "N first count vector", "F"/"X" a child begins/ends.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PG 4096UL
#define ARENA 0x100000000UL
#define PAGES 48
static uint64_t state;
static uint64_t rnd(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
static unsigned below(unsigned n) { return (unsigned)(rnd() % n); }
static int chance(unsigned p) { return below(100) < p; }

static char out[1 << 16];
static unsigned fill;
static int log_fd, file_fd, ro_fd, depth;
static const char *mode;
static int has(char c) { return strchr(mode, c) != 0; }
static void flush(void) { unsigned d = 0; while (d < fill) { long n = write(log_fd, out + d, fill - d); if (n <= 0) _exit(9); d += n; } fill = 0; }
static void say(const char *f, ...) {
  if (fill > sizeof out - 1024) flush();
  va_list ap; va_start(ap, f); fill += vsnprintf(out + fill, 1024, f, ap); va_end(ap);
}
static long call(long nr, long a, long b, long c, long d, long e, long g) {
  long r = syscall(nr, a, b, c, d, e, g);
  if (r == -1) r = -errno;
  say("C %ld %lx %lx %lx %lx %lx %lx = %lx\n", nr, a, b, c, d, e, g, r);
  return r;
}
static sigjmp_buf back;
static int got_sig, got_code;
static char alt[65536];
static void handler(int s, siginfo_t *i, void *u) { (void)u; got_sig = s; got_code = i->si_code; siglongjmp(back, 1); }
static long minflt(void) { struct rusage u; getrusage(RUSAGE_SELF, &u); return u.ru_minflt; }
static long do_access(volatile char *p, int w) {
  got_sig = got_code = 0;
  long before = minflt();
  if (!sigsetjmp(back, 1)) { if (w) *p = (char)w; else (void)*p; }
  return minflt() - before;
}
static volatile char dummy[8192];
static void access_page(char *p, int w) {
  do_access(dummy + 4096, 1);
  long n = do_access(p, w);
  say("A %c %lx = %d %d %ld\n", w ? 'w' : 'r', (long)p, got_sig, got_code, n);
}
static long brk0;
static unsigned long top;   // the lowest address that the kernel chose: other mappings lie below mmap_base
static char *pick(void) {
  unsigned k = below(40);
  if (k < 32) return (char *)(ARENA + PG * below(PAGES));
  if (k < 35) return (char *)(ARENA + PG * below(PAGES) + 1 + below(4095));
  if (k == 35) return (char *)(below(3) * PG);
  if (k == 36) return (char *)0x7ffffffff000UL + PG * below(2);
  if (k == 37) return (char *)(uintptr_t)(-(long)PG * below(3));
  return (char *)(top ? top + PG * below(4) : 0);
}
static int big = 1;
static unsigned long len(void) {
  unsigned k = below(24);
  if (k < 17) return PG * (1 + below(9));
  if (k < 19) return 1 + below(3 * PG);
  if (k == 19) return 0;
  if (k == 20) return -1UL - below(2 * PG);
  if (k == 21) return big ? 1UL << 47 : PG;
  if (has('h') && k == 22) return (2UL << 20) * (1 + below(3)) + (chance(30) ? PG : 0);
  return PG * (20 + below(20));
}
static int prot(void) {
  static const int p[] = { 0, 1, 3, 3, 3, 2, 5, 7, 4 };
  if (chance(2)) return 1 << below(31);
  return p[below(9)];
}
static void maps(void) {
  static char b[1 << 16];
  int fd = open("/proc/self/maps", O_RDONLY); unsigned n = 0; long r;
  while ((r = read(fd, b + n, sizeof b - 1 - n)) > 0) n += r;
  close(fd); b[n] = 0;
  for (char *l = b, *e; (e = strchr(l, '\n')); l = e + 1) { *e = 0; say("M %s\n", l); }
}
static void residency(void) {
  static unsigned char v[PAGES];
  for (int i = 0; i < PAGES; i++) if (mincore((void *)(ARENA + PG * i), PG, v + i)) v[i] = 2 + 0;
  say("N %lx %d ", ARENA, PAGES);
  for (int i = 0; i < PAGES; i++) say("%d", v[i]);
  say("\n");
}
static void step(void) {
  for (;;) switch (below(26)) {
    case 0: case 1: case 2: {
      int f = chance(35) ? MAP_SHARED : MAP_PRIVATE, fd = -1;
      if (has('f') && chance(30)) fd = chance(70) ? file_fd : ro_fd; else f |= MAP_ANONYMOUS;
      unsigned k = below(10);
      char *a = k < 3 ? NULL : pick();
      if (k >= 6) f |= MAP_FIXED; else if (k == 5) f |= MAP_FIXED_NOREPLACE;
      if (chance(6)) f |= MAP_POPULATE;
      if (chance(5)) f |= MAP_NORESERVE;
      if (chance(5)) f |= MAP_LOCKED;
      if (chance(4)) f |= MAP_GROWSDOWN;
      if (chance(3)) f |= MAP_STACK;
      if (chance(3)) f |= MAP_32BIT;
      if (chance(3)) f |= MAP_NONBLOCK;
      if (chance(2)) f |= MAP_DENYWRITE | MAP_EXECUTABLE;
      if (chance(2)) f = (f & ~15) | below(16);
      if (chance(2)) f |= MAP_SYNC;
      if (chance(1)) f |= 1u << below(31);
      if (f & MAP_HUGETLB) f &= ~(MAP_HUGETLB);
      unsigned long off = chance(4) ? 5 : chance(3) ? -PG * below(9) : PG * below(12);
      long r = call(SYS_mmap, (long)a, len(), prot(), (unsigned)f, fd, off);
      if (r > 0 && ((unsigned long)r < ARENA || (unsigned long)r >= ARENA + PG * PAGES)) top = r;
      return; }
    case 3: call(SYS_munmap, (long)pick(), len(), 0, 0, 0, 0); return;
    case 4: case 5: { unsigned p = prot(); if (chance(5)) p |= PROT_GROWSDOWN; if (chance(2)) p |= PROT_GROWSUP; call(SYS_mprotect, (long)pick(), len(), p, 0, 0, 0); return; }
    case 6: case 7: case 8: access_page(pick(), 1 + below(100)); return;
    case 9: case 10: access_page(pick(), 0); return;
    case 11: case 12: {
      unsigned k = below(9); unsigned long n = len();
      if (k < 3) call(SYS_mremap, (long)pick(), len(), n, MREMAP_MAYMOVE, 0, 0);
      else if (k < 4) call(SYS_mremap, (long)pick(), n, n + PG * below(3), 0, 0, 0);
      else if (k < 6) call(SYS_mremap, (long)pick(), chance(50) ? n : len(), n, MREMAP_MAYMOVE | MREMAP_FIXED, (long)pick(), 0);
      else if (k < 7) call(SYS_mremap, (long)pick(), n, n, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | (chance(50) ? MREMAP_FIXED : 0), (long)(chance(50) ? 0 : pick()), 0);
      else call(SYS_mremap, (long)pick(), chance(30) ? 0 : n, len(), below(9), (long)pick(), 0);
      return; }
    case 13: { long now = syscall(SYS_brk, 0), to = now + (chance(60) ? 1 : -1) * (long)(chance(80) ? PG * below(6) : below(9000)); call(SYS_brk, chance(10) ? (long)PG * below(3) : to < brk0 ? brk0 : to, 0, 0, 0, 0, 0); return; }
    case 14: case 15: case 16: case 17: {
      static const int adv[] = { 0, 1, 2, 3, 4, 4, 4, 8, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 22, 23, 23, 24, 102, 102, 103, 103 };
      int a = chance(3) ? (int)below(110) : adv[below(26)];
      if (a == 9 || a == 25 || a == 14 || a == 21) a = 4;   // holes in files, huge pages and reclaim have logs of their own
      big = 0; call(SYS_madvise, (long)pick(), len(), a, 0, 0, 0); big = 1; return; }
    case 18: call(SYS_mlock, (long)pick(), len(), 0, 0, 0, 0); return;
    case 19: if (chance(50)) call(SYS_mlock2, (long)pick(), len(), below(4) == 3 ? below(9) : below(2), 0, 0, 0); else call(SYS_munlock, (long)pick(), len(), 0, 0, 0, 0); return;
    case 20: call(SYS_munlock, (long)pick(), len(), 0, 0, 0, 0); return;
    case 21: call(SYS_msync, (long)pick(), len(), chance(20) ? below(16) : 1 << below(3), 0, 0, 0); return;
    case 22: if (!chance(25)) break;
      if (chance(40)) call(SYS_mlockall, chance(70) ? 2 : below(9), 0, 0, 0, 0, 0); else call(SYS_munlockall, 0, 0, 0, 0, 0, 0);
      return;
    case 23:
      if (has('s') && chance(20)) { call(462, (long)pick(), PG * (1 + below(3)), chance(5), 0, 0, 0); return; }
      if (chance(30)) { call(SYS_pkey_mprotect, (long)pick(), len(), prot(), chance(70) ? -1 : (int)below(3) - 1, 0, 0); return; }
      if (has('f') && chance(60)) { call(SYS_remap_file_pages, (long)pick(), len(), chance(10), below(9), chance(50) ? 0 : 0x10000, 0); return; }
      break;
    case 24:
      if (has('k') && depth < 2 && chance(30)) {
        flush();
        pid_t c = fork();
        if (c == 0) {
          depth++;
          for (unsigned i = 0; i < sizeof out; i += 4096) ((volatile char *)out)[i] = out[i];
          for (unsigned i = 0; i < sizeof alt; i += 4096) ((volatile char *)alt)[i] = 1;
          access_page((char *)dummy, 0); fill = 0;
          say("F\n");
          for (unsigned n = 4 + below(14); n; n--) step();
          residency(); maps(); say("X\n"); flush(); _exit(0);
        }
        int st; waitpid(c, &st, 0);
        for (unsigned i = 0; i < sizeof out; i += 4096) ((volatile char *)out)[i] = out[i];
        for (unsigned i = 0; i < sizeof alt; i += 4096) ((volatile char *)alt)[i] = 1;
        return; }
      if (has('l') && chance(40)) {
        static const int res[] = { RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_MEMLOCK };
        int r = res[below(4)];
        struct rlimit l; getrlimit(r, &l);
        l.rlim_cur = chance(40) ? l.rlim_max : r == RLIMIT_MEMLOCK ? PG * below(60) : (r == RLIMIT_AS ? 6UL << 20 : 0) + PG * below(200);
        int e = setrlimit(r, &l) ? errno : 0;
        say("L %d %lx %lx = %d\n", r, (long)l.rlim_cur, (long)l.rlim_max, e);
        return; }
      break;
    default:
      if (chance(15)) { maps(); return; }
      if (chance(40)) { residency(); return; }
      break;
  }
}
int main(int argc, char **argv) {
  if (argc < 5) return 2;
  state = (unsigned)atoi(argv[1]) * 0x9E3779B97F4A7C15UL + 0x1234567; mode = argv[3];
  for (int i = 0; i < 8; i++) rnd();
  unsigned n = (unsigned)atoi(argv[2]);
  log_fd = open(argv[4], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  file_fd = open("probefile", O_RDWR | O_CREAT | O_TRUNC, 0666);
  ro_fd = open("probefile", O_RDONLY);
  static char block[PG];
  for (int p = 0; p < 64; p++) { memset(block, '0' + p, PG); if (pwrite(file_fd, block, PG, p * PG) < 0) return 3; }
  if (has('u') && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))) return 4;
  memset(out, 1, sizeof out); memset(alt, 1, sizeof alt); dummy[0] = dummy[4096] = 1;
  { volatile char deep[40000]; for (unsigned i = 0; i < sizeof deep; i += 1024) deep[i] = 1; }
  stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt }; sigaltstack(&ss, 0);
  struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
  sigaction(SIGSEGV, &sa, 0); sigaction(SIGBUS, &sa, 0);
  residency(); maps(); fill = 0;
  brk0 = syscall(SYS_brk, 0); say("B %lx\n", brk0);
  maps();
  for (int i = 0; i < 6; i++)
    call(SYS_mmap, ARENA + PG * 8 * i, PG * (5 + i % 3), 3, ((i & 1) ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
  while (n--) step();
  residency(); maps(); flush();
  return 0;
}
