/* Trades by a list and by the endings of their compounds and of their feminine forms. */
#include "claims/deed_persons.h"

#include "base/attrs.h"

enum { NAME_WORDS_MOST = 6, BETWEEN_MOST = 4, FEMININE_LEAST = 7, DOER_LEAST = 5 };

static const char trades[] =
    "technician technicians engineer engineers driver drivers courier couriers porter pharmacist doctor nurse vet "
    "dentist optician therapist teacher trainer coach instructor tutor manager supervisor director leader boss clerk "
    "cashier waiter chef cook baker butcher librarian caretaker janitor warden guard steward stewardess captain pilot "
    "conductor guide receptionist assistant adviser advisor consultant agent specialist expert mechanic electrician "
    "plumber fitter carpenter gardener cleaner builder painter installer photographer accountant lawyer solicitor "
    "officer inspector curator host hostess concierge postman messenger colleague colleagues employee worker member "
    "members representative rep staff crew team partner operator developer designer florist tailor cobbler jeweller "
    "watchmaker brewer volunteer editor secretary midwife ranger lifeguard usher attendant barista bartender "
    "housekeeper handler roaster buyer "
    "techniker monteur fahrer kurier bote zusteller kollege kollegen mitarbeiter mitarbeitern leiter chef meister "
    "apotheker arzt optiker berater betreuer verkaeufer handwerker elektriker installateur mechaniker schlosser "
    "tischler gaertner hausmeister pfoertner portier koch kellner baecker konditor florist lehrer dozent schaffner "
    "kapitaen sachbearbeiter buchhalter fachmann fachfrau experte spezialist gutachter pruefer anwalt assistent "
    "disponent lagerist ansprechpartner redakteur bibliothekar pfleger therapeut zahnarzt tierarzt friseur schneider "
    "geselle gesellin lehrling azubi schuster uhrmacher juwelier fotograf entwickler administrator rezeptionist "
    "vertreter personal leitung technik "
    "werkstatt buchhaltung redaktion ";

static const char *const compound_ends[] = {"leiter",    "leiterin", "leitung", "berater",   "beraterin", "kraft",
                                            "fachmann",  "fachfrau", "meister", "techniker", "fahrer",    "arbeiter",
                                            "fuehrer",   "betreuer", "pfleger", "arzt",      "aerztin",   "team",
                                            "abteilung", "dienst",   "keeper",  "worker",    "manager"};

static const char *const feminine_ends[] = {"erin",  "istin", "entin",   "antin",    "torin",
                                            "eurin", "ogin",  "aerztin", "kollegin", "koechin"};

bool person_word(const struct word *word)
{
    bool feminine = word->len >= FEMININE_LEAST;

    return word_is_thing(word, trades) || (feminine && fold_ends(word->at, word->len, "innen")) ||
           fold_ends_in(word->at, word->len, compound_ends, ARRAY_LEN(compound_ends)) ||
           (feminine && fold_ends_in(word->at, word->len, feminine_ends, ARRAY_LEN(feminine_ends)));
}

/* A trade, and behind it at most where they belong: "Mitarbeiter der Werkstatt", "colleague of mine". */
static bool names_person(const struct sentence *s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (person_word(&s->words[i]))
            return i + 1 == to || word_in(&s->words[i + 1], "der des von vom aus im of from in at");
    }
    return false;
}

/* "one of our drivers", "einer unserer Fahrer", "eine Kollegin von uns". */
static bool one_of_ours(const struct sentence *s, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        if (word_in(&s->words[i], "unserer") && i == from + 1)
            return names_person(s, i + 1, to);
        if (word_in(&s->words[i], "of von") && i + 1 < to && word_in(&s->words[i + 1], "our us ours mine uns unseren"))
            return i + 2 == to || names_person(s, i + 2, to);
    }
    return false;
}

/* Whom we send or assign: "your driver". Their doctor or landlord is not ours. */
static const char sent_to_you[] =
    "driver technician engineer courier adviser advisor consultant trainer coach guide instructor installer fitter "
    "tutor "
    "fahrer techniker kurier monteur berater beraterin betreuer betreuerin trainerin kursleiter kursleiterin "
    "technikerin ansprechpartner ansprechpartnerin";

/* "Our tuner", "unser Stimmer": who does something; things that end so are listed. */
static bool does_by_ending(const struct word *word)
{
    static const char things[] =
        "order offer letter newsletter computer server printer counter number corner center folder trailer tower water "
        "paper cover poster filter transfer voucher partner answer summer winter nummer zimmer fenster keller lager "
        "kalender rechner drucker schalter ordner zaehler anhaenger container flyer ticker floor door error author";

    return word->len >= DOER_LEAST &&
           (fold_ends(word->at, word->len, "er") || fold_ends(word->at, word->len, "or") ||
            fold_ends(word->at, word->len, "ist")) &&
           !word_in(word, things);
}

bool person_of_ours(const struct sentence *s, size_t from, size_t to)
{
    const struct word *first = &s->words[from];

    if (to <= from || to - from > NAME_WORDS_MOST)
        return false;
    if (word_in(first, "someone somebody jemand"))
        return to == from + 1 || word_in(&s->words[from + 1], "from von aus in at");
    if (word_in(first, "one two some several both einer eines zwei einige ein eine a an another") &&
        one_of_ours(s, from, to))
        return true;
    if (word_in(first, "your ihr ihre dein deine") && to == from + 2 && word_in(&s->words[from + 1], sent_to_you))
        return true;
    if (word_in(first, "our unser") && to == from + 2 && does_by_ending(&s->words[from + 1]))
        return true;
    return word_in(first, "our unser unsere my mein meine a an the another ein eine der die") &&
           names_person(s, from + 1, to);
}

bool person_behind(const struct sentence *s, size_t i)
{
    size_t last = clause_last(s, i), at = i + 1;

    while (at < last && at - i <= BETWEEN_MOST &&
           word_in(&s->words[at], "sich sie ihnen ihn es dich dir euch dann dort auch noch gern gerne heute morgen "
                                  "persoenlich hier danach zudem dazu"))
        at++;
    for (size_t to = at + 1; to <= last && to - at <= NAME_WORDS_MOST; to++) {
        if (person_of_ours(s, at, to))
            return true;
    }
    return false;
}
