/* Runs a fuzz target over the files of its seed folder, so that every build does. Usage: replay FOLDER */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEED_BYTES_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *folder, const char *name)
{
    uint8_t *bytes = malloc(SEED_BYTES_MAX);
    char path[1024];
    FILE *file;
    size_t len;

    snprintf(path, sizeof path, "%.500s/%.500s", folder, name);
    file = fopen(path, "rb");
    if (!file || !bytes) {
        perror(path);
        free(bytes);
        return -1;
    }
    len = fread(bytes, 1, SEED_BYTES_MAX, file);
    fclose(file);
    uint8_t *exact = realloc(bytes, len ? len : 1); /* so that a sanitizer sees a read behind the end */
    LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    struct dirent *entry;
    int n = 0;

    if (!dir) {
        fprintf(stderr, "usage: replay FOLDER\n");
        return 1;
    }
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] != '.' && replay(argv[1], entry->d_name) == 0)
            n++;
    }
    closedir(dir);
    printf("%d seeds\n", n);
    return n ? 0 : 1;
}
