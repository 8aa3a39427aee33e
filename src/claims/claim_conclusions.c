/* All that follows from the texts, and what only the draft itself is about. */
#include "claims/claim_conclusions.h"

#include <string.h>

#include "base/attrs.h"

enum { TALK_MOST = 6, WORDS_BEFORE_THING = 2 };

void claim_conclusion_support(struct claim *claim, const struct conclusion *self)
{
    static void (*const conclusions[])(struct claim *, const struct conclusion *) = {
        claim_reading_support,  claim_counted_support, claim_arithmetic_support, claim_calendar_support,
        claim_relative_support, claim_rounded_support, claim_range_support,      claim_converted_support,
        claim_worked_support,   claim_period_support,  claim_labelled_support,   claim_reckoned_support,
        claim_dated_support,
    };

    for (size_t i = 0; !claim->supported && i < ARRAY_LEN(conclusions); i++)
        conclusions[i](claim, self);
}

/* ---- what is said by the way ---- */

/* "Two small things: ...", "drei kurze Hinweise": the draft's own points. */
static bool counts_points(const struct conclusion *self)
{
    static const char *const points[] = {
        "things",      "points",      "notes",       "tips",        "remarks", "questions",        "ideas",
        "thoughts",    "reminders",   "suggestions", "caveats",     "dinge",   "sachen",           "punkte",
        "hinweise",    "tipps",       "fragen",      "anmerkungen", "ideen",   "dingen",           "kleinigkeiten",
        "vorschlaege", "bemerkungen", "hinweisen",   "punkten",     "tipps",   "pieces of advice", "bits of advice"};
    size_t at = self->fact->end;

    if (self->fact->kind != CLAIM_NUMBER || *self->fact->unit || self->fact->value > TALK_MOST)
        return false;
    for (size_t words = 0; words <= WORDS_BEFORE_THING; words++) {
        size_t len;
        at += fold_blanks(self->draft, at);
        if (fold_word_of(self->draft, at, points, ARRAY_LEN(points)))
            return true;
        len = fold_letters(self->draft, at);
        if (!len)
            return false;
        at += len;
    }
    return false;
}

/* The clause around the fact, up to a mark. */
static void clause_of(const struct conclusion *self, size_t *ret_start, size_t *ret_end)
{
    const char *text = self->draft->text;
    size_t start = self->fact->start;

    while (start > 0 && !strchr(".!?\n;,:", text[start - 1]))
        start--;
    *ret_start = start;
    *ret_end = self->fact->end + strcspn(text + self->fact->end, ".!?\n;,:");
}

/* "Do ring our pharmacist today": the reader is asked to act on that day. */
static bool asks_for_day(const struct conclusion *self)
{
    static const char *const asking[] = {
        "please",          "bitte",     "do ring", "do call",     "do phone",   "do contact",   "do write",
        "do get in touch", "am besten", "ideally", "if possible", "moeglichst", "gleich heute", "noch heute am besten"};
    static const char *const verbs[] = {
        "ring",       "call",  "phone",   "contact",       "write",        "email",      "text",        "message",
        "ask",        "check", "speak",   "try",           "get in touch", "rufen sie",  "ruf",         "ruft",
        "melden sie", "melde", "schreib", "schreiben sie", "frag",         "fragen sie", "pruefen sie", "wenden sie"};
    static const char *const limits[] = {"by", "until", "till", "bis", "before", "vor", "spaetestens"};
    static const char *const ours[] = {"we", "i", "wir", "ich", "our team", "will", "we'll", "i'll", "wird", "werden"};
    size_t start, end, first;

    if (strcmp(self->fact->form, "today") != 0 && strcmp(self->fact->form, "tomorrow") != 0)
        return false;
    clause_of(self, &start, &end);
    first = start + fold_blanks(self->draft, start);
    if (fold_word(self->draft, first, "and") || fold_word(self->draft, first, "und"))
        first += 3 + fold_blanks(self->draft, first + 3);
    return !fold_behind(self->draft, self->fact->start, limits, ARRAY_LEN(limits)) &&
           !fold_has(self->draft, start, end, ours, ARRAY_LEN(ours)) &&
           (fold_has(self->draft, start, end, asking, ARRAY_LEN(asking)) ||
            fold_word_of(self->draft, first, verbs, ARRAY_LEN(verbs)));
}

/* "if you cancel in August, for example": a month that is made up to show something. */
static bool is_example(const struct conclusion *self)
{
    static const char *const words[] = {"zum beispiel", "z. b", "z.b",     "beispielsweise", "for example",
                                        "for instance", "e.g",  "etwa im", "sagen wir",      "say"};
    size_t start, end;

    if (self->fact->kind != CLAIM_DATE || !self->fact->month || self->fact->day)
        return false;
    clause_of(self, &start, &end);
    return fold_has(self->draft, start, end, words, ARRAY_LEN(words));
}

bool claim_is_by_the_way(const struct conclusion *self)
{
    return counts_points(self) || (self->fact->kind == CLAIM_DATE && (asks_for_day(self) || is_example(self)));
}
