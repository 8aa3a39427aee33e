#include "cmd/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { TEXT_MAX = 4 << 20, CHUNK = 65536 };

static const char marker[] = "-------- what stands below this line is not sent --------";

int editor_read(const char *path, size_t most, char **ret_text, struct err *reterr)
{
    CLEANUP(buf_free) struct buf text = {0};
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char chunk[CHUNK];
    size_t n;

    if (!file)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "cannot read %s: %s", path, strerror(errno));
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0 && text.len <= most)
        buf_add(&text, chunk, n);
    if (file != stdin)
        fclose(file);
    if (text.len > most)
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "give a text of at most %zu bytes: %s is longer", most, path);
    if (memchr(buf_str(&text), '\0', text.len))
        return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "give a text: %s holds a zero byte", path);
    *ret_text = buf_take(&text);
    return 0;
}

static int write_file(const char *text, const char *context, char path[EDITOR_PATH_MAX], struct err *reterr)
{
    const char *folder = getenv("TMPDIR");
    FILE *file;
    int fd;

    snprintf(path, EDITOR_PATH_MAX, "%s/triaged-answer-XXXXXX", folder && *folder ? folder : "/tmp");
    fd = mkstemp(path);
    file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file) {
        if (fd >= 0)
            close(fd);
        return err_set(reterr, ERR_PERMANENT, EX_CANTCREAT, "cannot write %s: %s", path, strerror(errno));
    }
    fprintf(file, "%s\n\n%s\n%s", text, marker, context);
    if (fclose(file) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_IOERR, "cannot write %s: %s", path, strerror(errno));
    return 0;
}

/* As git does: the shell reads the setting, which may hold options. Ctrl-C meanwhile is the editor's. */
static int run_editor(const char *path, struct err *reterr)
{
    const char *editor = getenv("VISUAL");
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    CLEANUP(buf_free) struct buf command = {0};
    int status = -1;
    pid_t child;

    if (!editor || !*editor)
        editor = getenv("EDITOR");
    buf_printf(&command, "%s \"$1\"", editor && *editor ? editor : "vi");
    fflush(NULL);
    sigaction(SIGINT, &ignore, &before);
    child = fork();
    if (child == 0) {
        sigaction(SIGINT, &before, NULL);
        execl("/bin/sh", "sh", "-c", buf_str(&command), "sh", path, (char *)NULL);
        _exit(EX_OSERR);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    sigaction(SIGINT, &before, NULL);
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(reterr, ERR_PERMANENT, EX_UNAVAILABLE,
                       "set EDITOR to an editor that works: '%s' ended badly; the text is in %s", buf_str(&command),
                       path);
    return 0;
}

/* What stands above the marker, without blank lines around it. */
static char *above_marker(char *all)
{
    char *end = strstr(all, marker), *begin = all;

    if (!end)
        end = all + strlen(all);
    while (end > begin && strchr(" \t\r\n", end[-1]))
        end--;
    while (begin < end && strchr("\r\n", *begin))
        begin++;
    return mem_strndup(begin, (size_t)(end - begin));
}

int editor_edit(const char *text, const char *context, char **ret_text, char path[EDITOR_PATH_MAX], struct err *reterr)
{
    CLEANUP(mem_freep) char *all = NULL;

    if (write_file(text, context, path, reterr) < 0 || run_editor(path, reterr) < 0 ||
        editor_read(path, TEXT_MAX, &all, reterr) < 0)
        return -1;
    if (!all)
        return err_set(reterr, ERR_PERMANENT, EX_SOFTWARE, "no text was read from %s", path);
    *ret_text = above_marker(all);
    return 0;
}

void editor_forget(const char *path)
{
    (void)unlink(path);
}
