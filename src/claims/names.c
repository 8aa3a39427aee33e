/* What is English is told by its small words; what is a name, by its first letter. */
#include "claims/names.h"

#include <string.h>

#include "base/attrs.h"

enum {
    LETTERS_LEAST = 3,
    ENDING_MOST = 2,
    MODEL_MOST = 4,
    VENUE_LEAST = 4, /* what stands before "halle" */
    STREET_LEAST = 5 /* "Hafenstr." */,
    GRADE_LEAST = 4 /* "pro" is no "Programm" */
};

/* Folded words between blanks. */
static const char english_words[] = " the is are a to you your our and for it please can with be not if of we ";
static const char german_words[] = " der die das und ist sie wir bitte nicht ein eine ihr ihre ihren auf mit viele "
                                   "gruesse gruss freundliche freundlichen liebe herzliche beste im bei du fuer von "
                                   "den dem des dein deine deinen zum zur hat haben ich nach wenn kein keine ";

/* Written with a capital whatever they name, and said by everybody. */
static const char no_names[] =
    " monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december christmas easter mr mrs ms dr sir madam dear kind regards thanks hello "
    "english "
    "german french irish british european eu uk usa us internet bluetooth wifi email pdf sms id vat iban pin url csv "
    "json "
    "usb ok yes no gmt utc atm ios android windows google apple i'm i've i'll celsius fahrenheit faq team support "
    "service customer "
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays sincerely faithfully best eve states kingdom "
    "europe britain england str prof professor doctor miss mx lord lady rev reverend captain sister father "
    "mon tue tues wed weds thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec "
    "miss master nurse matron sirs messrs esq colonel major sergeant councillor hon bishop rabbi imam "
    "st rd ave ln co ltd inc plc gmbh ag kg ";

/* German writes every noun with a capital; but a noun right behind another one is a name: "die App Lumo Control". Not
 * behind these: measures, titles, pronouns. */
static const char no_heads[] =
    " sie ihr ihre ihren ihrem ihrer ihres ihnen du dein euch uns wochen woche tage tag tagen monate monaten monat "
    "jahre "
    "jahren jahr stunden stunde minuten minute sekunden prozent euro eur cent uhr liter kilo gramm meter kilometer "
    "stueck "
    "paar art ende anfang mitte viertel haelfte drittel herr herrn frau familie bitte guten guter gute liebe lieber "
    "sehr "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar maerz april mai juni juli august "
    "september oktober november dezember werktage werktagen arbeitstage arbeitstagen kalendertage kilometern metern "
    "litern gb mb kwh grad teil zentimeter zentimetern millimeter millimetern gramm kilogramm watt volt zoll "
    "strasse form menge anzahl summe hoehe paket packung flasche dose glas tasse mann mutter vater sohn tochter kind "
    "kinder oma opa partner kollege kollegin "
    "kunde kundin freund freundin eltern ";
/* What a better kind of something is called; a kind that no source has is invented. */
static const char grades[] = " express premium plus pro gold platin platinum vip deluxe komfort comfort silver silber "
                             "business basic classic ultra turbo blitz max priority eco prime elite ";
static const char *const street_ends[] = {"strasse", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "ring"};

static size_t word_len(const struct folded *text, size_t at)
{
    size_t len = 0;

    while (fold_is_word(text->text[at + len]))
        len++;
    return len;
}

enum { UNKNOWN, ENGLISH, GERMAN };

static int language_of(const struct folded *text, size_t start, size_t end)
{
    size_t english = 0, german = 0;

    for (size_t at = start; at < end;) {
        size_t len = word_len(text, at);
        english += len && fold_listed(english_words, text->text + at, len);
        german += len && fold_listed(german_words, text->text + at, len);
        at += len ? len : 1;
    }
    return english > german ? ENGLISH : german > english ? GERMAN : UNKNOWN;
}

/* "Express" is known where "Expressverfahren" is. */
static bool is_grade(const char *word, size_t len)
{
    return fold_listed(grades, word, len);
}

static bool capital(const char *original, const struct folded *text, size_t at)
{
    char c = original[text->at[at]];

    return c >= 'A' && c <= 'Z';
}

/* VitalisPlus, GlobalGate: a name in every language. */
static bool inner_capital(const char *original, const struct folded *text, size_t at, size_t len)
{
    bool small = false;

    for (size_t i = at + 1; i < at + len; i++) {
        char c = original[text->at[i]];
        if (c >= 'A' && c <= 'Z' && small)
            return true;
        small |= c >= 'a' && c <= 'z';
    }
    return false;
}

/* A word behind one of these begins something of its own. */
static bool begins(const struct folded *text, size_t start, size_t at)
{
    while (at > start && strchr(" '(", text->text[at - 1]))
        at--;
    return at == start || strchr(":\"\n*-.!?", text->text[at - 1]);
}

/* The word that stands right before, one blank between; 0 bytes when there is none. */
static size_t word_before(const struct folded *text, size_t start, size_t at, size_t *ret_at)
{
    size_t end = at, begin;

    if (end <= start || text->text[end - 1] != ' ')
        return 0;
    end--;
    for (begin = end; begin > start && fold_is_letter(text->text[begin - 1]);)
        begin--;
    *ret_at = begin;
    return end - begin;
}

/* "Geschaeftstage", "Kalenderwochen": what follows is what is measured. */
static bool is_measure(const char *word, size_t len)
{
    static const char *const ends[] = {"tage",   "tagen",   "tag",     "wochen", "woche",
                                       "monate", "monaten", "stunden", "minuten"};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        size_t n = strlen(ends[i]);
        if (len > n && strncmp(word + len - n, ends[i], n) == 0)
            return true;
    }
    return false;
}

/* "beim Putzen Pech gehabt", "zum Trocknen Zeit lassen": what is done, not what has a name. */
static bool is_doing(const struct folded *text, size_t start, size_t at, size_t len)
{
    size_t link, n = word_before(text, start, at, &link);

    return n && fold_listed(" beim zum vom am fuers ohne durchs ", text->text + link, n) && len > LETTERS_LEAST + 1 &&
           text->text[at + len - 1] == 'n' &&
           (text->text[at + len - 2] == 'e' || strchr("rl", text->text[at + len - 2]));
}

/* What one has, makes or takes without an article: "haben Sie bei der Lieferung Pech gehabt". */
static const char bare_nouns[] =
    " pech glueck zeit hilfe geduld spass lust angst recht platz ruhe vorrang anspruch erfolg probleme schwierigkeiten "
    "aerger muehe mut interesse bescheid kontakt ruecksicht bezug anzeige verstaendnis vertrauen hoffnung sorge sorgen "
    "freude schuld sinn wert gebrauch abstand einsicht zugriff zugang einspruch widerspruch beschwerde auskunft "
    "rechnung stellung schaden gefahr unrecht bedarf verspaetung auto rad fahrrad reserve spielraum abstand luft ";

static bool stands_behind_noun(const char *original, const struct folded *text, size_t start, size_t at)
{
    size_t before, len = word_before(text, start, at, &before);

    if (len && is_doing(text, start, before, len))
        return false;
    return len >= LETTERS_LEAST && capital(original, text, before) && !begins(text, start, before) &&
           !is_measure(text->text + before, len) && !fold_listed(no_heads, text->text + before, len);
}

/* "die Modelle Morgentau und Abendrot": the second of two. */
static bool stands_behind_name(const char *original, const struct folded *text, size_t start, size_t at)
{
    size_t link, first, len = word_before(text, start, at, &link);

    return len && fold_listed(" und oder sowie ", text->text + link, len) && word_before(text, start, link, &first) &&
           capital(original, text, first) && !fold_listed(no_heads, text->text + first, link - first - 1) &&
           stands_behind_noun(original, text, start, first);
}

/* "Hollaendische Str. 21": a street's name is what stands before its kind and its number. */
static bool names_street(const char *original, const struct folded *text, size_t at, size_t len)
{
    size_t next = at + len;

    if (text->text[next] != ' ' || !capital(original, text, next + 1))
        return false; /* "please ring 0113" */
    for (size_t i = 0; i < ARRAY_LEN(street_ends); i++) {
        size_t n = fold_word(text, next + 1, street_ends[i]), end = next + 1 + n;
        end += text->text[end] == '.';
        if (n && text->text[end] == ' ' && fold_is_digit(text->text[end + 1]))
            return true;
    }
    return false;
}

/* "Rosenstrasse 8". */
static bool is_street(const struct folded *text, size_t at, size_t len)
{
    size_t next = at + len + (text->text[at + len] == '.');

    if (text->text[next] != ' ' || !fold_is_digit(text->text[next + 1]))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(street_ends); i++) {
        size_t n = strlen(street_ends[i]);
        if (len > n + 2 && strncmp(text->text + at + len - n, street_ends[i], n) == 0)
            return true;
    }
    return false;
}

/* "Bachstrasse 17 in Durlach". */
static bool stands_behind_address(const struct folded *text, size_t start, size_t at)
{
    size_t link, len = word_before(text, start, at, &link), number, word = 0;

    if (!len || !fold_listed(" in ", text->text + link, len) || link < start + 2)
        return false;
    for (number = link - 1; number > start && fold_is_digit(text->text[number - 1]);)
        number--;
    len = number < link - 1 ? word_before(text, start, number, &word) : 0;
    return len && is_street(text, word, len);
}

/* "der Tarif Notiva Familie": "Familie Roth" has its name behind it. */
static bool names_kin_last(const char *original, const struct folded *text, size_t at, size_t len)
{
    return fold_listed(" familie partner kinder ", text->text + at, len) &&
           (text->text[at + len] != ' ' || !capital(original, text, at + len + 1));
}

/* "Sonora 3X": a model's figure and letter, where the letter could be read as a unit or as "times". */
static bool is_model(const char *original, const struct folded *text, size_t start, size_t at, size_t len)
{
    size_t before, n = word_before(text, start, at, &before), digits = strspn(text->text + at, "0123456789");
    char last = original[text->at[at + len - 1]];

    return digits && digits + 1 == len && len <= MODEL_MOST && strchr("XSH", last) && n >= LETTERS_LEAST &&
           capital(original, text, before) && !begins(text, start, before) &&
           !fold_listed(no_names, text->text + before, n) && !fold_listed(no_heads, text->text + before, n);
}

/* "Steigerpark-Forum", "Sachsenhalle": where something takes place. */
static bool is_venue(const char *original, const struct folded *text, size_t at, size_t len)
{
    static const char *const joined[] = {"halle", "forum", "arena", "theater", "saal", "stadion", "museum", "palast"};
    static const char *const hyphened[] = {"forum",  "halle",   "arena",  "theater", "saal",    "stadion", "museum",
                                           "kirche", "zentrum", "center", "palast",  "galerie", "oper",    "hotel",
                                           "klinik", "haus",    "park",   "hof",     "platz",   "club",    "akademie"};
    static const char kinds[] =
        " online service kunden call info daten haupt sport fitness kultur jugend senioren test "
        "reha outlet shopping einkaufs familien kongress gesundheits beratungs park medien ";

    if (text->text[at + len] == '-' && capital(original, text, at + len + 1))
        return fold_word_of(text, at + len + 1, hyphened, ARRAY_LEN(hyphened)) &&
               !fold_listed(kinds, text->text + at, len);
    for (size_t i = 0; i < ARRAY_LEN(joined); i++) {
        size_t n = strlen(joined[i]);
        if (len >= n + VENUE_LEAST && strncmp(text->text + at + len - n, joined[i], n) == 0)
            return true;
    }
    return false;
}

static bool is_name(const char *original, const struct folded *text, size_t start, size_t at, size_t len, int language)
{
    if (inner_capital(original, text, at, len) || is_street(text, at, len) || names_street(original, text, at, len) ||
        (is_grade(text->text + at, len) && (!begins(text, start, at) || text->text[at + len] == '-')))
        return true;
    if (language == GERMAN && is_venue(original, text, at, len))
        return true;
    if (language == ENGLISH)
        return !begins(text, start, at);
    return language == GERMAN && !fold_listed(bare_nouns, text->text + at, len) &&
           (!fold_listed(no_heads, text->text + at, len) || names_kin_last(original, text, at, len)) &&
           (stands_behind_noun(original, text, start, at) || stands_behind_name(original, text, start, at) ||
            stands_behind_address(text, start, at));
}

size_t names_find(const char *original, const struct folded *text, size_t start, size_t end, struct name *names,
                  size_t cap)
{
    size_t n = 0;

    int language = language_of(text, start, end);

    if (language == UNKNOWN && end > start && strchr(".!?", text->text[end - 1])) /* no heading, no sign-off */
        language = language_of(text, 0, text->len);

    for (size_t at = start; at < end && n < cap;) {
        size_t len = word_len(text, at);
        if (len >= LETTERS_LEAST && fold_is_letter(text->text[at]) && capital(original, text, at) &&
            !fold_listed(no_names, text->text + at, len) && is_name(original, text, start, at, len, language))
            names[n++] = (struct name){at, at + len};
        else if (len && is_model(original, text, start, at, len))
            names[n++] = (struct name){at, at + len};
        at += len ? len : 1;
    }
    return n;
}

/* Whoever is there is in that country. */
static const struct {
    const char *country, *towns;
} places[] = {
    {"portugal", "lisbon porto lissabon faro"},
    {"spain", "madrid barcelona malaga seville valencia"},
    {"france", "paris lyon nice marseille"},
    {"italy", "rome milan venice florence naples"},
    {"germany", "berlin munich hamburg cologne"},
    {"greece", "athens crete corfu"},
    {"austria", "vienna salzburg innsbruck"},
    {"netherlands", "amsterdam rotterdam"},
    {"belgium", "brussels bruges"},
    {"switzerland", "zurich geneva basel"},
    {"ireland", "dublin cork galway"},
    {"scotland", "edinburgh glasgow"},
    {"denmark", "copenhagen"},
    {"sweden", "stockholm"},
    {"poland", "warsaw krakow"},
    {"america", "boston york chicago"},
    {"canada", "toronto montreal vancouver"},
    {"australia", "sydney melbourne"},
};

static bool town_stands(const struct folded *text, const char *word, size_t len, size_t *ret_start, size_t *ret_end)
{
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (strlen(places[i].country) != len || strncmp(places[i].country, word, len) != 0)
            continue;
        for (const char *town = places[i].towns; *town; town += strspn(town, " ")) {
            size_t n = strcspn(town, " ");
            if (name_stands(text, town, n, ret_start, ret_end))
                return true;
            town += n;
        }
    }
    return false;
}

/* "Saint" where "St" stands, and the like. */
static bool short_form_stands(const struct folded *text, const char *word, size_t len, size_t *ret_start,
                              size_t *ret_end)
{
    static const struct {
        const char *word, *form;
    } forms[] = {{"saint", "st"},  {"street", "st"}, {"road", "rd"},       {"avenue", "ave"},  {"lane", "ln"},
                 {"square", "sq"}, {"mount", "mt"},  {"limited", "ltd"},   {"strasse", "str"}, {"close", "cl"},
                 {"court", "ct"},  {"house", "hse"}, {"building", "bldg"}, {"number", "no"}};

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (strlen(forms[i].word) != len || strncmp(forms[i].word, word, len) != 0)
            continue;
        for (size_t at = 0; at < text->len; at++) {
            size_t n = fold_word_starts(text, at) ? fold_word(text, at, forms[i].form) : 0;
            if (!n)
                continue;
            *ret_start = at;
            *ret_end = at + n;
            return true;
        }
    }
    return false;
}

/* "Lindenstr." in one text and "Lindenstrasse" in the other. */
static bool is_same_street(const char *theirs, size_t all, const char *word, size_t len)
{
    static const char whole[] = "strasse", shortened[] = "str";

    if (len <= STREET_LEAST || strncmp(theirs, word, all < len ? all : len) != 0)
        return false;
    return all >= len ? fold_ends(word, len, shortened)
                      : len == all + strlen(whole) - strlen(shortened) && fold_ends(word, len, whole);
}

bool name_stands(const struct folded *text, const char *word, size_t len, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = 0; at < text->len; at++) {
        size_t all, least, most;
        bool ending;
        if (!fold_word_starts(text, at))
            continue;
        all = word_len(text, at);
        least = all < len ? all : len;
        most = all < len ? len : all;
        if (fold_is_digit(*word) && all != len)
            continue; /* "3X" is not the 3 */
        ending = most - least <= ENDING_MOST || (all >= len && len >= GRADE_LEAST && is_grade(word, len)) ||
                 is_same_street(text->text + at, all, word, len);
        if (!ending || strncmp(text->text + at, word, least) != 0)
            continue;
        *ret_start = at;
        *ret_end = at + all;
        return true;
    }
    return short_form_stands(text, word, len, ret_start, ret_end) || town_stands(text, word, len, ret_start, ret_end);
}
