/* A file for what can only be read from one. */
#ifndef TRIAGED_TESTS_TEMP_FILE_H
#define TRIAGED_TESTS_TEMP_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEMP_PATH_MAX 64

/* Writes text to a new file and its name to path. */
static void temp_file(const char *text, char path[TEMP_PATH_MAX])
{
    int fd;

    snprintf(path, TEMP_PATH_MAX, "/tmp/triaged-test-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

#endif
