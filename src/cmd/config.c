/* triaged config: the configuration in force, or what it may hold. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/commands.h"

static const char usage[] =
    "usage: triaged config --print [--config FILE] [--set KEY=VALUE]...\n"
    "       triaged config --reference | --schema\n\n"
    "  --print      the values in force, after file, environment and --set; secrets are masked\n"
    "  --reference  every key with its default, bounds and meaning (docs/CONFIGURATION.md)\n"
    "  --schema     the JSON Schema of the file (schemas/config.v1.json)\n";

static int print_values(const struct cmd_common *common)
{
    struct config *config = NULL;
    int rc = cmd_load_config(common, &config);

    if (rc)
        return rc;
    config_print(config, stdout);
    config_free(config);
    return 0;
}

int cmd_config(int argc, char **argv)
{
    struct cmd_common common = {0};
    const char *what = "";

    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&common, argc, argv, &i);
        if (taken < 0)
            return cmd_misuse("config", argv[i]);
        if (taken)
            continue;
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout) < 0;
        if (strcmp(argv[i], "--print") && strcmp(argv[i], "--reference") && strcmp(argv[i], "--schema"))
            return cmd_misuse("config", argv[i]);
        what = argv[i];
    }
    if (strcmp(what, "--print") == 0)
        return print_values(&common);
    if (!*what)
        return cmd_misuse("config", "(none given)");
    if (strcmp(what, "--reference") == 0)
        config_print_reference(stdout);
    else
        config_print_schema(stdout);
    return 0;
}
