/* triaged config: the configuration in force, or what it may hold. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "metrics/metrics.h"

static const char usage[] =
    "usage: triaged config --print [--config FILE] [--set KEY=VALUE]...\n"
    "       triaged config --reference | --schema | --metrics\n\n"
    "  --print      the values in force, after file, environment and --set; secrets are masked\n"
    "  --reference  every key with its default, bounds and meaning (docs/CONFIGURATION.md)\n"
    "  --schema     the JSON Schema of the file (schemas/config.v1.json)\n"
    "  --metrics    every metric (docs/METRICS.md)\n";

static void print_reference(void)
{
    config_print_reference(stdout);
}

static void print_schema(void)
{
    config_print_schema(stdout);
}

static void print_metrics(void)
{
    CLEANUP(buf_free) struct buf page = {0};

    metrics_print_reference(&page);
    fputs(buf_str(&page), stdout);
}

/* What needs no configuration. */
static const struct {
    const char *option;
    void (*print)(void);
} page_table[] = {{"--reference", print_reference}, {"--schema", print_schema}, {"--metrics", print_metrics}};

static void (*page_named(const char *option))(void)
{
    for (size_t i = 0; i < ARRAY_LEN(page_table); i++) {
        if (strcmp(option, page_table[i].option) == 0)
            return page_table[i].print;
    }
    return NULL;
}

static int print_values(const struct cmd_common *common)
{
    struct config *config = NULL;
    int rc = cmd_load_config(common, &config);

    if (rc)
        return rc;
    config_print(config, stdout);
    rc = cmd_print_profiles(config);
    config_free(config);
    return rc;
}

int cmd_config(int argc, char **argv)
{
    struct cmd_common common = {0};
    void (*page)(void) = NULL;
    bool print = false;

    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&common, argc, argv, &i);
        if (taken < 0)
            return EX_USAGE;
        if (taken)
            continue;
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout) < 0;
        void (*named)(void) = page_named(argv[i]);
        if (!named && strcmp(argv[i], "--print") != 0)
            return cmd_misuse("config", argv[i]);
        page = named ? named : page;
        print = print || !named;
    }
    if (page)
        page();
    else
        return print ? print_values(&common) : cmd_misuse("config", "(none given)");
    return 0;
}
