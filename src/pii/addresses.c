/* An address is found by what is sure about it: a postcode and a town, a street and a number. From there it is read
 * backwards part by part, as it is written with commas, points or on lines, and forwards. Places without a number are
 * taken only where a street or a house stands behind them, or a word such as "to" before them.
 */
#include "pii/addresses.h"

#include <stdbool.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "pii/address_forms.h"
#include "pii/pattern_set.h"

enum {
    PART_BYTES_MAX = 96,
    PARTS_MAX = 8, /* of one address, each way */
    SQUARE_BYTES = 6,
    ROOM_BYTES = 5,
    CUE_BYTES = 24,
    AHEAD_BYTES = 256,
    PLACES_BETWEEN = 4, /* "Flat 3, Riverside, Newtown, 12 High Street" */
};

#define HOUSE_NUMBER                                                                                                   \
    "[0-9]{1,4}(?: ?[a-zA-Z](?![\\p{L}]))?(?: ?[-\xe2\x80\x93/+] ?[0-9]{1,4}(?: ?[a-zA-Z](?![\\p{L}]))?){0,2}"

/* What has a number or a letter, and is a part of a building. */
#define NUMBERED                                                                                                       \
    "(?:" ROOMS " (?:(?:No\\.?|Nr\\.?) ?)?(?:[0-9]{1,4}(?:[./-][0-9]{1,4}|-?[A-Za-z])?|[A-Z]{1,2}[0-9]{0,3})(?: "      \
    "(?:links|rechts|Mitte|mitte|vorne|hinten|left|right|front|rear))?)"
#define FLOORS                                                                                                         \
    "(?:(?:Ground|Lower|Upper|Top|Basement|First|Second|Third|Fourth|Fifth|Garden|Rear|Front|[0-9]{1,2}(?:st|nd|rd|"   \
    "th)?)(?: (?:Ground|Floor|floor))* (?:Flat|flat|Floor|floor|Apartment|Maisonette)"                                 \
    "|(?:[0-9]{1,2}\\. ?)?(?:OG|UG|DG|HG|EG|Etage|Stock|Stockwerk|Obergeschoss|Untergeschoss|Dachgeschoss|"            \
    "Erdgeschoss|Souterrain|Parterre|Hochparterre|Hinterhof|Hinterhaus|Hinterhs\\.?|Vorderhaus|Seitenfl\xc3\xbcgel|"   \
    "Quergeb\xc3\xa4ude|Gartenhaus|R\xc3\xbc"                                                                          \
    "ckgeb\xc3\xa4ude|Nebengeb\xc3\xa4ude|Anbau|Hof|HH|VH|SF|GH|Aufgang [A-Z])"                                        \
    "(?:,? (?:links|rechts|Mitte|mitte|li\\.?|re\\.?|mi\\.?|hinten|vorne))?)"
#define NAMED                                                                                                          \
    "(?:[Tt]he(?: (?!Order|Lamp|Parcel|Package|Invoice)" CAPITALISED "){1,3}|(?:" HOUSE_NUMBER " )?(?:" CAPITALISED    \
    " ){1,4}" HOUSES "|(?:" HOUSES ") [A-Z0-9]{1,3})"
#define NEVER_SURE "(?!(?:Order|Lamp|Parcel|Package|Invoice))"
#define QUARTER_DE "(?:(?:OT|Ortsteil|Stadtteil|Gemeinde) " CAPITALISED "(?: " CAPITALISED ")?)"
#define CARE_OF                                                                                                        \
    "(?:[Cc]/ ?[Oo]:?|[Cc]are of|z\\. ?Hd\\.|bei|FAO|Attn\\.?:?)(?: (?:von|van|der|de|und|&|" CAPITALISED ")){1,4}"
/* Scottish flats, the numbers of houses without a street, post office boxes. */
#define ONLY_NUMBER_FLAT "[0-9]{1,4}[a-z]? \\([^()\\n]{1,20}\\)"
#define ONLY_NUMBER                                                                                                    \
    "(?:(?:[0-9]{1,2}/[0-9]{1,2}|[0-9]F[0-9]|PF[0-9]|GF[0-9])|(?:Hs\\.-?|Haus-?)?(?:Nr\\.?|Nummer) ?[0-9]{1,4} "       \
    "?[a-z]?|"                                                                                                         \
    "Hausnummer [0-9]{1,4} ?[a-z]?|(?:P\\.? ?O\\.? Box|Postfach) [0-9][0-9 ]{0,8})"
#define NO_STREET                                                                                                      \
    "(?!" SPOKEN "|(?:Uhr|Euro|EUR|GBP|Bestell|Auftrag|Artikel|Rechnung|Kunden|Vorgang|Ticket|Modell|Version|"         \
    "Gr\xc3\xb6\xc3\x9f"                                                                                               \
    "e|Seite|Tisch|Filiale|Paket|Sendung|Nummer|Nr|Order|Invoice|Number|Item|Windows|Galaxy|iPhone|Error|Fehler|"      \
    "Firmware|Raum|Kapitel|Schritt|Abschnitt|Absatz|Regal|Fach|Farbe|Teil))"
#define STREET_BEFORE_GB                                                                                               \
    NUMBER_GB "(?: (?:" STREET_HEAD "|[Tt]he|" NO_STREET CAPITALISED "))(?: (?:" SMALL_GB "|" NO_STREET CAPITALISED    \
              "))"                                                                                                     \
              "{0,5}"
#define STREET_BEFORE_DE                                                                                               \
    "(?:(?!Ich |Wir |Meine |Mein |Unsere )" NO_STREET CAPITALISED "(?:[ -](?:[0-9]{1,2}\\. " MONTHS                    \
    "|" NO_STREET CAPITALISED "|" LITTLE_DE ")){0,5},? (?:Nr\\.? ?)?" HOUSE_NUMBER                                     \
    "|[A-Z] ?[0-9]{1,2}, ?[0-9]{1,2}[a-z]?)" /* a square of Mannheim */

#define COUNTRY                                                                                                        \
    "(?:Germany|Deutschland|Ireland|Irland|Republic of Ireland|\xc3\x89ire|UK|U\\.K\\.|United Kingdom|Great Britain|"  \
    "GB|England|Scotland|Wales|Northern Ireland|\xc3\x96sterreich|Austria|Schweiz|Switzerland|BRD|France|Frankreich)"
#define POSTCODES                                                                                                      \
    "(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}|(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) ?(?=[0-9A-Z]*[0-9])"        \
    "[0-9AC-FHKNPRTV-Y]{4})"
#define TOWN                                                                                                           \
    "(?:in )?" NO_SPOKEN "\\p{Lu}\\p{L}{2,}(?:[ -](?:am|an der|im|on|upon|under|in|\\p{Lu}\\p{L}+)"                    \
    "){0,3}(?=[.,;\\n!?)]|\\s*\\z)"
#define PLACE NO_SPOKEN CAPITALISED "(?: (?:" SMALL_GB "|am|an der|im|zum|zur|" NO_SPOKEN CAPITALISED ")){0,7}"
#define BESIDE                                                                                                         \
    "(?:off|near|nr\\.?|opposite|opp\\.?|behind|beside|next to|above|below|adjacent to|corner of|hinter|neben|"        \
    "gegen\xc3\xbc"                                                                                                    \
    "ber|Ecke|Eingang|N\xc3\xa4he)(?: (?:the|dem|der|von))?"
#define CUES                                                                                                           \
    "(?:(?:Liefer|Wohn|Abhol|Rechnungs)\\p{L}+|to|at|is|auf|from|in|on|into|an|nach|unter|ist|lautet|bei|zu|zur|zum|[" \
    "Aa]ddress|[Aa]dresse|[Aa]nschrift|"                                                                               \
    "jetzt|"                                                                                                           \
    "now|"                                                                                                             \
    "wohnen?|wohnt|wohnhaft|are|were|use|try|sind|[Ww]e're|I'm|both|und|and|for|f\xc3\xbcr|aus|w\xc3\xa4re|be|via|"    \
    "the|der"                                                                                                          \
    "|die|das|it's|It's|with|neue?|alte?|new|old|[Nn]eu|[Aa]lt)"

enum {
    PART_HEAD,
    PART_HEAD_GAELIC,
    PART_BESIDE_BEFORE,
    PART_SURE,
    PART_PLACE_BEFORE,
    PART_STREET_GB,
    PART_STREET_DE,
    PART_CUE,
    PART_HAS_TOWN_DE,
    PART_HAS_POSTCODE,
    PART_BEHIND,
    PART_TOWN_BEHIND,
    PART_STREET_BEHIND,
    PART_BRIDGE,
    PARTS
};

#define BEFORE(pattern) "(?<![\\p{L}0-9])(?:" pattern ")\\z"

static const char *const parts[PARTS] = {
    [PART_HEAD] = BEFORE(ROOMS "|[0-9]{1,4}[a-z]? ?(?:&|and|und|bis|-)|(?:(?:" NUMBER_GB " )?" STREET_HEAD "|" NUMBER_GB
                               " " CAPITALISED ")(?: (?:" SMALL_FOREIGN "|" CAPITALISED ")){0,3} " SMALL_FOREIGN
                               "|" NO_SPOKEN CAPITALISED "(?: (?:" SMALL_FOREIGN "|" CAPITALISED
                               ")){0,3} (?:yr?|na|nan|de|la|le|les|des|du|of|upon)|[Cc]/"),
    [PART_HEAD_GAELIC] = BEFORE(NO_SPOKEN CAPITALISED "(?: " CAPITALISED "){0,2} (?:an|nan|nam|a')"),
    [PART_BESIDE_BEFORE] = BEFORE(BESIDE "|in"),
    [PART_SURE] = BEFORE(NUMBERED "|(?:" NUMBERED ",? )?" FLOORS "|(?:" NUMBERED ",? )?" NEVER_SURE NAMED "|" QUARTER_DE
                                  "|" CARE_OF "|[Cc]/[Oo]:?|" ONLY_NUMBER "|" ONLY_NUMBER_FLAT),
    [PART_PLACE_BEFORE] = BEFORE(PLACE),
    [PART_STREET_GB] = BEFORE(STREET_BEFORE_GB),
    [PART_STREET_DE] = BEFORE(STREET_BEFORE_DE),
    [PART_CUE] = "(?:(?:\\A|\\n)[\\s>*]*|[:(][ \\t]*|(?<![\\p{L}])" CUES "[ \\t]+)\\z",
    [PART_HAS_TOWN_DE] = "(?<![0-9])[0-9]{5} \\p{L}",
    [PART_HAS_POSTCODE] = "(?:" POSTCODE_GB "|" EIRCODE ")(?![\\p{L}0-9])",
    [PART_BEHIND] = "(?:" SEPARATOR "| ?\\(| (?=" COUNTRY "|" BESIDE "|OT |Ortsteil ))(?:in )?(?:" NUMBERED "|" FLOORS
                    "|" QUARTER_DE "|" COUNTRY "|" COUNTY "|" POSTCODES "|" BESIDE " " PLACE ")(?![\\p{L}0-9-])\\)?",
    [PART_TOWN_BEHIND] = "(?:, ?| ?(?:[|/]|" POINTS ") ?| (?=in )| [-\xe2\x80\x93] )" TOWN,
    [PART_STREET_BEHIND] = SEPARATOR STREET_BEFORE_DE "(?=[ \\t]*(?:[.,;\\n!?)|]|\\z))",
    [PART_BRIDGE] = "(?:" SEPARATOR "| )(?:(?:" BESIDE "|" SMALL_GB "|in|[0-9]{1,3}[a-z]?|" NO_SPOKEN CAPITALISED
                    ")(?:" SEPARATOR "| )){0,5}\\z",
};

struct addresses {
    struct pattern_set *set;
};

/* ---- life ---- */

int addresses_new(struct addresses **ret_addresses, struct err *reterr)
{
    struct addresses *self = mem_alloc(sizeof *self);

    self->set = pattern_set_new(PARTS, DEFINITIONS);
    for (size_t i = 0; i < PARTS; i++) {
        if (pattern_set_compile(self->set, i, "a part of an address", parts[i], false, reterr) < 0) {
            addresses_free(self);
            return -1;
        }
    }
    *ret_addresses = self;
    return 0;
}

void addresses_free(struct addresses *self)
{
    if (!self)
        return;
    pattern_set_free(self->set);
    mem_free(self);
}

/* ---- one part ---- */

/* A part that is too hard to search for is none. */
static bool search(struct addresses *self, int part, const char *text, struct range in, struct range *ret_found)
{
    return pattern_set_find(self->set, (size_t)part, text, in, part >= PART_BEHIND, ret_found) > 0 &&
           ret_found->end > ret_found->start;
}

/* Bytes of the mark between two parts that ends at `end`, 0 when there is none. */
static size_t mark_before(const char *text, size_t end)
{
    static const char *const points[] = {"\xc2\xb7",     "\xe2\x80\xa2", "\xe2\x97\x8f",
                                         "\xe2\x8b\x85", "\xe2\x80\x93", "\xe2\x80\x94"};

    if (end && strchr(",;|\n", text[end - 1]))
        return 1;
    if (end > 1 && strchr("-/", text[end - 1]) && strchr(" /", text[end - 2]))
        return 1;
    for (size_t i = 0; i < ARRAY_LEN(points); i++) {
        size_t n = strlen(points[i]);
        if (end >= n && memcmp(text + end - n, points[i], n) == 0)
            return n;
    }
    return end > 1 && strchr(" \t", text[end - 1]) && strchr(" \t", text[end - 2]) ? 1 : 0;
}

struct gap {
    bool mark, line;
};

/* Where the part before the address ends, without the blanks and the comma or line end between. */
static size_t end_before(const char *text, size_t start, struct gap *ret_gap)
{
    size_t n;

    *ret_gap = (struct gap){0};
    while (start > 0) {
        bool quote = text[start - 1] == '>' && (start == 1 || text[start - 2] == '\n');
        if ((n = mark_before(text, start)) > 0) {
            ret_gap->mark = true;
            ret_gap->line |= text[start - 1] == '\n';
            start -= n;
        } else if (quote || strchr(" \t\r", text[start - 1])) {
            start--;
        } else {
            break;
        }
    }
    return start;
}

static size_t part_start(const char *text, size_t end)
{
    size_t at = end;

    while (at > 0 && end - at < PART_BYTES_MAX && text[at - 1] != ':' && !mark_before(text, at))
        at--;
    while (at < end && ((unsigned char)text[at] & 0xC0) == 0x80)
        at++;
    return at + strspn(text + at, " \t>");
}

/* "Room 4.12" reads like a version. */
static bool is_room(const char *text, const struct pii_span *span)
{
    return (int)span->kind == SPAN_KEEP && span->end - span->start <= ROOM_BYTES &&
           strspn(text + span->start, "0123456789.") >= span->end - span->start &&
           memchr(text + span->start, '.', span->end - span->start);
}

/* Not into what is kept, nor into a card or a mail address; a name may be a part. */
static bool is_free(const char *text, const struct spans *spans, size_t start, size_t end)
{
    for (size_t i = 0; i < spans->n; i++) {
        const struct pii_span *other = &spans->items[i];
        if (other->kind != PII_ADDRESS && other->kind != PII_NAME && !is_room(text, other) && start < other->end &&
            end > other->start)
            return false;
    }
    return true;
}

/* Whether a name is all there is; a house or a firm may be called after somebody. */
static bool is_name(const struct spans *spans, struct range place)
{
    for (size_t i = 0; i < spans->n; i++) {
        const struct pii_span *other = &spans->items[i];
        if (other->kind == PII_NAME && other->start <= place.start && other->end >= place.end)
            return true;
    }
    return false;
}

static bool ends_in_name(const struct spans *spans, size_t end)
{
    for (size_t i = 0; i < spans->n; i++) {
        if (spans->items[i].kind == PII_NAME && spans->items[i].end == end)
            return true;
    }
    return false;
}

/* ---- backwards ---- */

struct walk {
    const char *text;
    const struct spans *spans;
    size_t at, sure; /* where the address begins: perhaps, surely */
    size_t places;
    bool german, begins_with_town, street;
};

static bool is_after_cue(struct addresses *self, const struct walk *walk, size_t at)
{
    struct range in = {at > CUE_BYTES ? at - CUE_BYTES : 0, at}, found;

    return at == 0 || pattern_set_find(self->set, PART_CUE, walk->text, in, false, &found) > 0;
}

/* "Lange Reihe 56" before "20099 Hamburg", "27 Cavendish" before "London NW6 4HS". A second street must fill its part.
 */
static bool street_before(struct addresses *self, const struct walk *walk, struct range part, struct range *ret_found)
{
    size_t from = part.start;
    bool square = from > 2 && part.end - from < SQUARE_BYTES; /* "L 14, 7" has a comma */

    if (walk->german && square) {
        size_t end = from;
        while (end > 0 && strchr(", ", walk->text[end - 1]))
            end--;
        from = end < from ? part_start(walk->text, end) : from;
    }
    if (!search(self, walk->german ? PART_STREET_DE : PART_STREET_GB, walk->text, (struct range){from, part.end},
                ret_found))
        return false;
    return (walk->begins_with_town && !walk->street) || ret_found->start == from ||
           is_after_cue(self, walk, ret_found->start);
}

/* A block of lines begins at a blank line, behind a colon or behind the line with the name. */
static bool begins_block(const struct walk *walk, size_t start)
{
    size_t end = start;

    if (start < 2)
        return start == 0;
    end--;
    while (end > 0 && strchr(" \t\r", walk->text[end - 1]))
        end--;
    return end == 0 || strchr("\n:", walk->text[end - 1]) || ends_in_name(walk->spans, end);
}

static bool is_sure_place(struct addresses *self, const struct walk *walk, struct gap gap, size_t start)
{
    bool begins_line = start == 0 || walk->text[start - 1] == '\n';

    if (gap.line && begins_line)
        return (walk->street && walk->places == 1) || (walk->begins_with_town && begins_block(walk, start));
    if (!gap.mark && !walk->begins_with_town)
        return false;
    return is_after_cue(self, walk, start) || ends_in_name(walk->spans, end_before(walk->text, start, &gap));
}

/* One part further; false at the address's begin. */
static bool step_back(struct addresses *self, struct walk *walk)
{
    struct gap gap;
    struct range part, found;
    bool filled;

    part.end = end_before(walk->text, walk->at, &gap);
    if (part.end == 0 || part.end == walk->at)
        return false;
    part.start = part_start(walk->text, part.end);
    if (!gap.mark && search(self, PART_BESIDE_BEFORE, walk->text, part, &found)) {
        walk->at = found.start;
        return true;
    }
    if (street_before(self, walk, part, &found)) {
        walk->sure = found.start;
        walk->street = true;
        walk->places = 0;
    } else if (search(self, PART_SURE, walk->text, part, &found)) {
        walk->sure = found.start;
        walk->places = 0;
    } else if ((!gap.mark && !walk->begins_with_town) || ++walk->places > PLACES_BETWEEN ||
               !search(self, PART_PLACE_BEFORE, walk->text, part, &found) || is_name(walk->spans, found)) {
        return false;
    } else if (is_sure_place(self, walk, gap, found.start)) {
        walk->sure = found.start;
    }
    filled = found.start <= part.start;
    if (!is_free(walk->text, walk->spans, found.start, walk->at)) {
        walk->sure = walk->at;
        return false;
    }
    walk->at = found.start;
    return filled;
}

static void grow_back(struct addresses *self, const char *text, const struct spans *spans, struct pii_span *span)
{
    struct walk walk = {.text = text, .spans = spans};
    struct range found, in = {span->start > PART_BYTES_MAX ? span->start - PART_BYTES_MAX : 0, span->start};
    size_t i = 0;

    walk.german = search(self, PART_HAS_TOWN_DE, text, (struct range){span->start, span->end}, &found);
    walk.begins_with_town = walk.german ? found.start <= span->start + 3 : !strchr("0123456789", text[span->start]);
    walk.street = !walk.begins_with_town;
    if (!walk.german && in.end && text[in.end - 1] == ' ')
        in.end--;
    if (!walk.german && search(self, PART_HEAD, text, in, &found) && is_free(text, spans, found.start, span->start))
        span->start = found.start;
    if (search(self, PART_HAS_POSTCODE, text, (struct range){span->start, span->end}, &found) &&
        search(self, PART_HEAD_GAELIC, text, in, &found) && is_free(text, spans, found.start, span->start))
        span->start = found.start;
    walk.at = walk.sure = span->start;
    while (i++ < PARTS_MAX && step_back(self, &walk))
        ;
    span->start = walk.sure;
}

/* ---- forwards ---- */

static bool grow_on(struct addresses *self, int part, const char *text, size_t len, const struct spans *spans,
                    struct pii_span *span)
{
    struct range found, in = {span->end, len - span->end > AHEAD_BYTES ? span->end + AHEAD_BYTES : len};

    if (!search(self, part, text, in, &found) || !is_free(text, spans, span->end, found.end))
        return false;
    span->end = found.end;
    return true;
}

static void grow(struct addresses *self, const char *text, size_t len, const struct spans *spans, struct pii_span *span)
{
    struct range found;

    for (size_t i = 0; i < PARTS_MAX && grow_on(self, PART_BEHIND, text, len, spans, span); i++)
        ;
    grow_on(self, PART_TOWN_BEHIND, text, len, spans, span);
    for (size_t i = 0; i < PARTS_MAX && grow_on(self, PART_BEHIND, text, len, spans, span); i++)
        ;
    if (search(self, PART_HAS_TOWN_DE, text, (struct range){span->start, span->end}, &found) &&
        found.start <= span->start + 3)
        grow_on(self, PART_STREET_BEHIND, text, len, spans, span);
    grow_back(self, text, spans, span);
}

/* Two addresses with nothing but places between are one. */
static void join(struct addresses *self, const char *text, const struct spans *spans, struct pii_span *span)
{
    struct range found;

    for (size_t i = 0; i < spans->n; i++) {
        const struct pii_span *other = &spans->items[i];
        struct range between = {span->end, other->start};
        if (other->kind == PII_ADDRESS && other->start > span->end && other->start - span->end < PART_BYTES_MAX &&
            search(self, PART_BRIDGE, text, between, &found) && is_free(text, spans, between.start, between.end)) {
            span->end = other->start;
            return;
        }
    }
}

/* Whether an address before it in the list has grown over it. */
static bool is_covered(const struct spans *spans, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct pii_span *other = &spans->items[i];
        if (other->kind == PII_ADDRESS && other->start <= spans->items[at].start && other->end >= spans->items[at].end)
            return true;
    }
    return false;
}

void addresses_grow(struct addresses *self, const char *text, size_t len, struct spans *spans)
{
    for (size_t i = 0; i < spans->n; i++) {
        if (spans->items[i].kind == PII_ADDRESS && !is_covered(spans, i))
            grow(self, text, len, spans, &spans->items[i]);
    }
    for (size_t i = 0; i < spans->n; i++) {
        if (spans->items[i].kind == PII_ADDRESS && !is_covered(spans, i))
            join(self, text, spans, &spans->items[i]);
    }
}
