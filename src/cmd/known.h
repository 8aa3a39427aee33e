/* Every subcommand with what its --help says: the one source of the completion and the man page. */
#ifndef TRIAGED_CMD_KNOWN_H
#define TRIAGED_CMD_KNOWN_H

#include <stddef.h>

#define KNOWN_OPTIONS_MAX 48
#define KNOWN_NAME_MAX    40

struct known_option {
    char name[KNOWN_NAME_MAX];      /* "--out" */
    char value[2 * KNOWN_NAME_MAX]; /* "FILE", "train|calibrate"; "" : a flag */
};

struct known {
    char path[KNOWN_NAME_MAX]; /* "queue claim" */
    const char *summary;       /* borrowed from the table of commands */
    char *help;                /* as printed */
    struct known_option options[KNOWN_OPTIONS_MAX];
    size_t n_options;
};

struct known_list {
    struct known *rows;
    size_t n;
};

/* Asks each command for its help. No threads may be running: standard output is turned aside meanwhile. -1: there is no
 * temporary file to turn it to. */
int known_collect(struct known_list *ret_list);
void known_free(struct known_list *self);

#endif
