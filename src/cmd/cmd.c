/* What the subcommands share: options, configuration, and how an error leaves the program. */
#include "cmd/cmd.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "policy/profiles.h"

extern char **environ;

static int load(const struct cmd_common *self, struct config **ret_config)
{
    const char *path = self->config_path;
    struct err err = {0};

    if (!path)
        path = getenv("TRIAGED_CONFIG");
    if (!path)
        path = "triaged.yaml";
    if (config_load(path, environ, self->overrides.at, ret_config, &err) == 0)
        return 0;
    return cmd_fail("configuration", &err);
}

const char *cmd_user(void)
{
    const char *name = getenv("USER");
    const struct passwd *row;

    if (name && *name)
        return name;
    row = getpwuid(getuid());
    return row ? row->pw_name : "unknown";
}

int cmd_load_config(const struct cmd_common *self, struct config **ret_config)
{
    if (!self->profile)
        return load(self, ret_config);
    fputs("triaged: leave --profile away: this command is about all profiles\n", stderr);
    return EX_USAGE;
}

int cmd_load_profile(const struct cmd_common *self, struct config **ret_config)
{
    struct config *config;
    struct err err = {0};
    int rc = load(self, &config);

    if (rc)
        return rc;
    if (profiles_choose(config, self->profile, &err) < 0) {
        config_free(config);
        return cmd_fail("profiles", &err);
    }
    *ret_config = config;
    return 0;
}

bool cmd_begin(const struct option_table *table, int argc, char **argv, void *options, struct config **ret_config,
               int *ret_code)
{
    const struct cmd_common *common = (const void *)((const char *)options + table->common_at);

    if (!options_parse(table, argc, argv, options, ret_code))
        return false;
    *ret_code = table->profiled ? cmd_load_profile(common, ret_config) : cmd_load_config(common, ret_config);
    return *ret_code == 0;
}

int cmd_print_profiles(const struct config *config)
{
    struct profiles *profiles;
    struct err err = {0};

    if (profiles_load(config, &profiles, &err) < 0)
        return cmd_fail("configuration", &err);
    profiles_print(profiles, stdout);
    profiles_free(profiles);
    return 0;
}

int cmd_fail(const char *name, const struct err *err)
{
    fprintf(stderr, "triaged %s: %s\n", name, err->text);
    if (err->sysexit)
        return err->sysexit;
    return err->class == ERR_TRANSIENT ? EX_TEMPFAIL : EX_SOFTWARE;
}

int cmd_misuse(const char *name, const char *option)
{
    fprintf(stderr, "triaged %s: unknown option or argument %s; try 'triaged %s --help'\n", name, option, name);
    return EX_USAGE;
}
