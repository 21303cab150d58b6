/* The spool: what the job prints, kept in files with a bound on their size. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, HEADER = 16 };

static void put_le(unsigned char *to, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (unsigned char)(value >> (8 * i));
}

/* Once output is full, two files take turns, each starting with the number of
 * bytes that came before it: the last bytes are always in them. Returns 0 if
 * there is no such file to be had. */
static int next_tail(struct spool *s)
{
	int fd = open(s->next ? "tail.1" : "tail.0", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	unsigned char start[8];
	put_le(start, (uint64_t)s->total, sizeof start);
	if (fd < 0)
		return 0;
	if (write(fd, start, sizeof start) != sizeof start) {
		close(fd);
		return 0;
	}
	fdatasync(s->fd);
	close(s->fd);
	s->fd = fd;
	s->cut = 1;
	s->used = 0;
	s->limit = s->tail;
	s->next = !s->next;
	return 1;
}

/* A frame is time (8 bytes, microseconds), length (4), stream (1), 3 zeros, then
 * the bytes; little end first. It is written whole or, if the disk is full, not
 * at all: the job goes on, and status tells how much is missing. */
void penstock_spool_write(struct spool *s, int stream, char *bytes, size_t n)
{
	unsigned char header[HEADER] = {0};
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	put_le(header, (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000, 8);
	put_le(header + 8, n, 4);
	header[12] = (unsigned char)stream;
	int64_t size = HEADER + (int64_t)n;
	if (s->used + size > s->limit && !next_tail(s)) {
		s->lost += (int64_t)n;
		return;
	}
	off_t before = lseek(s->fd, 0, SEEK_END);
	struct iovec parts[2] = {{header, HEADER}, {bytes, n}};
	if (writev(s->fd, parts, 2) != size) {
		if (ftruncate(s->fd, before))
			_exit(32);
		s->lost += (int64_t)n;
		return;
	}
	s->used += size;
	s->total += size;
	if (!s->cut)
		s->head = s->total;
}

/* Moves what a pipe holds into the spool, at most `most` bytes. Returns 0 at its
 * end. */
int penstock_spool_drain(struct spool *s, int fd, int stream, size_t most)
{
	static char buffer[CHUNK];
	while (most > 0) {
		ssize_t n = read(fd, buffer, sizeof buffer);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n == 0)
			return 0;
		penstock_spool_write(s, stream, buffer, (size_t)n);
		most -= (size_t)n < most ? (size_t)n : most;
	}
	return 1;
}
