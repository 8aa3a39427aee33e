/* English: -ed and the irregular ones. German: ge-, a prefix that takes no ge-, -iert. */
#include "claims/deed_forms.h"

#include <string.h>

#include "base/attrs.h"
#include "claims/fold.h"

enum { ENGLISH_LETTERS_LEAST = 5, GERMAN_LETTERS_LEAST = 6 };

static const char english_irregular[] =
    " sent told put taken took done did made made given gave found got gone went "
    "spoken spoke let set shut brought written "
    "wrote begun began run ran kept left paid sold bought built cut drawn driven "
    "held hit laid led lent met reset spent "
    "split taught thrown threw undone withdrawn frozen chosen torn taken stolen "
    "hidden bound dealt sewn hung lent struck swept won wound rebuilt remade redone "
    "resent rewritten retaken rerun resold overridden withheld upheld unfrozen "
    "unbound offset forgiven forgone ";

/* Politeness, perception and what came to us: true of every ticket that was read. */
static const char english_harmless[] =
    " received noticed appreciated understood needed wanted hoped liked wished regretted apologised apologized based "
    "related limited required concerned interested pleased worried delayed experienced described mentioned affected "
    "included "
    "listed named tried learned listened indeed need feed seed speed exceed proceed succeed embed ";

static const char german_harmless[] =
    " erhalten bekommen gelesen nachgelesen durchgelesen nachgeschlagen gesehen verstanden gehoert bemerkt "
    "festgestellt vernommen gefreut bedauert erfahren "
    "entnommen gehabt gewesen geworden gekonnt gewollt gesollt gemusst gedurft vermisst erlebt gern genau gerade "
    "genannt beschrieben erwaehnt verschieden verschiedene bereit unterschied vorgesehen betroffen enthalten "
    "ausgeschlossen ";

static const char *const german_separable[] = {
    "zurueck", "weiter", "wieder", "herab", "herauf", "hinauf", "hinein",   "entgegen", "fertig", "bereit",
    "statt",   "dazu",   "fort",   "weg",   "rein",   "raus",   "zusammen", "herunter", "heraus", "hinaus",
    "nach",    "frei",   "fest",   "durch", "hoch",   "ab",     "an",       "auf",      "aus",    "ein",
    "zu",      "um",     "vor",    "mit",   "los",    "her",    "hin",      "bei",      "da"};
static const char *const german_inseparable[] = {"ueber", "unter", "wider", "miss", "hinter", "ver",
                                                 "zer",   "ent",   "emp",   "be",   "er"};

bool deed_form_english(const char *word, size_t len)
{
    if (fold_listed(english_harmless, word, len))
        return false;
    return (len >= ENGLISH_LETTERS_LEAST && fold_ends(word, len, "ed")) || fold_listed(english_irregular, word, len);
}

/* "ge..t", "ge..en", "be..t", "ver..en", "..iert". */
static bool german_stem(const char *word, size_t len)
{
    if (!fold_ends(word, len, "t") && !fold_ends(word, len, "en"))
        return false;
    if (strncmp(word, "ge", 2) == 0 || fold_ends(word, len, "iert"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(german_inseparable); i++) {
        size_t n = strlen(german_inseparable[i]);
        if (len > n + 2 && strncmp(word, german_inseparable[i], n) == 0)
            return true;
    }
    return false;
}

bool deed_form_german(const char *word, size_t len)
{
    if (len < GERMAN_LETTERS_LEAST || fold_listed(german_harmless, word, len))
        return false;
    if (german_stem(word, len))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(german_separable); i++) {
        size_t n = strlen(german_separable[i]);
        if (len > n + 3 && strncmp(word, german_separable[i], n) == 0 && german_stem(word + n, len - n))
            return true;
    }
    return false;
}
