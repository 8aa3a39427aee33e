/* Which build this is. */
#ifndef TRIAGED_BASE_VERSION_H
#define TRIAGED_BASE_VERSION_H

const char *version_build(void);

#endif
