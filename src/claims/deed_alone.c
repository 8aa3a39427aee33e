/* A thing is no doer: "has throttled itself", "ist wohl leer gelaufen", "nothing has moved since". What was done to it,
 * "has been sent", is a deed, and so is what is delivered. */
#include "claims/deed_alone.h"

#include "claims/deed_persons.h"
#include "claims/deed_words.h"

/* "Vermutlich", "must have": who guesses has not done it. */
#define GUESSES                                                                                                        \
    "vermutlich wohl wahrscheinlich offenbar anscheinend moeglicherweise vielleicht womoeglich eventuell "             \
    "vermeintlich scheinbar mutmasslich probably presumably likely perhaps maybe apparently possibly evidently "       \
    "supposedly seems seem appears"

/* What befalls things, and nobody does it to them. */
#define BEFALLS                                                                                                        \
    "moved throttled slipped dropped fallen expired lapsed failed crashed hung worn burst leaked dried shrunk faded "  \
    "melted rusted jammed stalled tripped run happened occurred become grown risen sunk died vanished frayed "         \
    "warped cracked snapped lost gelaufen abgelaufen leergelaufen verfallen erloschen gerissen gesprungen verrutscht " \
    "gerutscht gefallen gesunken gestiegen verstopft verkalkt verschlissen ausgefallen abgestuerzt eingetrocknet "     \
    "verblasst verrostet geplatzt entstanden vergangen passiert geschehen gewachsen geschrumpft verdunstet gewesen "   \
    "geblieben geschmolzen verdorben eingegangen ausgelaufen uebergelaufen heissgelaufen entladen abgenutzt"

/* Time runs by itself: "die sieben Tage sind bereits verstrichen", "the two weeks have then started". */
#define SPANS                                                                                                          \
    "day days week weeks month months year years hours minutes period deadline time term season tag tage woche "       \
    "wochen "                                                                                                          \
    "monat monate jahr jahre stunden minuten frist fristen zeit zeitraum laufzeit saison termin"

/* Whether the word right before the auxiliary is one of these. */
static bool is_of(const struct sentence *s, size_t from, size_t i, const char *auxiliaries, const char *subjects)
{
    size_t at = word_before(s, from, i, auxiliaries);

    return at < i && at > from && word_in(&s->words[at - 1], subjects);
}

/* "The power cut has reset the clock": forces of nature and devices, whose doing is no order of ours. */
#define NO_DOERS                                                                                                       \
    "cut outage storm frost rain heat cold water wind sun snow moisture dust damp steam limescale rust mould battery " \
    "boiler router modem clock device engine motor machine phone tablet sensor pump filter valve lock screen display " \
    "charger bulb lamp oven fridge freezer dishwasher washer dryer printer camera drone bike scooter car tyre wheel "  \
    "chain brake thermostat radiator tap pipe hose cable plug fuse alarm watch speaker headset laptop computer "       \
    "stromausfall gewitter sturm regen hitze kaelte wasser wind sonne schnee feuchtigkeit staub dampf kalk rost "      \
    "schimmel akku batterie heizung therme kessel uhr geraet maschine pumpe ventil schloss bildschirm anzeige lampe "  \
    "ofen herd kuehlschrank spuelmaschine waschmaschine trockner drucker kamera drohne rad fahrrad roller reifen "     \
    "kette bremse thermostat heizkoerper hahn rohr schlauch kabel stecker sicherung handy rechner brot holz leder "    \
    "stoff pflanze bread wood leather cloth fabric plant"

/* "The red button will give you heating": what one works with, and what does what it is for. */
#define TOOLS                                                                                                          \
    " button switch link app page menu form code website site portal receiver remote update version unlock wizard "    \
    "lever dial"

/* "..., vermute ich", "..., I take it": behind a comma. */
static bool is_guessed_behind(const struct sentence *s, size_t last)
{
    size_t next = last + 1;

    if (next + 1 >= s->n)
        return false;
    return (word_in(&s->words[next], "vermute schaetze denke glaube nehme fuerchte") &&
            word_in(&s->words[next + 1], "ich")) ||
           (word_in(&s->words[next], "i") &&
            word_in(&s->words[next + 1], "take guess suspect think imagine gather suppose presume fear assume"));
}

/* "..., you say", "..., wie Sie schreiben": the customer's word. */
static bool is_told_behind(const struct sentence *s, size_t last)
{
    size_t next = last + 1;

    return next + 1 < s->n && word_in(&s->words[next], "as you wie sagen schreiben") &&
           word_in(&s->words[next + 1], "you say write wrote said mention mentioned tell told sie du");
}

/* "Probably", "must have": a guess. */
static bool is_guessed(const struct sentence *s, size_t from, size_t last)
{
    size_t have = word_before(s, from, last + 1, "have");

    return words_have(s, from, last + 1, GUESSES) || is_guessed_behind(s, last) ||
           (have > from && have <= last && word_in(&s->words[have - 1], "must may might could would should"));
}

/* "It was posted to the shop if nobody was in": on that condition. */
static bool is_on_condition(const struct sentence *s, size_t i)
{
    size_t last = clause_last(s, i);

    return words_have(s, i, last + 1, "if unless whenever") ||
           (last + 1 < s->n && word_in(&s->words[last + 1], "if unless falls sofern wenn"));
}

/* "Was sent", "ist bestellt worden": done to it. */
static bool is_done_to(const struct sentence *s, size_t from, size_t last)
{
    return words_have(s, from, last + 1, "been being worden wurde wurden");
}

/* "I", "we", "wir", somebody of ours: then it is said of us. */
static bool is_of_us(const struct sentence *s, size_t from, size_t last)
{
    if (words_have(s, from, last + 1,
                   "i we us our wir ich uns unser unsere unserer unserem unseren somebody someone jemand he she"))
        return true;
    for (size_t k = from; k <= last; k++) {
        if (person_word(&s->words[k]))
            return true;
    }
    return false;
}

/* "Make sure that it is unlocked", "check whether it is booked": the reader is to see to it. */
static bool is_to_be_checked(const struct sentence *s, size_t from, size_t i)
{
    size_t that = word_before(s, from, i, "that whether");

    return that < i && words_have(s, from, that,
                                  "check checking checks sure ensure ensuring verify verifying see "
                                  "confirm confirming means require requires");
}

/* "Melde es als defekt, damit ist die Buchung beendet": by what the reader does. */
static bool is_result(const struct sentence *s, size_t from, size_t i)
{
    return from > 0 && words_have(s, from, i, "ist sind is are") &&
           word_in(&s->words[from], "damit dadurch dann danach so schon thereby thus") &&
           !words_have(s, 0, i, "bereits soeben already just wir ich we i");
}

/* "Because we sent the wrong size": the customer told it, and we own up to it. */
static bool is_owned_up(const struct sentence *s, size_t from, size_t last)
{
    return words_have(s, from, from + 1, "because since as that sorry weil da dass") &&
           words_have(s, from, last + 1,
                      "wrong mistake mistakenly error wrongly twice falsch falsche falschen falsches falscher "
                      "versehentlich irrtuemlich doppelt faelschlich");
}

/* "Nothing has moved since", "nothing has been deleted". */
static bool is_of_nothing(const struct sentence *s, size_t from, size_t i)
{
    return words_have(s, from, i, "nothing nichts");
}

/* "Any sandwiches will be gone". */
static bool will_befall(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i], "gone over closed late empty open full lost out") && i > 1 &&
           word_in(&s->words[i - 1], "be") && word_in(&s->words[i - 2], "will 'll");
}

/* "The string has gone", and not "has gone out". */
static bool is_gone(const struct sentence *s, size_t i)
{
    return word_in(&s->words[i], "gone") &&
           !(i < clause_last(s, i) &&
             word_in(&s->words[i + 1], "out through ahead off to into live back in on up over"));
}

/* "The lots that are being recalled": which, and no news. */
static bool is_relative(const struct sentence *s, size_t from, size_t i)
{
    size_t be = word_before(s, from, i, "is are was were has have");

    return be < i && be > from + 1 && word_in(&s->words[be - 1], "that which who");
}

/* "Das muss ein Kollege beurteilen": what has to be, and not that it will. */
static bool has_to_be(const struct sentence *s, size_t from, size_t i)
{
    return words_have(s, from, i, "muss muessen darf duerfen must") && !words_have(s, from, i, "wir ich we i");
}

static bool promises_alone(const struct sentence *s, size_t i, const struct deed *deed)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (!deed->passive && !deed->thing && deed->family != FAMILY_ARRIVE && deed->family != FAMILY_SEND &&
        is_of(s, from, i, "will 'll", NO_DOERS TOOLS))
        return true;
    if (deed->gets || deed->thing || deed->family >= FAMILY_GUARANTEE)
        return (deed->family == FAMILY_ANY) && !words_have(s, from, last + 1, "we i wir ich") &&
               (will_befall(s, i) || has_to_be(s, from, i));
    return has_to_be(s, from, i);
}

bool deed_happens_alone(const struct sentence *s, size_t i, const struct deed *deed)
{
    size_t from = clause_start(s, i), last = clause_last(s, i);

    if (deed->kind == CLAIM_PROMISE)
        return promises_alone(s, i, deed);
    if (is_owned_up(s, from, last) || word_in(&s->words[from], "then dann"))
        return true;
    if (is_of_us(s, from, last))
        return false;
    if (is_guessed(s, from, last) || is_on_condition(s, i) || is_told_behind(s, last) ||
        words_have(s, from, i, "then dann") || is_of_nothing(s, from, i) || is_relative(s, from, i) ||
        (deed->state && is_to_be_checked(s, from, i)))
        return true;
    if (deed->passive && is_result(s, from, i))
        return true;
    if (is_done_to(s, from, last))
        return false;
    return words_have(s, i, last + 1, "itself themselves selbst") || is_gone(s, i) ||
           (deed->another && is_of(s, from, i, "has have hat haben", NO_DOERS)) ||
           is_of(s, from, i, "has have is are ist sind hat haben", SPANS) || word_in(&s->words[i], BEFALLS);
}
