/* triaged version */
#include <stdio.h>

#include "base/version.h"
#include "cmd/cmd.h"
#include "cmd/commands.h"

int cmd_version(int argc, char **argv)
{
    if (cmd_wants_help(argc, argv)) {
        puts("usage: triaged version\n\nPrints the build.");
        return 0;
    }
    if (argc > 1)
        return cmd_misuse("version", argv[1]);
    printf("triaged %s\n", version_build());
    return 0;
}
