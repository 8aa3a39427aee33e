/* The verbs of triaged queue and their options: read by the parser, by --help, by the completion and by the man page.
 */
#include <string.h>

#include "base/attrs.h"
#include "cmd/queue.h"

#define COUNT(most, about) ROW_INTEGER("--count", "N", count, 1, most, about)
#define JSON               ROW_FLAG("--json", json, "the answer as JSON, as the SQL function gave it")
#define GROUP              ROW_TEXT("--group", "NAME", group, "only of this group; several with commas")
#define REASON(about)      ROW_TEXT("--reason", "TEXT", reason, about)
#define SECONDS            ROW_NUMBER("--seconds", "S", seconds, 0, 86400, "active seconds on it (default: since the claim)")
#define ANSWER                                                                                                         \
    ROW_TEXT("--label", "LABEL", label, "what is right instead of the suggested label"),                               \
        ROW_TEXT("--text", "TEXT", text, "what goes out instead of the draft"),                                        \
        ROW_TEXT("--text-file", "FILE", text_file, "the same from a file; - is standard input"),                       \
        ROW_FLAG("--edit", edit, "opens the draft in $VISUAL or $EDITOR; an empty text answers nothing"),              \
        ROW_CHOICE("--outcome", "accepted|edited|rewritten|relabelled|escalated|wrong_input|wrong_policy", outcome,    \
                   "what became of the draft (default: follows from label and text)"),                                 \
        SECONDS, ROW_TEXT("--key", "KEY", key, "idempotency key (default: one of the claim, so repeating it is safe)")

static const struct option_row list_rows[] = {COUNT(1000, "so many (default 20)"),
                                              GROUP,
                                              ROW_TEXT("--label", "LABEL", label, "only with this suggested label"),
                                              ROW_CHOICE("--state", "open|claimed", state, "only these"),
                                              ROW_FLAG("--overdue", overdue, "only what is late"),
                                              JSON};
static const struct option_row json_rows[] = {JSON};
static const struct option_row claim_rows[] = {
    COUNT(100, "so many (default 1)"), GROUP,
    ROW_TEXT("--key", "KEY", key, "idempotency key: the same call again takes no more"),
    ROW_TEXT("--reviewer", "NAME", reviewer, "for somebody else, for a service that acts for people"), JSON};
static const struct option_row renew_rows[] = {SECONDS, JSON};
static const struct option_row resolve_rows[] = {ANSWER, JSON};
static const struct option_row together_rows[] = {
    ROW_TEXT("--others", "LIST", others, "items to answer too, as 31,32; or all: every one that 'alike' lists"), ANSWER,
    JSON};
static const struct option_row undo_rows[] = {ROW_TEXT("--key", "KEY", key, "of the answer (default: your held one)"),
                                              JSON};
static const struct option_row skip_rows[] = {REASON("why; 'reasons' lists those you gave before"), JSON};
static const struct option_row snooze_rows[] = {ROW_TEXT("--for", "SPAN", lasting, "such as 2h or '1 day'"),
                                                ROW_TEXT("--until", "TIME", until, "such as '2026-12-01 09:00'"), JSON};
static const struct option_row escalate_rows[] = {REASON("why"),
                                                  ROW_TEXT("--group", "NAME", group, "who should look at it"), JSON};
static const struct option_row reassign_rows[] = {ROW_TEXT("--to", "REVIEWER", to, "whose it is to be"), REASON("why"),
                                                  JSON};
static const struct option_row alike_rows[] = {
    ROW_NUMBER("--least", "SHARE", least, 0.5, 1, "so many words in common at least (default 0.8)"),
    COUNT(100, "so many (default 50)"), JSON};
static const struct option_row stats_rows[] = {ROW_CHOICE("--by", "age|states|classes|reviewers|agreement", by,
                                                          "age, for reviewers (default); the others are for auditors"),
                                               JSON};
static const struct option_row watch_rows[] = {
    COUNT(1000, "so many items (default: what the terminal holds)"),
    ROW_NUMBER("--every", "S", every, 1, 3600,
               "looks again after so many seconds though nothing was heard (default 5)"),
    GROUP, JSON};

#define ROWS(table) OPTION_ROWS(table), OPTION_CONFIGURED
#define ITEM        OPTION_WORDS("ITEM", 1, 1)
#define CLAIMED     OPTION_WORDS("[ITEM [CLAIM]]", 0, 2), .notes = which_claim
static const char which_claim[] = "ITEM and CLAIM left out are those that you have claimed.";

const struct queue_verb queue_verbs[] = {
    {{"queue list", .about = "Shows what waits, the next best first.",
      .example = "triaged queue list --group billing --overdue", ROWS(list_rows)},
     queue_run_list,
     queue_print_list},
    {{"queue show", .about = "Shows one item with its history.", .example = "triaged queue show 17", ITEM,
      ROWS(json_rows)},
     queue_run_show,
     queue_print_shown},
    {{"queue mine", .about = "Shows what you have claimed, what you can still take back, and what others did to it.",
      .example = "triaged queue mine", ROWS(json_rows)},
     queue_run_mine,
     queue_print_mine},
    {{"queue claim", .about = "Takes the next best item for you and shows it.",
      .example = "triaged queue claim --group billing", ROWS(claim_rows)},
     queue_run_claim,
     queue_print_claimed},
    {{"queue renew", CLAIMED, .about = "Keeps a claim for another lease.", .example = "triaged queue renew 17",
      ROWS(renew_rows)},
     queue_run_renew,
     NULL},
    {{"queue resolve", CLAIMED,
      .about = "Answers a claimed item: accepts what is proposed, or says what is right instead.",
      .example = "triaged queue resolve 17 --label refund --edit", ROWS(resolve_rows)},
     queue_run_resolve,
     queue_print_resolved},
    {{"queue resolve-alike", CLAIMED, .about = "Answers a claimed item and, the same way, others that ask the same.",
      .example = "triaged queue resolve-alike 17 --others 31,32", ROWS(together_rows)},
     queue_run_resolve_alike,
     queue_print_resolved},
    {{"queue undo", ITEM, .about = "Takes an answer back while it is held, with those given together with it.",
      .example = "triaged queue undo 17", ROWS(undo_rows)},
     queue_run_undo,
     queue_print_undone},
    {{"queue skip", CLAIMED, .about = "Gives an item back; you are not offered it again for a while.",
      .example = "triaged queue skip 17 --reason \"I don't read German\"", ROWS(skip_rows)},
     queue_run_skip,
     NULL},
    {{"queue snooze", CLAIMED, .about = "Gives an item back; nobody is offered it before then.",
      .example = "triaged queue snooze 17 --for 2h", ROWS(snooze_rows)},
     queue_run_snooze,
     NULL},
    {{"queue release", CLAIMED, .about = "Gives an item back to everybody.", .example = "triaged queue release 17",
      ROWS(json_rows)},
     queue_run_release,
     NULL},
    {{"queue escalate", CLAIMED, .about = "Gives an item back to be looked at soon, by somebody else.",
      .example = "triaged queue escalate 17 --group legal --reason 'threatens to sue'", ROWS(escalate_rows)},
     queue_run_escalate,
     NULL},
    {{"queue reassign", CLAIMED, .about = "Gives a claimed item to a colleague.",
      .example = "triaged queue reassign 17 --to bob --reason 'speaks Dutch'", ROWS(reassign_rows)},
     queue_run_reassign,
     NULL},
    {{"queue alike", ITEM, .about = "Lists open items that ask the same, most alike first.",
      .example = "triaged queue alike 17", ROWS(alike_rows)},
     queue_run_alike,
     queue_print_alike},
    {{"queue reasons", .about = "Lists the reasons you gave for skipping, the most used first.",
      .example = "triaged queue reasons", ROWS(json_rows)},
     queue_run_reasons,
     queue_print_reasons},
    {{"queue stats", .about = "Sums up the queue: how old it is and whether answers come in time.",
      .example = "triaged queue stats --by classes", ROWS(stats_rows)},
     queue_run_stats,
     queue_print_stats},
    {{"queue budget", .about = "Holds the hours that people are at work against the reviews of the week to come.",
      .example = "triaged queue budget",
      .notes = "Who is at work stands in the policies (staffing). With --json: every hour of the week too.",
      ROWS(json_rows)},
     queue_run_budget,
     queue_print_budget},
    {{"queue watch", .about = "Shows the queue and redraws it when anything happens, until Ctrl-C.",
      .example = "triaged queue watch", .notes = "With --json, or into a file: one line for each change.",
      ROWS(watch_rows)},
     queue_run_watch,
     NULL},
};
const size_t queue_verbs_len = ARRAY_LEN(queue_verbs);

const char *queue_verb_name(const struct queue_verb *verb)
{
    return strchr(verb->options.command, ' ') + 1;
}
