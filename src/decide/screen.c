/* Patterns by tables, run under limits, over text without invisible characters. The injection patterns are
 * conservative: they cost a ticket its draft and its automatic answer, so what ordinary customers write must not match. What
 * no pattern foresees is left to a linear model over sentences (addressed.h). */
#include "decide/screen.h"

#include <string.h>
#include <strings.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/pattern.h"
#include "decide/addressed.h"
#include "decide/text.h"

enum {
    SCREEN_BYTES_MAX = 32768, /* of the body that patterns see */
    TAG_CHARACTERS_LEAST = 4, /* hidden tag characters (U+E0020..) that no keyboard makes */
};

static const struct pattern_limits limits = {.match = 50000, .depth = 2000};

enum pattern_kind { PATTERN_AUTO_REPLY, PATTERN_BOUNCE, PATTERN_BOUNCE_SENDER, PATTERN_INJECTION, PATTERN_COUNT };

#define PREVIOUS "(?:all |any |the |your |my |every |of |these |those )*(?:previous|prior|above|earlier|preceding|foregoing|former|original|existing)"
#define COMMANDS "(?:instructions?|prompts?|directions|rules|guidelines|commands?)"
#define FRUEHER "(?:vorherigen?|bisherigen?|obigen?|vorigen?|fr\xc3\xbcheren?|vorangegangenen?|urspr\xc3\xbcnglichen?)"
#define BEFEHLE "(?:anweisung(?:en)?|befehle?|instruktion(?:en)?|vorgaben|regeln|prompts?)"

/* Alternatives of one kind, NULL-terminated; case does not matter. */
static const char *const auto_reply[] = {
    "^\\s*(?:automatic reply|auto[- ]?reply|autoreply|auto[- ]?response|auto:|out of (?:the )?office|ooo:)",
    "^\\s*(?:automatische (?:antwort|r\xc3\xbc" "ckmeldung)|abwesenheits(?:notiz|nachricht|meldung|assistent)|abwesend:"
    "|autom\\. antwort)",
    NULL,
};
static const char *const bounce[] = {
    "^\\s*(?:undeliver(?:able|ed)\\b|delivery status notification|mail delivery (?:failed|failure|subsystem)"
    "|returned mail:|failure notice|delivery (?:has )?failed|message (?:not delivered|undeliverable))",
    "^\\s*(?:unzustellbar\\b|nicht zustellbar|zustellung fehlgeschlagen|mail-?zustellung fehlgeschlagen)",
    NULL,
};
static const char *const bounce_sender[] = {"^(?:mailer-daemon|postmaster|mail-daemon)@", NULL};
static const char *const injection[] = {
    "\\byour (?:answer|reply|response|e-?mail) (?:must|has to|shall|needs to) (?:only )?(?:contain|include|end|begin|start|say|consist)\\b",
    "\\b(?:include|append|insert|add|put|embed|place|name|show|use)\\b[^.\\n]{0,60}\\b(?:in(?:to)?|to|at the end of|first in|on top of) (?:your|the) "
    "(?:answers?|reply|replies|responses?|draft)\\b",
    "\\b(?:begin|start|end|finish) (?:your|the|each|every) (?:answers?|reply|replies|responses?|sentences?|drafts?)\\b[^.\\n]{0,20}\\bwith\\b",
    "\\b(?:tell|inform|instruct) (?:the|this|every|all|each) (?:customers?|users?|readers?|recipients?) (?:to|that)\\b",
    "\\b(?:reply|respond|answer|output|print|say) (?:only |just |exactly )?(?:with )?(?:the|only the) (?:words?|sentences?|text|code|token|phrase)\\b",
    "\\b(?:names?|address(?:es)?|e-?mails?|phone numbers?|orders?|data|tickets?) of (?:the |all |any |your )*(?:last |other |previous |next )(?:\\w+ )?"
    "(?:customers?|users?|clients?|people)\\b",
    "\\b(?:schreibe?|nenne?|f\xc3\xbcge?|zeige?)\\b[^.\\n]{0,40}\\bin (?:deine[rn]?|der|die) antwort\\b",
    "\\b(?:as|you are) (?:the |an? )?(?:classifier|language model|ai|ai assistant|llm|chatbot|router|triage system)\\b[^.\\n]{0,40}"
    "\\b(?:must|should|shall|have to|need to|choose|answer|say|classify|label|obey)\\b",
    "(?:^|\\n)\\W*(?:begin |end |new )?(?:system|developer|admin(?:istrator)?) (?:message|prompt|instructions?|override|note)\\b\\W",
    "[\"']role[\"']\\s*:\\s*[\"'](?:system|assistant|developer|tool)[\"']",
    "\\b(?:answer|reply|respond|close|handle|resolve|process) (?:this |it |the ticket |this ticket |at once ){0,2}without (?:an? |any )?"
    "(?:person|human|reviewer?|review|agent)\\b",
    "\\bdo(?: not|n't) (?:send|forward|route|escalate|show|pass) (?:this|it)(?: ticket| message| mail)? (?:on )?to (?:an? |any |the )?"
    "(?:reviewers?|person|humans?|people|agents?)\\b",
    "\\b(?:classification|label|category|confidence)\\s*(?:=|:)\\s*[\"']?[\\w.]+[\"']?\\s*[,.;]?\\s*(?:classification|label|category"
    "|confidence|review)\\s*(?:=|:)",
    "\\b(?:all )?tickets? (?:with|like|containing) this (?:text|sentence|line|phrase)\\b[^.\\n]{0,60}\\b(?:risk|automatically|approved|answered)",
    "\\b(?:decode|decrypt|rot13|base64)\\b[^.\\n]{0,40}\\b(?:do what|follow|obey|execute|and (?:then )?(?:do|say|answer))\\b",
    "\\bals (?:klassifikator|ki|ki-assistent|sprachmodell|chatbot)\\b[^.\\n]{0,40}\\b(?:musst|sollst|m\xc3\xbcssen|sollen|w\xc3\xa4hle|antworte)\\b",
    "\\b(?:dieses|das) ticket (?:darf|soll) kein mensch\\b|\\bohne (?:einen )?(?:menschen|pr\xc3\xbc" "fung|mitarbeiter) (?:beantworten|schlie\xc3\x9f" "en)\\b",
    "\\b(?:ignore|disregard|forget|override|bypass|overlook|do not follow|stop following)\\s+" PREVIOUS "\\s+(?:\\w+\\s+){0,2}"
    COMMANDS "\\b",
    "\\b(?:ignore|disregard|forget|override)\\s+(?:all |any )?(?:of )?(?:your|the system|the developer)\\s+(?:\\w+\\s+){0,2}"
    COMMANDS "\\b",
    "\\b(?:ignore|disregard|forget) (?:everything|anything|all) (?:\\w+ ){0,3}(?:above|before this|you were told|told you)",
    "\\b(?:reveal|print|repeat|show|output|leak|disclose|tell me)\\s+(?:\\w+\\s+){0,3}(?:system prompt|hidden prompt|initial prompt"
    "|your (?:\\w+ )?(?:instructions|prompt)|prompt above)",
    "\\byou are (?:now|no longer) (?:an? |the |in |my )?(?:\\w+ ){0,2}(?:ai|assistant|chatbot|bot|dan|jailbroken|unrestricted"
    "|developer mode|language model|bound by)\\b",
    "\\b(?:act|behave|respond|pretend)\\s+(?:\\w+\\s+){0,2}as (?:an? )?(?:\\w+ ){0,2}(?:ai|assistant|chatbot|language model|dan)\\b",
    "\\b(?:enter|enable|activate|switch to) (?:developer|debug|dan|god|jailbreak|admin|maintenance) mode\\b",
    "\\b(?:new|updated|revised|additional|hidden|secret) (?:system )?instructions? (?:for|to) (?:the |you|this )?\\s?(?:ai|assistant"
    "|bot|chatbot|model|llm|classifier|system|triage)?\\b\\s*[:.]",
    "\\b(?:note|message|attention|instructions?|important|hinweis|nachricht|anweisung)\\b[^.\\n]{0,12}\\b(?:to|for|an|f\xc3\xbcr)\\b"
    "[^.\\n]{0,12}\\b(?:ai|llm|language model|chatbot|ki|sprachmodell|ki-assistent(?:en)?)\\b",
    "\\b(?:classify|label|mark|categori[sz]e|tag|route|treat|set) (?:this|the) (?:\\w+ )?(?:ticket|request|message|e?-?mail|conversation)"
    " (?:\\w+ )?(?:as|to|with) [\"'`]?(?:\\w+[_ ])?(?:spam|resolved|approved|low[- ]risk|answered|confident|refund_\\w+|order_\\w+|\\w+_\\w+)",
    "\\bwith (?:a )?confidence (?:of )?(?:1\\.0|100|0\\.9)",
    "<\\|?(?:im_start|im_end|system|endoftext|assistant|end_of_turn|start_header_id)\\|?>|\\[/?INST\\]|<<SYS>>|</?system>",
    "(?:^|\\n)\\s*(?:#{2,}\\s*)?(?:system|assistant|developer)(?: (?:prompt|message|override|note))?\\s*:\\s*\\S",
    "(?:^|\\n)\\s*#{2,}\\s*(?:system|new|updated)? ?(?:instruction|prompt|override|response)s?\\b",
    "\\b(?:ignoriere?n?|vergiss|vergessen|missachte?n?|\xc3\xbc" "bergehe?n?|umgehe?n?)\\s+(?:sie\\s+)?(?:bitte\\s+)?(?:alle|die|deine|ihre|s\xc3\xa4mtliche)?"
    "\\s*(?:deine[n]? |ihre[n]? |die )?" FRUEHER "?\\s*(?:\\w+\\s+){0,1}" BEFEHLE "\\b",
    "\\bdu bist (?:jetzt|nun|ab jetzt|ab sofort|nicht mehr) (?:\\w+ ){0,3}(?:ki|assistent|chatbot|bot|sprachmodell|dan)\\b",
    "\\b(?:gib|zeige?|nenne?|verrate?|wiederhole?) (?:\\w+ ){0,3}(?:system-?prompt|deine anweisungen|deine instruktionen)",
    "(?<![\\w/+=.:%&?-])(?-i:(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[0-9])[A-Za-z0-9+/]{40,})={0,2}(?![\\w/])",
    "\\b(?:markiere?|klassifiziere?|stufe?|behandle?) (?:dieses|das|diese|die) (?:\\w+ )?(?:ticket|anfrage|nachricht|e?-?mail) (?:\\w+ )?als\\b",
    NULL,
};

static const struct {
    const char *const *alternatives;
    const char *name;
} patterns[] = {
    [PATTERN_AUTO_REPLY] = {auto_reply, "auto replies"},
    [PATTERN_BOUNCE] = {bounce, "bounces"},
    [PATTERN_BOUNCE_SENDER] = {bounce_sender, "bounce senders"},
    [PATTERN_INJECTION] = {injection, "injections"},
};
_Static_assert(ARRAY_LEN(patterns) == PATTERN_COUNT, "a kind of pattern without a row");

/* Tags that mail gateways and helpdesks put on what machines wrote. */
static const struct {
    const char *tag;
    enum screen_verdict verdict;
} tags[] = {
    {"auto_reply", SCREEN_AUTO_REPLY},     {"auto-reply", SCREEN_AUTO_REPLY},    {"autoreply", SCREEN_AUTO_REPLY},
    {"auto_replied", SCREEN_AUTO_REPLY},   {"auto-replied", SCREEN_AUTO_REPLY},  {"auto_submitted", SCREEN_AUTO_REPLY},
    {"auto-submitted", SCREEN_AUTO_REPLY}, {"out_of_office", SCREEN_AUTO_REPLY}, {"out-of-office", SCREEN_AUTO_REPLY},
    {"mail_loop", SCREEN_AUTO_REPLY},      {"mail-loop", SCREEN_AUTO_REPLY},     {"bounce", SCREEN_BOUNCE},
    {"bounced", SCREEN_BOUNCE},            {"mailer_daemon", SCREEN_BOUNCE},     {"mailer-daemon", SCREEN_BOUNCE},
};

struct screen {
    struct pattern *patterns[PATTERN_COUNT];
    struct pattern_scratch *scratch;
    struct language_detector *languages;
    struct buf text; /* subject and body without what nobody sees */
};

/* ---- set-up ---- */

static int compile(struct screen *self, enum pattern_kind kind, struct err *reterr)
{
    CLEANUP(buf_free) struct buf all = {0};
    struct pattern_fault fault;

    for (size_t i = 0; patterns[kind].alternatives[i]; i++)
        buf_printf(&all, "%s(?:%s)", i ? "|" : "", patterns[kind].alternatives[i]);
    self->patterns[kind] = pattern_new(buf_str(&all), all.len, PATTERN_ANY_CASE | PATTERN_FAST, &fault);
    if (!self->patterns[kind])
        return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the pattern for %s does not compile (error %d at %zu)",
                       patterns[kind].name, fault.code, fault.at);
    return 0;
}

int screen_new(struct screen **ret_screen, struct err *reterr)
{
    struct screen *self = mem_alloc(sizeof *self);

    for (int k = 0; k < PATTERN_COUNT; k++) {
        if (compile(self, (enum pattern_kind)k, reterr) < 0) {
            screen_free(self);
            return -1;
        }
    }
    self->scratch = pattern_scratch_new(&limits);
    self->languages = language_detector_new();
    *ret_screen = self;
    return 0;
}

void screen_free(struct screen *self)
{
    if (!self)
        return;
    for (int k = 0; k < PATTERN_COUNT; k++)
        pattern_free(self->patterns[k]);
    pattern_scratch_free(self->scratch);
    language_detector_free(self->languages);
    buf_free(&self->text);
    mem_free(self);
}

/* ---- matching ---- */

/* A pattern that hits its limit counts as matched where that is the careful answer. */
static bool matches(struct screen *self, enum pattern_kind kind, const char *text, size_t len, bool at_limit)
{
    int rc = pattern_matches(self->patterns[kind], self->scratch, text, len);

    return rc > 0 || (rc < 0 && at_limit);
}

static bool machine_wrote(struct screen *self, const struct ticket *ticket, enum screen_verdict *ret_verdict)
{
    const char *sender = ticket->requester.email;

    for (size_t i = 0; i < ticket->n_tags; i++) {
        for (size_t t = 0; t < ARRAY_LEN(tags); t++) {
            if (strcasecmp(ticket->tags[i], tags[t].tag) == 0) {
                *ret_verdict = tags[t].verdict;
                return true;
            }
        }
    }
    if (matches(self, PATTERN_BOUNCE_SENDER, sender, strlen(sender), false) ||
        matches(self, PATTERN_BOUNCE, ticket->subject, strlen(ticket->subject), false))
        *ret_verdict = SCREEN_BOUNCE;
    else if (matches(self, PATTERN_AUTO_REPLY, ticket->subject, strlen(ticket->subject), false))
        *ret_verdict = SCREEN_AUTO_REPLY;
    else
        return false;
    return true;
}

/* Tag characters copy ASCII invisibly: F3 A0 80 A0 to F3 A0 81 BF in UTF-8. */
static bool hidden_text(const char *text)
{
    int n = 0;

    for (const char *at = text; n < TAG_CHARACTERS_LEAST && (at = strstr(at, "\xf3\xa0")) != NULL; at += 2)
        n += (unsigned char)at[2] == 0x80 || (unsigned char)at[2] == 0x81;
    return n >= TAG_CHARACTERS_LEAST;
}

/* A right-to-left override (U+202E) shows letters in another order than they stand. */
static bool turned_round(const char *text)
{
    return strstr(text, "\xe2\x80\xae") != NULL;
}

static bool readable(const struct buf *text)
{
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = (unsigned char)text->data[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80)
            return true;
    }
    return false;
}

/* Stop words of the newest text; without any, what the helpdesk states, as a hint. */
static void tell_language(struct screen *self, const struct ticket *ticket, struct language_guess *ret_guess)
{
    language_detect(self->languages, self->text.data, self->text.len, ret_guess);
    if (ret_guess->code[0] == '\0' || !ret_guess->sure) {
        char stated[LANGUAGE_MAX];
        language_primary(ticket->language, stated);
        if (stated[0])
            memcpy(ret_guess->code, stated, sizeof stated);
    }
}

void screen_run(struct screen *self, const struct ticket *ticket, struct screen_result *ret_result)
{
    const char *body = ticket_newest_body(ticket);
    size_t len = strlen(body);
    struct screen_result result = {.verdict = SCREEN_PERSON};

    buf_reset(&self->text);
    text_add_visible(&self->text, ticket->subject, strlen(ticket->subject));
    buf_putc(&self->text, '\n');
    text_add_visible(&self->text, body, len < SCREEN_BYTES_MAX ? len : SCREEN_BYTES_MAX);
    if (!machine_wrote(self, ticket, &result.verdict) && !readable(&self->text))
        result.verdict = SCREEN_EMPTY;
    tell_language(self, ticket, &result.language);
    result.injection = hidden_text(ticket->subject) || hidden_text(body) || turned_round(body) ||
                       matches(self, PATTERN_INJECTION, self->text.data, self->text.len, true) ||
                       addressed_to_machine(self->text.data, self->text.len);
    *ret_result = result;
}
