/* Words for days: of the week, and near by. */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "draft/fact_parts.h"

enum { WEEKDAY_LETTERS = 3 };

/* Days of the week and words for days near by; equal forms mean the same. */
static const struct {
    const char *word, *form;
} day_words[] = {
    {"monday", "mon"},
    {"mondays", "mon"},
    {"montag", "mon"},
    {"montags", "mon"},
    {"tuesday", "tue"},
    {"tuesdays", "tue"},
    {"dienstag", "tue"},
    {"dienstags", "tue"},
    {"wednesday", "wed"},
    {"wednesdays", "wed"},
    {"mittwoch", "wed"},
    {"mittwochs", "wed"},
    {"thursday", "thu"},
    {"thursdays", "thu"},
    {"donnerstag", "thu"},
    {"donnerstags", "thu"},
    {"friday", "fri"},
    {"fridays", "fri"},
    {"freitag", "fri"},
    {"freitags", "fri"},
    {"saturday", "sat"},
    {"saturdays", "sat"},
    {"samstag", "sat"},
    {"samstags", "sat"},
    {"sonnabend", "sat"},
    {"sunday", "sun"},
    {"sundays", "sun"},
    {"sonntag", "sun"},
    {"sonntags", "sun"},
    {"day after tomorrow", "day after tomorrow"},
    {"the day after", "next day"},
    {"am tag nach", "next day"},
    {"am tag danach", "next day"},
    {"am tag darauf", "next day"},
    {"folgetag", "next day"},
    {"am naechsten tag", "next day"},
    {"am folgenden tag", "next day"},
    {"the next day", "next day"},
    {"the following day", "next day"},
    {"next working day", "next day"},
    {"next business day", "next day"},
    {"naechsten werktag", "next day"},
    {"naechsten arbeitstag", "next day"},
    {"folgenden werktag", "next day"},
    {"following working day", "next day"},
    {"following business day", "next day"},
    {"working day after", "next day"},
    {"business day after", "next day"},
    {"darauffolgenden werktag", "next day"},
    {"darauffolgenden tag", "next day"},
    {"darauffolgenden arbeitstag", "next day"},
    {"folgenden arbeitstag", "next day"},
    {"naechster werktag", "next day"},
    {"folgewerktag", "next day"},
    {"werktag danach", "next day"},
    {"werktag darauf", "next day"},
    {"am tag vorher", "day before"},
    {"zum tag vorher", "day before"},
    {"zum tag davor", "day before"},
    {"zum tag zuvor", "day before"},
    {"tags zuvor", "day before"},
    {"tags davor", "day before"},
    {"einen tag vorher", "day before"},
    {"einen tag davor", "day before"},
    {"einen tag zuvor", "day before"},
    {"a day before", "day before"},
    {"a day earlier", "day before"},
    {"vortags", "day before"},
    {"vortages", "day before"},
    {"the day before", "day before"},
    {"the previous day", "day before"},
    {"am tag vor", "day before"},
    {"am tag zuvor", "day before"},
    {"am tag davor", "day before"},
    {"vortag", "day before"},
    {"this morning", "today"},
    {"this afternoon", "today"},
    {"this evening", "today"},
    {"today", "today"},
    {"heute", "today"},
    {"tonight", "today"},
    {"tomorrow", "tomorrow"},
    {"yesterday", "yesterday"},
    {"gestern", "yesterday"},
    {"uebermorgen", "day after tomorrow"},
    {"overnight", "overnight"},
    {"weekend", "weekend"},
    {"wochenende", "weekend"},
    {"next week", "next week"},
    {"naechste woche", "next week"},
    {"naechster woche", "next week"},
    {"this week", "this week"},
    {"diese woche", "this week"},
    {"dieser woche", "this week"},
    {"weekday", "weekdays"},
    {"weekdays", "weekdays"},
    {"werktags", "weekdays"},
    {"wochentags", "weekdays"},
    {"working days", "weekdays"},
    {"business days", "weekdays"},
    {"werktagen", "weekdays"},
    {"arbeitstagen", "weekdays"},
    {"weekends", "weekend"},
    {"wochenenden", "weekend"},
    {"christmas", "christmas"},
    {"weihnachten", "christmas"},
    {"easter", "easter"},
    {"ostern", "easter"},
    {"seven days a week", "daily"},
    {"7 days a week", "daily"},
    {"sieben tage die woche", "daily"},
    {"sieben tagen die woche", "daily"},
    {"sieben tagen in der woche", "daily"},
    {"every day", "daily"},
    {"daily", "daily"},
    {"taeglich", "daily"},
    {"jeden tag", "daily"},
};

/* Days that have a name of their own. */
static const struct {
    const char *name;
    int day, month;
} feasts[] = {
    {"christmas eve", 24, 12},  {"heiligabend", 24, 12}, {"heiligen abend", 24, 12}, {"christmas day", 25, 12},
    {"new year's eve", 31, 12}, {"silvester", 31, 12},   {"new year's day", 1, 1},   {"neujahr", 1, 1},
};

/* Short names count only beside another day, as in mon-fri, or before the day of a month. */
static const struct {
    const char *word, *form;
} short_days[] = {
    {"mon", "mon"}, {"tue", "tue"}, {"wed", "wed"},  {"thu", "thu"},  {"fri", "fri"},  {"sat", "sat"},
    {"sun", "sun"}, {"mo", "mon"},  {"di", "tue"},   {"mi", "wed"},   {"do", "thu"},   {"fr", "fri"},
    {"sa", "sat"},  {"so", "sun"},  {"tues", "tue"}, {"weds", "wed"}, {"thur", "thu"}, {"thurs", "thu"},
};

static const char *const day_links[] = {"-", "bis", "to", "and", "und", "or", "oder", "&", "/"};

/* A day of the week, short or long, at this place. */
static bool is_day(const struct folded *text, size_t at)
{
    for (size_t i = 0; i < ARRAY_LEN(short_days); i++) {
        if (fold_word(text, at, short_days[i].word))
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
        if (strlen(day_words[i].form) == WEEKDAY_LETTERS && fold_word(text, at, day_words[i].word))
            return true;
    }
    return false;
}

static size_t skip_back(const struct folded *text, size_t at, const char *marks)
{
    while (at > 0 && strchr(marks, text->text[at - 1]))
        at--;
    return at;
}

/* "Mo-Fr", "Mo. bis Fr.", "Tues and Thurs": a day beside another one. */
static bool in_range(const struct folded *text, size_t at, size_t len)
{
    size_t next = at + len + strspn(text->text + at + len, ". "), before = skip_back(text, at, " ");

    for (size_t i = 0; i < ARRAY_LEN(day_links); i++) {
        size_t n = strlen(day_links[i]), start;
        if (strncmp(text->text + next, day_links[i], n) == 0 &&
            is_day(text, next + n + strspn(text->text + next + n, " ")))
            return true;
        if (before < n || strncmp(text->text + before - n, day_links[i], n) != 0)
            continue;
        start = skip_back(text, before - n, ". ");
        while (start > 0 && fold_is_letter(text->text[start - 1]))
            start--;
        if (is_day(text, start))
            return true;
    }
    return false;
}

/* "Thurs 9 Oct", "Do, 9.10.": the words "do" and "so" need their mark. */
static bool before_figure(const struct folded *text, size_t at, size_t len)
{
    size_t marks = strspn(text->text + at + len, ".,");
    size_t blanks = strspn(text->text + at + len + marks, " ");

    size_t figure = at + len + marks + blanks, digits = strspn(text->text + figure, "0123456789:.");
    bool word = strncmp(text->text + at, "do", 2) == 0 || strncmp(text->text + at, "so", 2) == 0;
    bool hours = digits && text->text[figure + digits] == '-';

    return blanks && (marks || len > 2 || !word || hours) && digits;
}

size_t fact_read_feast(const struct folded *text, size_t at, struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_LEN(feasts); i++) {
        size_t len = fold_word(text, at, feasts[i].name);
        if (len) {
            fact->day = feasts[i].day;
            fact->month = feasts[i].month;
            return len;
        }
    }
    return 0;
}

/* "morgen" is tomorrow, but "guten Morgen" and "an dem Morgen" are not. */
static bool is_a_morning(const struct folded *text, size_t at)
{
    static const char *const before[] = {"guten ", "am ",     "dem ",    "den ",     "der ",       "des ",
                                         "ein ",   "einem ",  "einen ",  "jeden ",   "jedem ",     "eines ",
                                         "jenem ", "diesem ", "diesen ", "frueher ", "naechsten ", "selben "};

    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        size_t n = strlen(before[i]);
        if (at >= n && strncmp(text->text + at - n, before[i], n) == 0)
            return true;
    }
    return false;
}

size_t fact_read_day_word(const struct folded *text, size_t at, struct fact *fact)
{
    for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
        size_t len = fold_word(text, at, day_words[i].word);
        if (len) {
            snprintf(fact->form, sizeof fact->form, "%s", day_words[i].form);
            /* "every day" is said by the way; the days of a week are counted */
            fact->ground_only = strcmp(fact->form, "daily") == 0 && len < sizeof "7 days a week" - 1;
            return len;
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(short_days); i++) {
        size_t len = fold_word(text, at, short_days[i].word);
        if (len && (in_range(text, at, len) || before_figure(text, at, len))) {
            snprintf(fact->form, sizeof fact->form, "%s", short_days[i].form);
            return len;
        }
    }
    if (fold_word(text, at, "morgen") && !is_a_morning(text, at)) {
        snprintf(fact->form, sizeof fact->form, "tomorrow");
        return 6;
    }
    return 0;
}
