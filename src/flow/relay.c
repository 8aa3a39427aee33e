/* Where the relay may go on. */
#include "flow/relay.h"

enum relay_resume relay_resume(const struct relay_facts *facts, int64_t *ret_position)
{
    if (!facts->found && facts->remembered)
        return RELAY_POSITION_MISSING;
    if (facts->found && facts->position > facts->last)
        return RELAY_OUTBOX_BEHIND;
    *ret_position = facts->found ? facts->position : 0;
    return RELAY_GOES_ON;
}
