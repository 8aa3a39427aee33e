/* The build's name as the build system gave it. */
#include "base/version.h"

const char *version_build(void)
{
    return TRIAGED_BUILD;
}
