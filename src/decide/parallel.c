/* fork, wait, and nothing else. */
#include "decide/parallel.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

void *parallel_alloc(size_t bytes)
{
    void *p = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED) {
        fputs("triaged: out of memory for training; use fewer rows or a larger machine\n", stderr);
        abort();
    }
    return p;
}

void parallel_free(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes ? bytes : 1);
}

static int start(int (*job)(void *context, size_t i), void *context, size_t i, struct err *reterr)
{
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0)
        _exit(job(context, i) == 0 ? 0 : 1);
    if (pid < 0)
        return err_set(reterr, ERR_TRANSIENT, EX_OSERR, "cannot start a process for training: %s", strerror(errno));
    return 0;
}

/* Waits for one of ours; false when it failed. The caller has no other children. */
static bool wait_one(void)
{
    int status;
    pid_t pid;

    do
        pid = wait(&status);
    while (pid < 0 && errno == EINTR);
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int parallel_run(size_t n, int (*job)(void *context, size_t i), void *context, struct err *reterr)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t most = processors > 0 ? (size_t)processors : 1, running = 0;
    bool fine = true;
    int result = 0;

    for (size_t i = 0; i < n && fine && result == 0; i++) {
        if (running == most) {
            fine = wait_one();
            running--;
        }
        if (fine) {
            result = start(job, context, i, reterr);
            running += result == 0;
        }
    }
    for (; running > 0; running--)
        fine = wait_one() && fine;
    if (result == 0 && !fine)
        result = err_set(reterr, ERR_FATAL, EX_SOFTWARE, "a process of the training failed; is there enough memory?");
    return result;
}
