/* Waiting that ends early when the program stops. */
#include <time.h>

#include "base/clock.h"
#include "bridge/bridge.h"

enum { SLICE_US = 50000 };

void bridge_wait(const _Atomic int *stop, int64_t us)
{
    int64_t until = clock_mono_us() + us;

    while (!*stop) {
        int64_t left = until - clock_mono_us();
        struct timespec slice = {.tv_nsec = (left < SLICE_US ? left : SLICE_US) * 1000};
        if (left <= 0)
            return;
        nanosleep(&slice, NULL);
    }
}
