/*
 * The supervisor: the process that stands between the server and one job, and
 * outlives the server.
 *
 * It is linked into our own binary and takes over before the Go runtime starts
 * when that binary is executed under the name "penstock-supervisor": so there is
 * no second file to install or to lose, and a start costs about a millisecond.
 *
 * It runs in the folder of the task, and is given these descriptors:
 *   3  the task's lock file, locked by the server and never let go of between
 *      the server's preparation and our end: whoever finds the lock free knows
 *      that neither is alive. A process id would prove nothing.
 *   4  the configuration (see read_config), in memory only, because the
 *      environment of the job may hold secrets and must not become ours: a
 *      LD_PRELOAD from a repository would run outside of the sandbox.
 *   5  the arguments of the sandbox, if there is one; the sandbox reads them.
 *
 * What it writes into the folder, and in which order:
 *   output      created with O_EXCL and made durable before the commands start:
 *               this is the claim. Who finds it knows that they may have run, for
 *               ever. Then frames of what the job prints; when it is full, tail.0
 *               and tail.1.
 *   vars        what the job's script says of its variables, if it has any.
 *   status      how it ended: written beside, made durable, renamed. By then
 *               no process of the job is left.
 * A file "stop" asks for the end; the kernel tells us when it appears. Few files
 * are made, because making them is what a small job costs most.
 */
#define _GNU_SOURCE
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FD_LOCK = 3, FD_CONFIG = 4, FD_SANDBOX = 5, FD_FREE = 6 };
enum { JOB_VARS = 7, JOB_CONTROL = 8, JOB_ACK = 9 };
enum { CHUNK = 64 * 1024, REST = 64 << 20, STATUS_SIZE = 512 };

/* Reasons why the job ended, as status tells them. */
static const char *const EXITED = "exited", *const STOPPED = "stopped", *const TIMED_OUT = "timedout",
                  *const TERMINATED = "terminated";
const char *const PENSTOCK_UNSTARTED = "unstarted";

static void die(int code) { _exit(code); }

static char *next_string(char **at, char *end)
{
	char *s = *at, *zero = s < end ? memchr(s, 0, (size_t)(end - s)) : NULL;
	if (!zero)
		die(31);
	*at = zero + 1;
	return s;
}

/* Strings, each ended by a zero: version, timeout, grace, head, tail, sandboxed,
 * whether to make vars, working folder, number of arguments, arguments, number of
 * variables, variables. Nothing is freed: the process is short of work, not of memory. */
static void read_config(struct config *c)
{
	struct stat st;
	if (fstat(FD_CONFIG, &st) || st.st_size <= 0)
		die(31);
	char *text = malloc((size_t)st.st_size);
	if (!text || pread(FD_CONFIG, text, (size_t)st.st_size, 0) != st.st_size)
		die(31);
	close(FD_CONFIG);
	char *at = text, *end = text + st.st_size;
	if (strcmp(next_string(&at, end), "1"))
		die(31);
	c->timeout_ms = atoll(next_string(&at, end));
	c->grace_ms = atoll(next_string(&at, end));
	c->head = atoll(next_string(&at, end));
	c->tail = atoll(next_string(&at, end));
	c->sandboxed = atoi(next_string(&at, end));
	c->vars = atoi(next_string(&at, end));
	c->folder = next_string(&at, end);
	char ***lists[] = {&c->argv, &c->envp};
	for (int l = 0; l < 2; l++) {
		int n = atoi(next_string(&at, end));
		if (n < 0 || n > 1000000 || !(*lists[l] = calloc((size_t)n + 1, sizeof(char *))))
			die(31);
		for (int i = 0; i < n; i++)
			(*lists[l])[i] = next_string(&at, end);
	}
	if (!c->argv[0])
		die(31);
}

/* Becomes the job: null, out and err are its standard descriptors, 7 to 9 those
 * of its script, 5 the sandbox's; all others close on exec. */
static void become(const struct config *c, const int *fds, pid_t supervisor, int failed)
{
	const int to[] = {0, 1, 2, JOB_VARS, JOB_CONTROL, JOB_ACK};
	sigset_t none;
	for (size_t i = 0; i < sizeof to / sizeof *to; i++)
		if (dup2(fds[i], to[i]) < 0)
			goto fail;
	if (c->sandboxed && fcntl(FD_SANDBOX, F_SETFD, 0))
		goto fail;
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(022);
	setsid();
	/* If the supervisor is killed, so is the job: nobody would hold its deadline. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != supervisor || chdir(c->folder))
		goto fail;
	execve(c->argv[0], c->argv, c->envp);
fail:
	if (write(failed, &errno, sizeof errno) < 0)
		die(126);
	die(127);
}

/* A descriptor above those that the job is given under fixed numbers. */
static int high(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	if (fd < 0 || copy < 0)
		die(33);
	close(fd);
	return copy;
}

static void make_pipe(int ends[2])
{
	if (pipe2(ends, O_CLOEXEC))
		die(33);
	ends[0] = high(ends[0]);
	ends[1] = high(ends[1]);
}

static void start(struct job *j, const struct config *c)
{
	int out[2], err[2], control[2], ack[2], failed[2], error = 0;
	int null = high(open("/dev/null", O_RDWR | O_CLOEXEC));
	int vars = c->vars ? high(open("vars", O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600)) : null;
	make_pipe(out);
	make_pipe(err);
	make_pipe(control);
	make_pipe(ack);
	make_pipe(failed);
	const int fds[] = {null, out[1], err[1], vars, control[1], ack[0]};
	pid_t self = getpid();
	j->pid = fork();
	if (j->pid == 0)
		become(c, fds, self, failed[1]);
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close(fds[i]); /* null perhaps twice: no harm */
	close(failed[1]);
	if (c->sandboxed)
		close(FD_SANDBOX);
	if (j->pid < 0 || read(failed[0], &error, sizeof error) > 0) {
		j->reason = PENSTOCK_UNSTARTED;
		j->code = j->pid < 0 ? errno : error;
		j->ended = j->pid < 0;
	}
	close(failed[0]);
	j->out = out[0];
	j->err = err[0];
	j->control = control[0];
	j->ack = ack[1];
	const int ours[] = {j->out, j->err, j->control, j->ack};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		fcntl(ours[i], F_SETFL, O_NONBLOCK);
}

/* TERM to all, KILL after the grace. The sandbox's own outer process is spared
 * from TERM: its end would be the sudden end of everything inside. */
static void begin_stop(struct job *j, const struct config *c, const char *reason)
{
	if (j->kill_at || j->ended)
		return;
	j->reason = reason;
	j->kill_at = penstock_now_ms() + c->grace_ms;
	penstock_tree_signal(SIGTERM, c->sandboxed ? j->pid : 0);
	penstock_tree_signal(SIGCONT, 0);
}

/* The script says the number of the command that it is about to start and waits
 * for a line: so everything printed before stands before it in the spool. */
static int take_control(struct spool *s, struct job *j)
{
	char message[64];
	penstock_spool_drain(s, j->out, STDOUT, 1 << 20);
	penstock_spool_drain(s, j->err, STDERR, 1 << 20);
	ssize_t n = read(j->control, message, sizeof message - 1);
	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	penstock_spool_write(s, CONTROL, message, (size_t)n);
	message[n] = 0;
	int step = atoi(message);
	if (step > j->step)
		j->step = step;
	/* If the pipe is full, nobody waits for this line. */
	return write(j->ack, "\n", 1) >= 0 || errno == EAGAIN;
}

static void take_signal(struct job *j, const struct config *c)
{
	struct signalfd_siginfo info;
	while (read(j->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD)
			begin_stop(j, c, TERMINATED);
	penstock_tree_reap(j);
}

static void take_stop(struct job *j, const struct config *c, int news)
{
	char events[4096] __attribute__((aligned(8)));
	if (news)
		while (read(j->folder, events, sizeof events) > 0)
			;
	if ((news || j->folder < 0) && !access("stop", F_OK))
		begin_stop(j, c, STOPPED);
}

static int until(int64_t deadline)
{
	int64_t left = deadline - penstock_now_ms();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}

static void watch(struct spool *s, struct job *j, const struct config *c)
{
	int64_t deadline = penstock_now_ms() + c->timeout_ms;
	while (!j->ended) {
		struct pollfd p[] = {{j->signals, POLLIN, 0}, {j->folder, POLLIN, 0}, {j->out, POLLIN, 0},
		                     {j->err, POLLIN, 0}, {j->control, POLLIN, 0}};
		int wait = until(j->kill_at ? j->kill_at : deadline);
		/* Where the kernel has no more watches for us, we look twice a second. */
		poll(p, 5, j->folder < 0 && wait > 500 ? 500 : wait);
		if (p[0].revents)
			take_signal(j, c);
		take_stop(j, c, p[1].revents);
		if (p[4].revents && !take_control(s, j))
			j->control = -1;
		if (p[2].revents && !penstock_spool_drain(s, j->out, STDOUT, CHUNK))
			j->out = -1;
		if (p[3].revents && !penstock_spool_drain(s, j->err, STDERR, CHUNK))
			j->err = -1;
		if (!j->kill_at && penstock_now_ms() >= deadline)
			begin_stop(j, c, TIMED_OUT);
		if (j->kill_at && penstock_now_ms() >= j->kill_at) {
			penstock_tree_signal(SIGKILL, 0);
			j->kill_at = penstock_now_ms() + 200; /* again, for what was forked meanwhile */
		}
	}
}

static void write_status(struct spool *s, struct job *j)
{
	char text[STATUS_SIZE];
	memset(text, '\n', sizeof text);
	int n = snprintf(text, sizeof text, "v 1\nreason %s\ncode %d\nstep %d\nhead %lld\ntotal %lld\nlost %lld\n",
	                 j->reason ? j->reason : EXITED, j->code, j->step, (long long)s->head, (long long)s->total,
	                 (long long)s->lost);
	text[n] = '\n';
	if (pwrite(j->status_file, text, sizeof text, 0) == sizeof text && !fdatasync(s->fd) && !fsync(j->status_file) &&
	    !rename("status.tmp", "status"))
		return;
	die(34);
}

/* Whoever holds the lock may claim; the claim can be made once, ever. */
static int claim(void)
{
	if (flock(FD_LOCK, LOCK_EX | LOCK_NB) || !access("stop", F_OK))
		die(0);
	int file = open("output", O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	int folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file < 0)
		die(errno == EEXIST ? 0 : 35);
	if (folder < 0 || fsync(file) || fsync(folder))
		die(35);
	close(folder);
	return high(file);
}

static void supervise(void)
{
	struct config c = {0};
	struct spool s = {0};
	struct job j = {0};
	sigset_t set;

	/* What our starter had open without CLOEXEC is none of the job's business. */
	syscall(SYS_close_range, FD_FREE, ~0U, 0);
	for (int fd = FD_LOCK; fd < FD_FREE; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	umask(077);
	setsid();
	prctl(PR_SET_NAME, "penstock-job");
	prctl(PR_SET_DUMPABLE, 0); /* an unsandboxed job must not attach to us */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die(33);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	j.signals = high(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));

	read_config(&c);
	s.fd = claim();
	s.limit = c.head;
	s.tail = c.tail;
	/* Room for the status is taken now, so that a full disk does not swallow it. */
	j.status_file = high(open("status.tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
	if (posix_fallocate(j.status_file, 0, STATUS_SIZE))
		die(36);
	j.folder = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (j.folder >= 0 && inotify_add_watch(j.folder = high(j.folder), ".", IN_CREATE) < 0)
		j.folder = -1;
	start(&j, &c);
	/* A stop that came before we watched. */
	if (!access("stop", F_OK))
		begin_stop(&j, &c, STOPPED);
	watch(&s, &j, &c);
	penstock_tree_end(&j, &c);
	if (j.out >= 0)
		penstock_spool_drain(&s, j.out, STDOUT, REST);
	if (j.err >= 0)
		penstock_spool_drain(&s, j.err, STDERR, REST);
	write_status(&s, &j);
	die(0);
}

/* Runs in every process that links this package, before main. It reads its own
 * name from /proc, because only some C libraries hand it to constructors, and
 * leaves everybody alone who is not called exactly so. */
__attribute__((constructor)) static void penstock_supervisor(void)
{
	static const char name[] = "penstock-supervisor";
	char text[sizeof name];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t n = read(fd, text, sizeof text);
	close(fd);
	if (n == (ssize_t)sizeof text && !memcmp(text, name, sizeof name))
		supervise();
}
