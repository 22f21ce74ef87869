// pipefuzz SEED NOPS: a seeded random walk over pipes and files: splice, tee, vmsplice, sendfile, copy_file_range, reads
// and writes, made to be watched with strace: every answer follows from the calls before it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

static uint64_t state;
static uint64_t rnd(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
static unsigned below(unsigned n) { return (unsigned)(rnd() % n); }

static char *memory;
static int pipes[3][2], files[4];
static const char *const names[] = { "a", "b" };

static size_t length(void) {
  static const size_t some[] = { 0, 1, 100, 4095, 4096, 4097, 8192, 20000, 65536, 100000, 1 << 20 };
  return below(3) ? some[below(11)] : below(10000);
}

static int end(void) { return below(12) ? pipes[below(3)][below(8) ? 1 : 0] : files[below(4)]; }
static int start(void) { return below(12) ? pipes[below(3)][below(8) ? 0 : 1] : files[below(4)]; }
static loff_t offset(void) { return below(20) ? below(30000) : below(2) ? -1 : (loff_t)1 << 60; }

static void remake(unsigned n) {
  close(pipes[n][0]);
  close(pipes[n][1]);
  pipe2(pipes[n], O_NONBLOCK | (below(4) ? 0 : O_DIRECT));
}

static void reopen(unsigned n) {
  static const int how[] = { O_RDWR, O_RDONLY, O_WRONLY, O_RDWR | O_APPEND, O_RDWR | O_TRUNC };
  if (files[n] >= 0) close(files[n]);
  files[n] = n == 3 ? memfd_create("m", 0) : open(names[below(2)], how[below(5)] | O_CREAT, 0600);
}

static void step(void) {
  unsigned flags = below(12) ? SPLICE_F_NONBLOCK : below(20) ? SPLICE_F_NONBLOCK | 1 << below(4) : 16;
  struct iovec ranges[3];
  for (unsigned n = 0; n < 3; n++) {
    ranges[n].iov_base = memory + 65536 * n + 4096 * below(4);
    ranges[n].iov_len = length() % 60000;
  }
  loff_t in = offset(), out = offset();
  switch (below(22)) {
    case 0: case 1: case 2: splice(files[below(4)], below(2) ? &in : 0, end(), 0, length(), flags); return;
    case 3: case 4: case 5: splice(start(), 0, files[below(4)], below(2) ? &out : 0, length(), flags); return;
    case 6: case 7: splice(start(), 0, end(), 0, length(), flags); return;
    case 8: splice(start(), below(3) ? 0 : &in, end(), below(3) ? 0 : &out, length(), flags); return;
    case 9: case 10: tee(start(), end(), length(), flags); return;
    case 11: case 12: vmsplice(end(), ranges, below(4), flags); return;
    case 13: vmsplice(start(), ranges, below(4), flags); return;
    case 14: sendfile(end(), files[below(4)], below(2) ? &in : 0, length()); return;
    case 15: sendfile(files[below(4)], files[below(4)], below(2) ? &in : 0, length()); return;
    case 16: copy_file_range(files[below(4)], below(2) ? &in : 0, files[below(4)], below(2) ? &out : 0, length(), 0);
      return;
    case 17: write(end(), memory, length()); return;
    case 18: case 19: read(start(), memory, length()); return;
    case 20: if (below(2)) reopen(below(4)); else lseek(files[below(4)], below(40000), SEEK_SET); return;
    case 21:
      if (below(3) == 0) remake(below(3));
      else if (below(3)) fcntl(end(), F_SETPIPE_SZ, below(4) ? 4096u << below(10) : below(200000));
      else fcntl(start(), F_GETPIPE_SZ);
      return;
  }
}

int main(int count, char **words) {
  if (count < 3) return 2;
  state = strtoull(words[1], 0, 10) * 0x9e3779b97f4a7c15u + 1;
  signal(SIGPIPE, SIG_IGN);
  memory = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (unsigned n = 0; n < 3; n++) pipe2(pipes[n], O_NONBLOCK);
  for (unsigned n = 0; n < 4; n++) { files[n] = -1; reopen(n); }
  for (int n = atoi(words[2]); n; n--) step();
  return 0;
}
