/* A file's tickets: its position is the number of bytes that were read. */
#define _GNU_SOURCE
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "backfill/job.h"
#include "base/attrs.h"
#include "base/json.h"
#include "base/mem.h"
#include "triage/ticket.h"

int job_look_at_file(struct job *self, struct err *reterr)
{
    CLEANUP(mem_freep) char *bytes = mem_alloc(BUFSIZ);
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;
    FILE *in = fopen(self->wanted->file, "re");
    size_t len;
    char last = '\n';

    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", self->wanted->file, strerror(errno));
    crypto_hash_sha256_init(&hash);
    while ((len = fread(bytes, 1, BUFSIZ, in)) > 0) {
        crypto_hash_sha256_update(&hash, (const unsigned char *)bytes, len);
        for (size_t i = 0; i < len; i++)
            self->total += bytes[i] == '\n';
        last = bytes[len - 1];
    }
    self->total += last != '\n';
    fclose(in);
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(self->file_hash, sizeof self->file_hash, digest, sizeof digest);
    return 0;
}

static int message_of(const char *line, size_t len, struct message *ret_message, struct err *reterr)
{
    static const struct json_limits limits = {TICKET_BYTES_MAX, JSON_DEPTH_MAX, JSON_TOKENS_MAX};
    CLEANUP(json_done) cJSON *row = NULL;
    const cJSON *source;
    char key[TICKET_KEY_MAX];

    if (json_parse(line, len, &limits, &row, reterr) < 0)
        return -1;
    source = json_get(row, "source");
    const char *const parts[4] = {json_str(row, "tenant", ""), json_str(source, "system", ""),
                                  json_str(source, "instance", ""), json_str(row, "ticket_id", "")};
    if (ticket_key(parts, key, reterr) < 0)
        return -1;
    *ret_message = (struct message){
        .key = mem_strdup(key), .key_len = strlen(key), .value = mem_strndup(line, len), .value_len = len};
    return 0;
}

static int send_line(struct job *self, const char *line, size_t len, int64_t next, struct err *reterr)
{
    struct message message = {0};
    struct err why = {0};

    while (len > 0 && strchr(" \t\r\n", line[len - 1]))
        len--;
    if (len == 0)
        return 0;
    if (message_of(line, len, &message, &why) < 0)
        return job_pass_over(self, 0, next, reterr);
    return job_send(self, &message, 0, next, reterr);
}

static int send_lines(struct job *self, FILE *in, struct err *reterr)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int64_t at = 0, from = self->positions[0];
    int rc = 0;

    while (rc == 0 && !*self->stop && (len = getline(&line, &cap, in)) >= 0) {
        at += len;
        if (at <= from)
            self->told.before++;
        else
            rc = send_line(self, line, (size_t)len, at, reterr);
    }
    free(line);
    return rc;
}

int job_send_file(struct job *self, struct err *reterr)
{
    FILE *in;
    int rc;

    if (job_open(self, 1, reterr) < 0)
        return -1;
    in = fopen(self->wanted->file, "re");
    if (!in)
        return err_set(reterr, ERR_PERMANENT, EX_NOINPUT, "%s can't be read: %s", self->wanted->file, strerror(errno));
    rc = send_lines(self, in, reterr);
    fclose(in);
    return rc;
}
