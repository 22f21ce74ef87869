// Random calls on one file, or on a memfd, that make and fill holes, names and modes, with lseek and stat between them:
//   gcc -O1 -o seekfuzz seekfuzz.c; strace -f -v -o LOG ./seekfuzz SEED STEPS [memfd]    (in an empty folder)
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGES 40
#define FILE_NAME "seek.dat"

static char bytes[20000];
static int links;

static void name(char *into, int number) { sprintf(into, "l%d", number); }

static void relink(void)
{
	char other[20];
	if (links < 3 && rand() % 2) {
		name(other, links++);
		link(FILE_NAME, other);
	} else if (links > 0) {
		name(other, --links);
		unlink(other);
	}
}

int main(int argc, char **argv)
{
	struct stat status;
	srand(atoi(argv[1]));
	int steps = atoi(argv[2]), shared = argc > 3;
	umask(022);
	int fd = shared ? memfd_create("s", 0) : open(FILE_NAME, O_RDWR | O_CREAT | O_EXCL, 0644);
	for (int i = 0; i < steps; i++) {
		long at = rand() % (PAGES * 4096), length = 1 + rand() % (long)sizeof bytes;
		memset(bytes, 7, sizeof bytes);
		if (rand() % 2)
			at &= ~4095L;
		if (rand() % 2)
			length = (length + 4095) & ~4095L;
		if (length > (long)sizeof bytes)
			length = 16384;
		switch (rand() % 16) {
		case 0: pwrite(fd, bytes, length, at); break;
		case 1: ftruncate(fd, at); break;
		case 2: fallocate(fd, 0, at, length); break;
		case 3: fallocate(fd, FALLOC_FL_KEEP_SIZE, at, length); break;
		case 4: fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, length); break;
		case 5: fallocate(fd, FALLOC_FL_ZERO_RANGE | (rand() % 2), at, length); break;
		case 6: pread(fd, bytes, length, at); break;
		case 7:
			if (rand() % 3 == 0)
				fallocate(fd, rand() % 2 ? FALLOC_FL_COLLAPSE_RANGE : FALLOC_FL_INSERT_RANGE, at & ~4095L,
					  4096 * (1 + rand() % 4));
			break;
		case 8:
			if (rand() % 3 == 0)
				fsync(fd);
			break;
		case 9:
			if (!shared)
				relink();
			break;
		case 10:
			if (shared || rand() % 2)
				fchmod(fd, rand() % 0777);
			else
				chmod(FILE_NAME, rand() % 0777);
			break;
		default: lseek(fd, at, rand() % 2 ? SEEK_DATA : SEEK_HOLE); break;
		}
		if (rand() % 4 == 0) {
			if (shared || rand() % 2)
				fstat(fd, &status);
			else
				stat(FILE_NAME, &status);
		}
	}
	return 0;
}
