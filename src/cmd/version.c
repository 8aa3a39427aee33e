/* triaged version */
#include <stdio.h>

#include "base/attrs.h"
#include "base/version.h"
#include "cmd/commands.h"

int cmd_version(UNUSED int argc, UNUSED char **argv)
{
    printf("triaged %s\n", version_build());
    return 0;
}
