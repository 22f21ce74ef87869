// errs GROUP [SEED]: calls of one group with arguments that are right and wrong, by chance, to be watched with strace.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#define N(a) (sizeof(a) / sizeof *(a))
#define PG 4096UL
static int fdr, fdw, fdrw, fdd, fdp[2], fdm, fdz, fdpath;
static int seed0;
static char *A; // 16 pages rw anon
static void group_mmap(void) {
  unsigned long addrs[] = {0, 0x10000000, 0x10000001, 0x1000, ~0UL & ~4095UL, 0x7ffffffff000};
  unsigned long lens[] = {0, 1, PG, PG * 3 + 1, 1UL << 47, ~0UL, ~4095UL};
  int prots[] = {0, 1, 2, 3, 4, 5, 7, 8, 0x1000000, 0x2000000};
  int flags[] = {0,        1,      2,      3,         0x22,      0x21,  0x12,   0x32,    0x100022,
                 0x100122, 0x2022, 0x8022, 0x40022,   0x60022,   0x62,  0x23,   0x80001, 0x80003,
                 0x8,      0x28,   0x128,  0x4000022, 0x1000002, 0x102, 0x10022};
  int fds[] = {-1, fdr, fdw, fdrw, fdd, fdp[0], fdm, fdz, fdpath, 999};
  unsigned long offs[] = {0, PG, 5, 1UL << 43, ~4095UL, 0x7ffffffffffff000};
  srand(1 + 100 * seed0);
  for (int i = 0; i < 1500; i++) {
    unsigned long a = addrs[rand() % 3 == 0 ? rand() % N(addrs) : 0],
                  l = lens[rand() % 3 ? 2 + rand() % 2 : rand() % N(lens)],
                  o = offs[rand() % 3 == 0 ? rand() % N(offs) : 0];
    int p = prots[rand() % N(prots)], f = flags[rand() % N(flags)], fd = fds[rand() % N(fds)];
    void *r = (void *)syscall(SYS_mmap, a, l, p, f, fd, o);
    if ((long)r > 0 || (long)r < -4095)
      if (l < 1UL << 30 && rand() % 4)
        munmap(r, l ? l : 1);
  }
}
static unsigned long rnda(void) {
  switch (rand() % 8) {
  case 0:
    return 0;
  case 1:
    return (unsigned long)A + PG * (rand() % 18);
  case 2:
    return (unsigned long)A + 1;
  case 3:
    return ~4095UL;
  case 4:
    return 0x7ffffffff000;
  default:
    return (unsigned long)A + PG * (rand() % 18);
  }
}
static unsigned long rndl(void) {
  switch (rand() % 9) {
  case 0:
    return 0;
  case 1:
    return 1;
  case 2:
    return ~0UL;
  case 3:
    return ~4095UL;
  case 4:
    return 1UL << 47;
  default:
    return PG * (1 + rand() % 6);
  }
}
static void remap(void) {
  mmap(A, PG * 18, 3, 0x32, -1, 0);
  mprotect(A + 3 * PG, PG, 0);
  munmap(A + 7 * PG, PG);
  mmap(A + 8 * PG, 2 * PG, 1, 0x12, fdr, 0);
  mmap(A + 10 * PG, 2 * PG, 3, 0x11, fdrw, 0);
  mmap(A + 12 * PG, PG, 3, 0x31, -1, 0);
  mmap(A + 13 * PG, PG, 3, 0x132, -1, 0);
  mprotect(A + 14 * PG, PG, 2);
  mlock(A + 15 * PG, PG);
}
static void group_prot(void) {
  srand(2 + 100 * seed0);
  remap();
  for (int i = 0; i < 900; i++) {
    int p[] = {0, 1, 2, 3, 4, 7, 8, 0x1000001, 0x2000001, 0x3000001, 16, -1};
    syscall(SYS_mprotect, rnda(), rndl(), p[rand() % N(p)]);
    if (rand() % 12 == 0)
      remap();
    if (rand() % 6 == 0)
      syscall(SYS_pkey_mprotect, rnda(), rndl(), p[rand() % N(p)], (rand() % 4) - 1);
  }
  syscall(SYS_pkey_alloc, 0, 0);
  syscall(SYS_pkey_alloc, 1, 0);
  syscall(SYS_pkey_alloc, 0, 4);
  syscall(SYS_pkey_alloc, 0, 3);
  for (int i = -1; i < 17; i++)
    syscall(SYS_pkey_free, i);
}
static void group_advise(void) {
  srand(3 + 100 * seed0);
  remap();
  for (int i = 0; i < 1500; i++) {
    int adv[] = {0,  1,  2,  3,  4,  5,  8,  9,  10,  11,  12,  13,  14,  15, 16, 17, 18,
                 19, 20, 21, 22, 23, 24, 25, 26, 100, 101, 102, 103, 104, -1, 6,  7};
    syscall(SYS_madvise, rnda(), rndl(), adv[rand() % N(adv)]);
    if (rand() % 15 == 0)
      remap();
  }
}
static void group_lock(void) {
  srand(4 + 100 * seed0);
  remap();
  char v[64];
  for (int i = 0; i < 900; i++) {
    switch (rand() % 8) {
    case 0:
    case 1:
      syscall(SYS_mlock, rnda(), rndl());
      break;
    case 2:
      syscall(SYS_munlock, rnda(), rndl());
      break;
    case 3:
      syscall(SYS_mlock2, rnda(), rndl(), rand() % 4);
      break;
    case 4:
      syscall(SYS_mincore, rnda(), rand() % 3 ? PG * (rand() % 8) : rndl(),
              rand() % 5 ? v : (rand() % 2 ? 0 : (void *)~0UL));
      break;
    case 5:
      syscall(SYS_msync, rnda(), rndl(), rand() % 9);
      break;
    case 6: {
      int x = rand() % 9;
      if (x == 0)
        syscall(SYS_mlockall, rand() % 10);
      else
        syscall(SYS_munlockall);
    } break;
    case 7:
      syscall(SYS_munmap, rand() % 3 ? rnda() : 1, rand() % 2 ? 0 : rndl() & 0x7fffffffffff);
      remap();
    }
  }
}
static void group_remap(void) {
  srand(5 + 100 * seed0);
  remap();
  for (int i = 0; i < 900; i++) {
    syscall(SYS_mremap, rnda(), rndl(), rndl(), rand() % 9,
            rand() % 3 ? (unsigned long)A + PG * (32 + rand() % 8) : rnda());
    if (rand() % 8 == 0) {
      munmap(A + PG * 19, PG * 40);
      remap();
    }
    if (rand() % 10 == 0)
      syscall(SYS_remap_file_pages, rnda(), rndl(), rand() % 2, rand() % 6, rand() % 2 ? 0 : 0x10000);
  }
}
static void group_shm(void) {
  srand(6 + 100 * seed0);
  int ids[6] = {-1, -1, -1, -1, -1, -1};
  for (int i = 0; i < 500; i++) {
    int k = rand() % 6;
    switch (rand() % 7) {
    case 0: {
      int fl[] = {0, 0600, 01600, 03600, 0400 | 01000, 04000 | 01600, 010000 | 01600, 0700, 01000, 02000};
      size_t sz[] = {0, 1, 4096, 8192, 100000, ~0UL, 1UL << 40};
      ids[k] = shmget(rand() % 3 ? 0 : 0x5000 + rand() % 3, sz[rand() % N(sz)], fl[rand() % N(fl)]);
      break;
    }
    case 1:
    case 2: {
      int fl[] = {0, SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC, 0x1000, SHM_REMAP | SHM_RND};
      unsigned long ad[] = {0, 0x20000000, 0x20000001, 0x20000fff, 1, 0xfff};
      void *p = (void *)syscall(SYS_shmat, rand() % 9 ? ids[k] : 12345, ad[rand() % N(ad)], fl[rand() % N(fl)]);
      if ((long)p > 0 && rand() % 2)
        syscall(SYS_shmdt, (char *)p + (rand() % 8 == 0));
      break;
    }
    case 3:
      syscall(SYS_shmdt, rand() % 2 ? 0x20000000 : (rand() % 2 ? 0 : 1));
      break;
    case 4: {
      struct shmid_ds ds;
      int c[] = {IPC_STAT, IPC_RMID, SHM_LOCK, SHM_UNLOCK, 99, -1};
      int x = c[rand() % N(c)];
      if (x != IPC_RMID || rand() % 3 == 0)
        shmctl(ids[k], x, x == IPC_STAT && rand() % 4 == 0 ? (void *)1 : &ds);
      break;
    }
    default:;
    }
  }
  for (int k = 0; k < 6; k++)
    shmctl(ids[k], IPC_RMID, 0);
  shmctl(shmget(0x5000, 0, 0), IPC_RMID, 0);
  shmctl(shmget(0x5001, 0, 0), IPC_RMID, 0);
  shmctl(shmget(0x5002, 0, 0), IPC_RMID, 0);
}
static void group_numa(void) {
  srand(7 + 100 * seed0);
  remap();
  unsigned long m[4] = {1, 0, 0, 0};
  int mode;
  void *pg[4];
  int nodes[4], st[4];
  for (int i = 0; i < 700; i++) {
    unsigned long *mp = rand() % 6 ? m : (rand() % 2 ? 0 : (void *)1);
    m[0] = rand() % 4;
    int md[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 0x8001, 0x4002, 0xc003, 0x2002, 0x2000, -1};
    unsigned long mn[] = {0, 1, 2, 3, 64, 65, 1024, 1025, ~0UL, 32769};
    switch (rand() % 8) {
    case 0:
    case 1:
      syscall(SYS_mbind, rnda(), rndl(), md[rand() % N(md)], mp, mn[rand() % N(mn)], rand() % 10);
      break;
    case 2:
      syscall(SYS_set_mempolicy, md[rand() % N(md)], mp, mn[rand() % N(mn)]);
      break;
    case 3:
      syscall(SYS_get_mempolicy, rand() % 5 ? &mode : 0, rand() % 3 ? m : 0, mn[rand() % N(mn)],
              rand() % 2 ? 0 : rnda(), rand() % 9);
      break;
    case 4: {
      unsigned long from[2] = {rand() % 4, 0}, to[2] = {rand() % 4, 0};
      syscall(SYS_migrate_pages, rand() % 4 ? 0 : (rand() % 2 ? -1 : 99999), mn[rand() % 4 + 1],
              rand() % 6 ? from : 0, rand() % 6 ? to : (void *)1);
      break;
    }
    case 5: {
      for (int j = 0; j < 4; j++) {
        pg[j] = (void *)rnda();
        nodes[j] = rand() % 3 - (rand() % 6 == 0) * 2;
      }
      syscall(SYS_move_pages, rand() % 5 ? 0 : (rand() % 2 ? 99999 : getpid()), rand() % 5, rand() % 8 ? pg : 0,
              rand() % 2 ? nodes : 0, rand() % 8 ? st : 0, rand() % 7);
      break;
    }
    case 6:
      syscall(450, rnda(), rndl(), rand() % 3, rand() % 4 == 0);
      break;
    case 7:
      if (rand() % 20 == 0)
        remap();
    }
  }
}
static void group_pvm(void) {
  srand(8 + 100 * seed0);
  remap();
  char b[8192];
  for (int i = 0; i < 500; i++) {
    struct iovec l[3], r[3];
    for (int j = 0; j < 3; j++) {
      l[j].iov_base = rand() % 5 ? (void *)b + rand() % 100 : (void *)rnda();
      l[j].iov_len = rand() % 9 ? rand() % 5000 : (rand() % 2 ? 0 : ~0UL);
      r[j].iov_base = (void *)(rnda() + rand() % 50);
      r[j].iov_len = rand() % 9 ? rand() % 6000 : (rand() % 2 ? 0 : ~0UL);
    }
    unsigned long cn[] = {0, 1, 1, 2, 2, 3, 1025, ~0UL};
    pid_t p[] = {getpid(), getpid(), getpid(), 1, 99999, -1, 0};
    long nr = rand() % 2 ? SYS_process_vm_readv : SYS_process_vm_writev;
    pid_t q = p[rand() % N(p)];
    if (q == 1)
      q = getpid();
    unsigned long lc = cn[rand() % N(cn)], rc = cn[rand() % N(cn)];
    if (lc > 3 && lc < 2000)
      lc = rand() % 2 ? lc : 1;
    syscall(nr, q, rand() % 12 ? l : (void *)1, lc, rand() % 12 ? r : (void *)1, rc, rand() % 10 == 0);
  }
}
static void group_misc(void) {
  srand(9 + 100 * seed0);
  for (int i = 0; i < 500; i++) {
    switch (rand() % 9) {
    case 0:
      syscall(SYS_membarrier, rand() % 2 ? 1 << (rand() % 11) : rand() % 20 - 2, rand() % 4 == 0 ? 1 : 0,
              rand() % 4 == 0 ? rand() % 3 : 0);
      break;
    case 1: {
      unsigned fl[] = {0, 1, 2, 3, 4, 5, 8, 9, 16, 32, 0x80000000, 0x54000004, 0xc};
      char nm[300];
      memset(nm, 'x', 299);
      nm[rand() % 2 ? 10 : 249 + rand() % 3] = 0;
      int fd = syscall(SYS_memfd_create, rand() % 9 ? nm : (void *)1, fl[rand() % N(fl)]);
      if (fd >= 0)
        close(fd);
      break;
    }
    case 2: {
      int fd = memfd_create("s", rand() % 2 ? MFD_ALLOW_SEALING : 0);
      ftruncate(fd, 8192);
      fcntl(fd, 1034);
      int s = rand() % 64;
      void *p = rand() % 3 ? MAP_FAILED : mmap(0, 4096, 3, MAP_SHARED, fd, 0);
      fcntl(fd, 1033, s);
      fcntl(fd, 1034);
      fcntl(fd, 1033, rand() % 128);
      ftruncate(fd, 4096 * (rand() % 4));
      pwrite(fd, "x", 1, rand() % 16384);
      fallocate(fd, rand() % 2 ? 3 : 0, 4096 * (rand() % 3), 4096);
      void *q = mmap(0, 4096, rand() % 4, rand() % 2 ? MAP_SHARED : MAP_PRIVATE, fd, 0);
      if (q != MAP_FAILED) {
        mprotect(q, 4096, 3);
        munmap(q, 4096);
      }
      if (p != MAP_FAILED)
        munmap(p, 4096);
      close(fd);
      break;
    }
    case 3:
      syscall(SYS_brk, rand() % 3 ? 0 : rand());
      break;
    case 4: {
      int md[] = {0, 1, 2, 3, 8, 9, 0x10, 0x11, 0x20, 0x40, 0x80, 0x100};
      long o[] = {0, 4096, 100, -1, 1L << 50};
      long l[] = {0, 1, 4096, 10000, -5, 1L << 62};
      fallocate(rand() % 3 ? fdrw : (rand() % 2 ? fdr : fdp[0]), md[rand() % N(md)], o[rand() % N(o)],
                l[rand() % N(l)]);
      break;
    }
    case 5:
      syscall(462, rand() % 2 ? (unsigned long)A : 0x7ffff0000001, rand() % 3 * 4096UL, rand() % 3 == 0);
      break;
    case 6:
      syscall(SYS_prctl, rand() % 2 ? 65 + rand() % 4 : 35 + rand() % 40, rand() % 3, rand() % 2 * 0, 0, 0);
      break;
    case 7: {
      struct rlimit r = {rand() % 2 ? 4096 * (rand() % 8) : ~0UL, ~0UL};
      int rs[] = {RLIMIT_MEMLOCK, RLIMIT_DATA, 99, -1};
      int x = rs[rand() % N(rs)];
      if (x == RLIMIT_DATA)
        r.rlim_cur = ~0UL;
      setrlimit(x, rand() % 9 ? &r : (void *)1);
      getrlimit(x, rand() % 9 ? &r : (void *)1);
      syscall(SYS_prlimit64, rand() % 3 ? 0 : 99999, x, 0, &r);
      break;
    }
    case 8: {
      int adv[] = {0, 1, 2, 3, 4, 5, 6, -1};
      posix_fadvise(rand() % 2 ? fdrw : (rand() % 2 ? fdp[0] : 999), rand() % 3 * 4096, rand() % 2 ? 0 : -1,
                    adv[rand() % N(adv)]);
      syscall(SYS_readahead, rand() % 2 ? fdr : fdp[0], 0, 4096);
      syscall(SYS_sync_file_range, rand() % 2 ? fdrw : fdp[0], rand() % 2 ? 0 : -1, 4096, rand() % 9);
      break;
    }
    }
  }
}
static void group_fork(void) {
  srand(10 + 100 * seed0);
  remap();
  for (int i = 0; i < 25; i++) {
    pid_t p = fork();
    if (!p) {
      for (int k = 0; k < 12; k++) {
        switch (rand() % 5) {
        case 0:
          syscall(SYS_madvise, rnda(), rndl(), rand() % 26);
          break;
        case 1:
          syscall(SYS_mprotect, rnda(), rndl(), rand() % 8);
          break;
        case 2:
          syscall(SYS_mremap, rnda(), rndl(), rndl(), rand() % 5, 0);
          break;
        case 3:
          syscall(SYS_munmap, (unsigned long)A + PG * (rand() % 18), PG * (1 + rand() % 3));
          break;
        case 4:
          syscall(SYS_mlock, rnda(), PG);
        }
      }
      _exit(rand() % 3);
    }
    int st;
    if (rand() % 4 == 0)
      kill(p, rand() % 2 ? 9 : 15);
    waitpid(p, &st, rand() % 2 ? 0 : WUNTRACED);
    for (int k = rand() % 9; k; k--)
      rand();
  }
  wait4(-1, 0, WNOHANG, 0);
  wait4(99999, 0, 0, 0);
  wait4(-1, 0, 0x80, 0);
  wait4(0x80000000, 0, 0, 0);
  pid_t v = vfork();
  if (!v)
    _exit(3);
  int st;
  wait4(v, &st, 0, 0);
}
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
static void group_uffd(void) {
  srand(11 + 100 * seed0);
  remap();
  int u = -1;
  for (int i = 0; i < 500; i++) {
    switch (rand() % 12) {
    case 0: {
      int fl[] = {0, O_CLOEXEC, O_NONBLOCK, 1, O_NONBLOCK | O_CLOEXEC, 2, 0x100};
      if (u >= 0 && rand() % 4 == 0) {
        close(u);
        u = -1;
      }
      if (u < 0)
        u = syscall(323, fl[rand() % N(fl)]);
      break;
    }
    case 1: {
      struct uffdio_api a = {rand() % 5 ? 0xaa : 0xab, rand() % 3 ? 0 : 1UL << (rand() % 20), 0};
      ioctl(u, UFFDIO_API, rand() % 9 ? &a : (void *)1);
      break;
    }
    case 2:
    case 3:
    case 4: {
      struct uffdio_register r = {{rnda(), rand() % 6 ? PG * (1 + rand() % 4) : rndl()}, rand() % 9};
      ioctl(u, UFFDIO_REGISTER, &r);
      break;
    }
    case 5: {
      struct uffdio_range r = {rnda(), rand() % 6 ? PG * (1 + rand() % 4) : rndl()};
      ioctl(u, rand() % 2 ? UFFDIO_UNREGISTER : UFFDIO_WAKE, &r);
      break;
    }
    case 6:
    case 7: {
      struct uffdio_copy c = {rnda(), rand() % 9 ? (unsigned long)A : rnda(),
                              rand() % 6 ? PG * (1 + rand() % 3) : rndl(), rand() % 5, 0};
      ioctl(u, UFFDIO_COPY, &c);
      break;
    }
    case 8: {
      struct uffdio_zeropage z = {
          {rnda(), rand() % 6 ? PG * (1 + rand() % 3) : rndl()}, rand() % 4 ? 0 : rand() % 3, 0};
      ioctl(u, UFFDIO_ZEROPAGE, &z);
      break;
    }
    case 9:
    case 10: {
      struct uffdio_writeprotect w = {{rnda(), rand() % 6 ? PG * (1 + rand() % 3) : rndl()}, rand() % 5};
      ioctl(u, UFFDIO_WRITEPROTECT, &w);
      break;
    }
    case 11: {
      struct uffdio_continue w = {{rnda(), rand() % 6 ? PG * (1 + rand() % 3) : rndl()}, rand() % 4};
      ioctl(u, UFFDIO_CONTINUE, &w);
      break;
    }
    }
    if (i % 60 == 59) {
      close(u);
      u = -1;
      remap();
    }
  }
}
static void group_file(void) {
  srand(12 + 100 * seed0);
  char b[8192];
  int fds[] = {fdrw, fdrw, fdr, fdw, fdd, fdp[0], fdp[1], fdm, fdm, fdz, fdpath, 999, -1};
  for (int i = 0; i < 900; i++) {
    int fd = fds[rand() % N(fds)], g = fds[rand() % N(fds)];
    if (fd == fdp[0] && rand() % 3)
      fd = fdrw;
    long off[] = {0, 1, 4096, 5000, 16384, 20000, -1, 1L << 40, ~0UL >> 1};
    long o = off[rand() % N(off)], o2 = off[rand() % N(off)];
    unsigned long ln[] = {0, 1, 100, 4096, 5000};
    unsigned long l = ln[rand() % N(ln)];
    struct iovec v[2] = {{b, l}, {b + 100, 10}};
    switch (rand() % 16) {
    case 0:
      if (fd != fdp[0])
        pread64(fd, b, l, o);
      break;
    case 1:
      if (o < 1 << 20)
        pwrite64(fd, b, l, o);
      break;
    case 2:
      lseek(fd, o, rand() % 7 - (rand() % 9 == 0));
      break;
    case 3:
      if (o < 1 << 20)
        ftruncate(fd, o);
      break;
    case 4:
      if (fd != fdp[0] && fd != fdp[1])
        syscall(327, fd, v, rand() % 3, o, 0, rand() % 4 ? 0 : rand() % 64);
      break;
    case 5:
      if (o < 1 << 20 && fd != fdp[1] && fd != fdp[0])
        syscall(328, fd, v, rand() % 3, o, 0, rand() % 4 ? 0 : rand() % 64);
      break;
    case 6:
      syscall(326, fd, rand() % 2 ? &o : 0, g, rand() % 2 && o2 < 1 << 20 ? &o2 : 0, l, rand() % 9 == 0);
      break;
    case 7:
      if (g != fdp[0] && g != fdp[1])
        sendfile64(g, fd, rand() % 2 ? &o : 0, l);
      break;
    case 8:
      posix_fadvise(fd, o, l, rand() % 8);
      break;
    case 9:
      syscall(SYS_readahead, fd, o, l);
      break;
    case 10: {
      struct stat s;
      fstat(fd, &s);
      break;
    }
    case 11:
      fsync(fd);
      break;
    case 12:
      fdatasync(fd);
      break;
    case 13:
      syscall(SYS_sync_file_range, fd, o, l, rand() % 9);
      break;
    case 14: {
      if (o < 1 << 20)
        fallocate(fd, rand() % 5, o, l);
      break;
    }
    case 15:
      fcntl(fd, rand() % 2 ? F_GETFL : F_GETFD);
      break;
    }
  }
}
static void group_task(void) {
  srand(13 + 100 * seed0);
  remap();
  for (int i = 0; i < 400; i++) {
    switch (rand() % 11) {
    case 0: {
      int p[] = {getpid(), 1, 0, -1, 99999};
      int fd = syscall(434, p[rand() % N(p)], rand() % 4 == 0 ? rand() % 4096 : 0);
      if (fd >= 0) {
        struct iovec v[2] = {{(void *)rnda(), rndl()}, {(void *)rnda(), PG}};
        int ad[] = {3, 4, 20, 21, 8, 0, 99, 25, 14};
        if (p[0] == getpid())
          syscall(440, fd, v, rand() % 3, ad[rand() % N(ad)], rand() % 9 == 0);
        if (rand() % 3 == 0)
          syscall(448, fd, rand() % 4 == 0);
        close(fd);
      }
      break;
    }
    case 1:
      syscall(SYS_prctl, 67, rand() % 3, 0, 0, rand() % 5 == 0);
      syscall(SYS_prctl, 68, 0, 0, 0, 0);
      break;
    case 2:
      syscall(SYS_prctl, 41, rand() % 3, rand() % 4 == 0, 0, 0);
      syscall(SYS_prctl, 42, 0, 0, 0, 0);
      break;
    case 3: {
      struct rusage r;
      syscall(SYS_getrusage, rand() % 5 - 2, rand() % 6 ? &r : (void *)1);
      break;
    }
    case 4: {
      char si[200];
      syscall(SYS_sysinfo, rand() % 3 ? si : (void *)1);
      break;
    }
    case 5:
      syscall(SYS_membarrier, 1 << (rand() % 10), 0, 0);
      break;
    case 6:
      syscall(SYS_prctl, 35, rand() % 15, rand() % 2 ? (unsigned long)A : 1, 0, 0);
      break;
    case 7: {
      int adv[] = {100, 101, 22, 23, 24, 25, 21, 20};
      syscall(SYS_madvise, rnda(), rndl(), adv[rand() % N(adv)]);
      break;
    }
    case 8: {
      struct {
        unsigned long a, b;
      } rg = {rand() % 3 * 4096, rand() % 3 * 4096};
      unsigned long cs[5];
      int f[] = {fdrw, fdm, fdp[0], 999, fdd};
      syscall(451, f[rand() % N(f)], rand() % 7 ? &rg : (void *)1, rand() % 7 ? cs : (void *)1, rand() % 6 == 0);
      break;
    }
    case 9:
      syscall(453, rndl(), PG, 0);
      syscall(447, rand() % 3);
      break;
    case 10:
      syscall(SYS_personality, 0xffffffff);
      syscall(SYS_prctl, 0x53564d41, 0, rnda(), rndl(), rand() % 2 ? (unsigned long)"nm" : 0);
      break;
    }
  }
}
int main(int c, char **v) {
  seed0 = c > 2 ? atoi(v[2]) : 0;
  A = (char *)0x30000000;
  int f = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char b[4096];
  memset(b, 'f', 4096);
  for (int i = 0; i < 4; i++)
    write(f, b, 4096);
  fdrw = f;
  fdr = open("f", O_RDONLY);
  fdw = open("f", O_WRONLY);
  fdd = open(".", O_RDONLY);
  pipe(fdp);
  fdm = memfd_create("m", 0);
  ftruncate(fdm, 16384);
  fdz = open("/dev/zero", O_RDWR);
  fdpath = open("f", O_PATH);
  struct {
    const char *n;
    void (*f)(void);
  } g[] = {{"mmap", group_mmap},   {"prot", group_prot}, {"advise", group_advise}, {"lock", group_lock},
           {"remap", group_remap}, {"shm", group_shm},   {"numa", group_numa},     {"pvm", group_pvm},
           {"misc", group_misc},   {"fork", group_fork}, {"uffd", group_uffd},     {"file", group_file},
           {"task", group_task}};
  for (unsigned i = 0; i < N(g); i++)
    if (!strcmp(v[1], g[i].n))
      g[i].f();
  return 0;
}
