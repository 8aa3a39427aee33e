/* Words for days: of the week, and near by. */
#include <stdio.h>
#include <string.h>

#include "base/attrs.h"
#include "claims/fact_parts.h"

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
    {"at night", "overnight"},
    {"during the night", "overnight"},
    {"through the night", "overnight"},
    {"by night", "overnight"},
    {"ueber nacht", "overnight"},
    {"in der nacht", "overnight"},
    {"nachts", "overnight"},
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

/* "am folgenden Werktag", "the previous evening": which way, and what of. */
static const char *const after_words[] = {
    "next",      "following", "subsequent",      "naechsten",      "naechster",       "naechste",      "folgenden",
    "folgender", "folgende",  "darauffolgenden", "darauffolgende", "darauffolgender", "uebernaechsten"};
static const char *const before_words[] = {"previous",       "preceding",     "vorherigen",    "vorigen",
                                           "vorhergehenden", "vorangehenden", "vorausgehenden"};
static const char *const kinds_of_day[] = {
    "working day", "business day",    "workday",      "weekday",       "banking day",    "day",          "morning",
    "evening",     "werktag",         "werktages",    "werktags",      "arbeitstag",     "arbeitstages", "arbeitstags",
    "tag",         "tages",           "tags",         "geschaeftstag", "bankarbeitstag", "werktage",     "abend",
    "morgen",      "working morning", "calendar day", "kalendertag"};

static const char *const parts_of_day[] = {"morning", "evening", "abend", "morgen"};

/* Said in one piece. */
static const struct {
    const char *word, *form;
} relations[] = {
    {"folgetag", "next day"},
    {"folgetages", "next day"},
    {"folgewerktag", "next day"},
    {"tags darauf", "next day"},
    {"tags drauf", "next day"},
    {"tag danach", "next day"},
    {"tag darauf", "next day"},
    {"tag nach", "next day"},
    {"werktag danach", "next day"},
    {"werktag darauf", "next day"},
    {"werktag nach", "next day"},
    {"arbeitstag danach", "next day"},
    {"arbeitstag darauf", "next day"},
    {"arbeitstag nach", "next day"},
    {"the day after", "next day"},
    {"a day later", "next day"},
    {"one day later", "next day"},
    {"einen tag spaeter", "next day"},
    {"einen werktag spaeter", "next day"},
    {"working day after", "next day"},
    {"business day after", "next day"},
    {"the morning after", "next day"},
    {"day following", "next day"},
    {"working day later", "next day"},
    {"the day before", "day before"},
    {"day beforehand", "day before"},
    {"the day prior", "day before"},
    {"the night before", "day before"},
    {"the evening before", "day before"},
    {"working day before", "day before"},
    {"business day before", "day before"},
    {"a day before", "day before"},
    {"a day earlier", "day before"},
    {"one day before", "day before"},
    {"one day earlier", "day before"},
    {"a day in advance", "day before"},
    {"one day in advance", "day before"},
    {"the eve of", "day before"},
    {"vortag", "day before"},
    {"vortags", "day before"},
    {"vortages", "day before"},
    {"vorabend", "day before"},
    {"tags zuvor", "day before"},
    {"tags davor", "day before"},
    {"tags vorher", "day before"},
    {"tag vorher", "day before"},
    {"tag davor", "day before"},
    {"tag zuvor", "day before"},
    {"tag vor", "day before"},
    {"abend vorher", "day before"},
    {"abend davor", "day before"},
    {"abend zuvor", "day before"},
    {"abend vor", "day before"},
    {"werktag vorher", "day before"},
    {"werktag davor", "day before"},
    {"werktag zuvor", "day before"},
    {"werktag vor", "day before"},
    {"arbeitstag vorher", "day before"},
    {"arbeitstag davor", "day before"},
    {"arbeitstag zuvor", "day before"},
    {"arbeitstag vor", "day before"},
    {"werktag frueher", "day before"},
    {"tag frueher", "day before"},
    {"arbeitstag frueher", "day before"},
};

/* "the next working day", "am Vortag", "einen Werktag davor": the day before or behind another one. */
static size_t read_relation(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const leads[] = {"the", "am", "zum", "einen", "den", "dem", "des", "one", "a", "der", "ein"};
    size_t lead = fold_word_of(text, at, leads, ARRAY_LEN(leads)), next, len, kind;
    bool after;

    for (size_t i = 0; i < ARRAY_LEN(relations); i++) {
        len = strncmp(relations[i].word, "tag ", 4) == 0 || strncmp(relations[i].word, "abend ", 6) == 0
                  ? 0
                  : fold_word(text, at, relations[i].word); /* "guten Tag nach Kiel" */
        if (!len && lead)
            len = fold_word(text, at + lead + fold_blanks(text, at + lead), relations[i].word),
            len += len ? lead + fold_blanks(text, at + lead) : 0;
        if (!len)
            continue;
        snprintf(fact->form, sizeof fact->form, "%s", relations[i].form);
        return len;
    }
    next = at + (lead ? lead + fold_blanks(text, at + lead) : 0);
    len = fold_word_of(text, next, after_words, ARRAY_LEN(after_words));
    after = len > 0;
    if (!len)
        len = fold_word_of(text, next, before_words, ARRAY_LEN(before_words));
    if (!len)
        return 0;
    next += len + fold_blanks(text, next + len);
    kind = fold_word_of(text, next, kinds_of_day, ARRAY_LEN(kinds_of_day));
    if (!kind)
        return 0;
    snprintf(fact->form, sizeof fact->form, "%s", after ? "next day" : "day before");
    fact->ground_only = fold_word_of(text, next, parts_of_day, ARRAY_LEN(parts_of_day)) > 0; /* said by the way */
    return next + kind - at;
}

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

/* "Mittwochnachmittag", "freitagabends": the day of the week. */
static size_t read_day_and_part(const struct folded *text, size_t at, struct fact *fact)
{
    static const char *const parts[] = {"vormittag", "mittag", "nachmittag", "abend", "morgen", "frueh", "nacht"};
    const char *word = text->text + at;
    size_t letters = fold_letters(text, at);

    for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
        size_t day = strlen(day_words[i].word);
        if (strlen(day_words[i].form) != WEEKDAY_LETTERS || day >= letters ||
            strncmp(word, day_words[i].word, day) != 0)
            continue;
        for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
            size_t part = strlen(parts[k]);
            if (letters - day < part || letters - day > part + 1 || strncmp(word + day, parts[k], part) != 0)
                continue;
            snprintf(fact->form, sizeof fact->form, "%s", day_words[i].form);
            return letters;
        }
    }
    return 0;
}

size_t fact_read_day_word(const struct folded *text, size_t at, struct fact *fact)
{
    size_t relation = read_relation(text, at, fact);

    if (relation)
        return relation;
    for (size_t i = 0; i < ARRAY_LEN(day_words); i++) {
        size_t len = fold_word(text, at, day_words[i].word);
        if (len) {
            snprintf(fact->form, sizeof fact->form, "%s", day_words[i].form);
            /* "every day" is said by the way; the days of a week are counted */
            fact->ground_only = (strcmp(fact->form, "daily") == 0 && len < sizeof "7 days a week" - 1) ||
                                (strcmp(fact->form, "overnight") == 0 && len != sizeof "overnight" - 1);
            return len;
        }
    }
    relation = read_day_and_part(text, at, fact);
    if (relation)
        return relation;
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
