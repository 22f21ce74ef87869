// namefuzz SEED NOPS: a seeded random walk over the system calls on names, in a directory of its own, made to be watched
// with strace: every answer follows from the calls before it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t state;
static uint64_t rnd(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }
static unsigned below(unsigned n) { return (unsigned)(rnd() % n); }

static char top[4096];

// A path of up to four names of a few letters, sometimes with oddities.
static const char *path(void) {
  static char text[4][512];
  static unsigned which;
  char *p = text[which++ % 4];
  *p = 0;
  if (below(6) == 0) { strcpy(p, top); strcat(p, "/"); }
  for (unsigned n = 1 + below(3); n; n--) {
    unsigned k = below(24);
    const char *name = k == 0 ? ".." : k == 1 ? "." : k == 2 ? "l" : 0;
    char letter[2] = { (char)('a' + below(4)), 0 };
    strcat(p, name ? name : letter);
    if (n > 1) strcat(p, below(30) ? "/" : "//");
  }
  if (below(25) == 0) strcat(p, "/");
  return p;
}

static int fds[4] = { -1, -1, -1, -1 };

static void step(void) {
  char buffer[4096];
  struct stat status;
  unsigned slot = below(4);
  switch (below(26)) {
    case 0: case 1: case 2: mkdir(path(), 0700 | below(8)); return;
    case 3: rmdir(path()); return;
    case 4: unlink(path()); return;
    case 5: unlinkat(AT_FDCWD, path(), below(3) ? 0 : AT_REMOVEDIR); return;
    case 6: case 7: { const char *a = path(); rename(a, path()); return; }
    case 8: { const char *a = path(); syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, path(), 1 + below(2)); return; }
    case 9: { const char *a = path(); link(a, path()); return; }
    case 10: { const char *a = path(); symlink(a, path()); return; }
    case 11: readlink(path(), buffer, 1 + below(60)); return;
    case 12: case 13: case 14: {
      static const int how[] = { O_RDONLY, O_RDWR | O_CREAT, O_WRONLY | O_CREAT | O_EXCL, O_RDWR | O_TRUNC,
        O_RDONLY | O_DIRECTORY, O_PATH, O_RDONLY | O_NOFOLLOW, O_WRONLY, O_CREAT | O_WRONLY | O_NOFOLLOW };
      if (fds[slot] >= 0) close(fds[slot]);
      fds[slot] = open(path(), how[below(9)], 0600);
      return;
    }
    case 15: access(path(), below(4)); return;
    case 16: stat(path(), &status); return;
    case 17: lstat(path(), &status); return;
    case 18: chmod(path(), 0600 + below(8) * 8); return;
    case 19: if (chdir(path())) return; getcwd(buffer, sizeof buffer); return;
    case 20: chdir(top); return;
    case 21: if (fds[slot] >= 0) fchdir(fds[slot]); return;
    case 22: if (fds[slot] >= 0) syscall(SYS_getdents64, fds[slot], buffer, 200 + below(600)); return;
    case 23: if (fds[slot] >= 0) { write(fds[slot], "hello", 1 + below(5)); lseek(fds[slot], 0, SEEK_SET); } return;
    case 24: if (fds[slot] >= 0) fstat(fds[slot], &status); return;
    case 25: umask(below(64)); getcwd(buffer, sizeof buffer); return;
  }
}

int main(int count, char **words) {
  if (count < 3) return 2;
  state = strtoull(words[1], 0, 10) * 0x9e3779b97f4a7c15u + 1;
  snprintf(top, sizeof top, "%s/names.%d", getcwd(top, 3000) ? strdup(top) : ".", (int)below(1000000));
  if (mkdir(top, 0755) || chdir(top)) return 1;
  for (int n = atoi(words[2]); n; n--) step();
  return 0;
}
