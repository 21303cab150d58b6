/* What the files of the supervisor share; supervisor.c tells the story. */
#ifndef PENSTOCK_SUPERVISOR_H
#define PENSTOCK_SUPERVISOR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { STDOUT = 0, STDERR = 1, CONTROL = 2 }; /* streams of a frame */

struct config {
	int64_t timeout_ms, grace_ms, head, tail;
	int sandboxed, vars;
	char *folder, **argv, **envp;
};

struct spool {
	int fd, cut, next;             /* cut: output is full; next: which tail file comes next */
	int64_t used, limit, tail;     /* of the present file; of one tail file */
	int64_t total, head, lost;     /* ever written; of it in output; not written at all */
};

struct job {
	pid_t pid;
	int out, err, control, ack, folder, signals, status_file;
	int ended, code, step;
	const char *reason;            /* set by the first cause to end it */
	int64_t kill_at;               /* 0: not stopping */
};

/* supervisor_spool.c */
void penstock_spool_write(struct spool *s, int stream, char *bytes, size_t n);
int penstock_spool_drain(struct spool *s, int fd, int stream, size_t most);

/* supervisor_tree.c */
int64_t penstock_now_ms(void);
void penstock_tree_signal(int sig, pid_t spare);
int penstock_tree_reap(struct job *j);
void penstock_tree_end(struct job *j, const struct config *c);

extern const char *const PENSTOCK_UNSTARTED;

#endif
