/* triaged config: the configuration in force, or what it may hold. */
#include <stdio.h>

#include "base/attrs.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "metrics/metrics.h"

struct options {
    struct cmd_common common;
    bool print, reference, schema, metrics;
};

static const struct option_row option_rows[] = {
    ROW_NEEDED("--print", NULL, OPTION_FLAG, print,
               "the values in force, after file, environment and --set; secrets are masked"),
    ROW_EITHER("--reference", NULL, OPTION_FLAG, reference,
               "every key with its default, bounds and meaning (docs/CONFIGURATION.md)"),
    ROW_EITHER("--schema", NULL, OPTION_FLAG, schema, "the JSON Schema of the file (schemas/config.v1.json)"),
    ROW_EITHER("--metrics", NULL, OPTION_FLAG, metrics, "every metric (docs/METRICS.md)"),
};
static const struct option_table table_of_options = {
    .command = "config",
    .about = "Prints the configuration in force, or what a configuration may hold.",
    OPTION_ROWS(option_rows),
    OPTION_CONFIGURED,
    .example = "triaged config --print --set triage.lanes=4",
};

static void print_metrics(void)
{
    CLEANUP(buf_free) struct buf page = {0};

    metrics_print_reference(&page);
    fputs(buf_str(&page), stdout);
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
    struct options options = {0};
    int rc;

    if (!options_parse(&table_of_options, argc, argv, &options, &rc))
        return rc;
    if (options.print)
        return print_values(&options.common);
    if (options.reference)
        config_print_reference(stdout);
    else if (options.schema)
        config_print_schema(stdout);
    else
        print_metrics();
    return 0;
}
