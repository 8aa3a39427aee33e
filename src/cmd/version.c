/* triaged version */
#include <stdio.h>

#include "base/version.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

static const struct option_table table = {
    .command = "version",
    .about = "Prints the build.",
    .example = "triaged version",
};

int cmd_version(int argc, char **argv)
{
    int code;

    if (!options_parse(&table, argc, argv, NULL, &code))
        return code;
    printf("triaged %s\n", version_build());
    return 0;
}
