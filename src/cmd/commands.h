/* The entry points that the table names: one file each in this folder. */
#ifndef TRIAGED_CMD_COMMANDS_H
#define TRIAGED_CMD_COMMANDS_H

int cmd_train(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_classify(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
