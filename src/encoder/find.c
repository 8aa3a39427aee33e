/* Where deploy/lib/encoder.sh puts the encoder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "triage/encoder.h"

static bool lies_in(const char *dir, const char *below, char ret_dir[ENCODER_PATH_MAX])
{
    char path[ENCODER_PATH_MAX + 32];

    if (!dir || !*dir || snprintf(ret_dir, ENCODER_PATH_MAX, "%s%s", dir, below) >= ENCODER_PATH_MAX)
        return false;
    snprintf(path, sizeof path, "%s/model.onnx", ret_dir);
    return access(path, R_OK) == 0;
}

bool encoder_find(char ret_dir[ENCODER_PATH_MAX])
{
    char program[ENCODER_PATH_MAX] = "";
    ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

    for (int up = 0; up < 2 && len > 0; up++) { /* of build/triaged: the folder above build */
        char *slash = strrchr(program, '/');
        if (slash)
            *slash = '\0';
    }
    return lies_in(getenv("TRIAGED_ENCODER"), "", ret_dir) || lies_in(getenv("TRIAGED_VAR"), "/encoder", ret_dir) ||
           lies_in(program, "/var/encoder", ret_dir) || lies_in(".", "/var/encoder", ret_dir);
}
