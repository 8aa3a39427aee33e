#include "cmd/commands.h"
int cmd_draft(int argc, char **argv){(void)argc;(void)argv;return 70;}
int cmd_check_draft(int argc, char **argv){(void)argc;(void)argv;return 70;}
