/* The tree of processes below the supervisor: signalling, reaping, ending it. */
#define _GNU_SOURCE
#include "supervisor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t penstock_now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct process { pid_t pid, parent; int ours; };

static int read_processes(struct process **list)
{
	int n = 0, room = 0;
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	*list = NULL;
	while (proc && (entry = readdir(proc))) {
		char path[64], line[512], *after;
		pid_t pid = atoi(entry->d_name);
		if (pid <= 0)
			continue;
		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t got = fd < 0 ? -1 : read(fd, line, sizeof line - 1);
		if (fd >= 0)
			close(fd);
		if (got <= 0)
			continue;
		line[got] = 0;
		/* The name may hold anything; the state and the parent follow its last ")". */
		if (!(after = strrchr(line, ')')) || strlen(after) < 4)
			continue;
		if (n == room) {
			struct process *more = realloc(*list, sizeof **list * (size_t)(room = room * 2 + 64));
			if (!more)
				break;
			*list = more;
		}
		(*list)[n++] = (struct process){pid, atoi(after + 4), 0};
	}
	if (proc)
		closedir(proc);
	return n;
}

/* Sends a signal to every process below this one but `spare`. That nothing gets
 * away, not by a double fork nor by setsid, is because we are a subreaper: an
 * orphan of the tree becomes our child. Between reading and signalling an id
 * could only be given away again if all ids were used up in that millisecond. */
void penstock_tree_signal(int sig, pid_t spare)
{
	struct process *list;
	int n = read_processes(&list), more = 1;
	pid_t self = getpid();
	while (more) {
		more = 0;
		for (int i = 0; i < n; i++) {
			if (list[i].ours)
				continue;
			int below = list[i].parent == self;
			for (int j = 0; j < n && !below; j++)
				below = list[j].ours && list[j].pid == list[i].parent;
			more |= list[i].ours = below;
		}
	}
	for (int i = 0; i < n; i++)
		if (list[i].ours && list[i].pid != spare)
			kill(list[i].pid, sig);
	free(list);
}

/* Reaps what has ended. Returns 0 when no child is left. */
int penstock_tree_reap(struct job *j)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);
		if (pid <= 0)
			return pid == 0 || errno == EINTR;
		if (pid != j->pid || j->ended)
			continue;
		j->ended = 1;
		if (j->reason != PENSTOCK_UNSTARTED)
			j->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

/* Ends what the commands have left behind: a job leaves no daemons. Five seconds
 * are for processes that are not ours to kill (setuid) or stuck in the kernel. */
void penstock_tree_end(struct job *j, const struct config *c)
{
	int64_t end = penstock_now_ms() + 5000;
	int quiet = c->sandboxed; /* the sandbox ends its own; give it a moment */
	while (penstock_tree_reap(j) && penstock_now_ms() < end) {
		struct pollfd p = {j->signals, POLLIN, 0};
		struct signalfd_siginfo info;
		if (!quiet)
			penstock_tree_signal(SIGKILL, 0);
		if (poll(&p, 1, quiet ? 20 : 5) > 0)
			quiet = quiet && read(j->signals, &info, sizeof info) > 0;
		else
			quiet = 0;
	}
}
