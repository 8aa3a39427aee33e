/* triaged db migrate */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/commands.h"
#include "queue/queue.h"

int cmd_db_migrate(int argc, char **argv)
{
    struct cmd_common common = {0};
    struct config *config = NULL;
    struct queue *queue = NULL;
    struct err err = {0};
    int applied = 0, total = 0, rc;

    for (int i = 1; i < argc; i++) {
        int taken = cmd_common_take(&common, argc, argv, &i);
        if (taken < 0)
            return 64;
        if (taken)
            continue;
        if (strcmp(argv[i], "--help") == 0) {
            puts("usage: triaged db migrate [--config FILE] [--set section.key=value]\n\n"
                 "Brings the schema triage of the database in postgres.conninfo up to this program's version.\n"
                 "Safe to run again, and while workers run: each step is one transaction under a lock.");
            return 0;
        }
        return cmd_misuse("db migrate", argv[i]);
    }
    rc = cmd_load_config(&common, &config);
    if (rc)
        return rc;
    if (queue_open(&config->postgres, "triaged-migrate", &queue, &err) < 0 ||
        queue_migrate(queue, &applied, &total, &err) < 0)
        rc = cmd_fail("db migrate", &err);
    else
        printf("%d of %d migrations applied, %d were there\n", applied, total, total - applied);
    queue_close(queue);
    config_free(config);
    return rc;
}
