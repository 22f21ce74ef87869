// Random locks, attached values, times and statuses of two files and a memfd, by one process and its children, one at a time:
//   gcc -O1 -o attrfuzz attrfuzz.c; strace -f -v -s 9000 -o LOG ./attrfuzz SEED STEPS    (in an empty folder)
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *const paths[] = { "a", "b", "l", "d", "no", "a/x" };
static const char *const names[] = { "user.a", "user.bb", "trusted.a", "security.x", "system.x", "foo", "user.", "" };
static int fds[8];
static char value[70000];

static unsigned below(unsigned n) { return rand() % n; }

static void lock(void)
{
	static const short whences[] = { SEEK_SET, SEEK_SET, SEEK_CUR, SEEK_END, 7 };
	static const int commands[] = { F_SETLK, F_SETLK, F_GETLK, F_OFD_SETLK, F_OFD_GETLK };
	struct flock range = { .l_type = below(3), .l_whence = whences[below(5)], .l_start = (long)below(40) - 4,
			       .l_len = (long)below(20) - 5 };
	if (below(30) == 0)
		range.l_type = 9;
	if (below(40) == 0)
		range.l_len = 0x7fffffffffffffffL;
	if (below(40) == 0)
		range.l_pid = 5;
	fcntl(fds[below(8)], commands[below(5)], &range);
}

static void attach(void)
{
	const char *name = names[below(8)], *path = paths[below(6)];
	int fd = fds[below(8)], flags = below(8) == 0 ? 4 : below(3);
	size_t size = below(12) == 0 ? 65537 : below(8) == 0 ? 4000 + below(100) : below(30), room = below(3) ? 100 : below(30);
	switch (below(10)) {
	case 0: setxattr(path, name, value, size, flags); break;
	case 1: lsetxattr(path, name, value, size, flags); break;
	case 2: fsetxattr(fd, name, value, size, flags); break;
	case 3: getxattr(path, name, value, room); break;
	case 4: lgetxattr(path, name, value, room); break;
	case 5: fgetxattr(fd, name, value, room); break;
	case 6: listxattr(path, value, room); break;
	case 7: flistxattr(fd, value, below(2) ? 0 : room); break;
	case 8: removexattr(path, name); break;
	default: fremovexattr(fd, name); break;
	}
}

static void touch(void)
{
	static const long moments[] = { 0, 5, 999999999, 1000000000, UTIME_NOW, UTIME_OMIT, -1 };
	struct timespec times[2] = { { below(9), moments[below(7)] }, { below(9), moments[below(7)] } };
	const struct timespec *set = below(5) ? times : 0;
	switch (below(3)) {
	case 0: syscall(SYS_utimensat, AT_FDCWD, paths[below(6)], set, below(4) ? 0 : AT_SYMLINK_NOFOLLOW); break;
	case 1: syscall(SYS_utimensat, fds[below(8)], 0, set, below(8) ? 0 : AT_SYMLINK_NOFOLLOW); break;
	default: syscall(SYS_utimensat, AT_FDCWD, paths[below(6)], set, below(10) ? 0 : 2); break;
	}
}

static void steps(int count, int deep)
{
	struct stat status;
	struct statfs system;
	for (int i = 0; i < count; i++) {
		switch (below(12)) {
		case 0: case 1: case 2: lock(); break;
		case 3: flock(fds[below(8)], (below(20) ? 1 << below(2) : 3 + below(7)) | (below(30) ? LOCK_NB : 0) | 4); break;
		case 4: flock(fds[below(8)], LOCK_UN); break;
		case 5: case 6: case 7: attach(); break;
		case 8: touch(); break;
		case 9: below(2) ? fstat(fds[below(8)], &status) : lstat(paths[below(6)], &status); break;
		case 10: below(2) ? fstatfs(fds[below(8)], &system) : statfs(paths[below(6)], &system); break;
		default:
			if (below(3) == 0) {
				int at = below(6);
				close(fds[at]);
				fds[at] = at < 4 ? open(paths[at & 1], at < 2 ? O_RDWR : O_RDONLY) : dup(fds[at & 1]);
			} else if (below(3) == 0 && deep < 2) {
				int child = fork();
				if (child == 0) {
					steps(15, deep + 1);
					_exit(0);
				}
				waitpid(child, 0, 0);
			} else if (below(4) == 0) {
				below(2) ? fchmod(fds[below(8)], below(0777)) : chmod(paths[below(6)], below(0777));
			} else {
				pwrite(fds[below(2)], value, below(50), below(100));
			}
		}
	}
}

int main(int argc, char **argv)
{
	srand(atoi(argv[1]));
	umask(022);
	mkdir("d", 0755);
	fds[0] = open("a", O_RDWR | O_CREAT | O_EXCL, 0644);
	fds[1] = open("b", O_RDWR | O_CREAT | O_EXCL, 0600);
	symlink("a", "l");
	fds[2] = open("a", O_RDONLY);
	fds[3] = open("l", O_RDONLY);
	fds[4] = dup(fds[0]);
	fds[5] = dup(fds[1]);
	fds[6] = memfd_create("m", 0);
	fds[7] = open("d", O_RDONLY | O_DIRECTORY);
	steps(atoi(argv[2]), 0);
	return 0;
}
