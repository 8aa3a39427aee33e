/* An address is found by what is sure about it: a postcode and a town, a street and a number. From there it is read
 * backwards part by part, as it is written with commas or on lines, and forwards, as long as each is one of an address.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pii/addresses.h"

#include <pcre2.h>
#include <stdbool.h>
#include <string.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"

enum {
    MATCH_LIMIT = 100000,
    DEPTH_LIMIT = 2000,
    PART_BYTES_MAX = 96,
    PARTS_MAX = 8, /* of one address, each way */
    SQUARE_BYTES = 6,
    ROOM_BYTES = 5,
    PLACES_BETWEEN = 2, /* "Flat 3, Riverside, 12 High Street" */
};

#define ABBREVIATED "\\p{Lu}\\p{L}{0,3}\\."
#define CAPITALISED "(?:" ABBREVIATED "|\\p{Lu}[\\p{L}'\xe2\x80\x99-]*)"
#define HOUSE_NUMBER                                                                                                   \
    "[0-9]{1,4}(?: ?[a-zA-Z](?![\\p{L}]))?(?: ?[-\xe2\x80\x93/+] ?[0-9]{1,4}(?: ?[a-zA-Z](?![\\p{L}]))?){0,2}"

/* What has a number or a letter, and is a part of a building. */
#define NUMBERED                                                                                                       \
    "(?:(?:Flat|Apt\\.?|Apartment|Unit|Suite|Ste\\.?|Room|Floor|Block|Level|Studio|Penthouse|Plot|Tower|Office|Villa|" \
    "House|Building|Bungalow|Lodge|Chalet|Maisonette|Bay|Pod|Cabin|Caravan|Pitch|Berth|Mooring|Workshop|Warehouse|"    \
    "Halle|Haus|Geb\xc3\xa4ude|Geb\\.|Bau|Aufgang|Eingang|Wohnung|Wohnungsnr\\.|Whg\\.?|Wohneinheit|WE|App\\.|"        \
    "Appartement|Zimmer|Zi\\.|Zimmernr\\.|Tor|Etage|Stock|Stiege|Top|T\xc3\xbcr|B\xc3\xbcro|Trakt|Fl\xc3\xbcgel|"      \
    "Hinterhaus|Vorderhaus|Parzelle|Stellplatz|Turm|Bauteil)"                                                          \
    " (?:(?:No\\.?|Nr\\.?) ?)?(?:[0-9]{1,4}(?:[./-][0-9]{1,4}|-?[A-Za-z])?|[A-Z]{1,2}[0-9]{0,3})"                      \
    "(?: (?:links|rechts|Mitte|mitte|vorne|hinten|left|right|front|rear))?)"
#define FLOORS                                                                                                         \
    "(?:(?:Ground|Lower|Upper|Top|Basement|First|Second|Third|Fourth|Fifth|Garden|Rear|Front|[0-9]{1,2}(?:st|nd|rd|"   \
    "th)?)(?: (?:Ground|Floor|floor))* (?:Flat|flat|Floor|floor|Apartment|Maisonette)"                                 \
    "|(?:[0-9]{1,2}\\. ?)?(?:OG|UG|DG|HG|EG|Etage|Stock|Stockwerk|Obergeschoss|Untergeschoss|Dachgeschoss|"            \
    "Erdgeschoss|Souterrain|Parterre|Hochparterre|Hinterhof|Hinterhaus|Hinterhs\\.?|Vorderhaus|Seitenfl\xc3\xbcgel|"   \
    "Quergeb\xc3\xa4ude|Gartenhaus|R\xc3\xbc"                                                                          \
    "ckgeb\xc3\xa4ude|Nebengeb\xc3\xa4ude|Anbau|Hof|HH|VH|SF|GH|Aufgang [A-Z])"                                        \
    "(?:,? (?:links|rechts|Mitte|mitte|li\\.?|re\\.?|mi\\.?|hinten|vorne))?)"
#define HOUSES                                                                                                         \
    "(?:House|Court|Mansions?|Yard|Mill|Mills|Cottages?|Lodge|Farm|Farmhouse|Hall|Barn|Towers?|Buildings?|"            \
    "Estate|Park|Point|Apartments|Residences?|Works|Villas?|Centre|Manor|Chambers|Rectory|Vicarage|Grange|Priory|"     \
    "Abbey|Stables|Granary|Maltings|Tannery|Brewery|Distillery|Foundry|Warehouse|Wharf|Quay|Dock|Bungalow|"            \
    "Lofts?|Studios?|Gardens|Heights|Terrace|Place|Square|Mews|Oast|Forge|Smithy|Schoolhouse|Chapel|Annexe?|Castle|"   \
    "Bank|Brae|Dene|Nook|Haven|Lea|Leigh|Acres?|Corner|Orchard|Paddocks?|Hollow|Brook|"                                \
    "Arcade|Village|Campus|Croft|View|Rise|Exchange|Quarter|Parade|Gate|Green|Row|Crescent)"
#define NAMED                                                                                                          \
    "(?:[Tt]he(?: (?!Order|Lamp|Parcel|Package|Invoice)" CAPITALISED "){1,3}|(?:" HOUSE_NUMBER " )?(?:" CAPITALISED    \
    " ){1,4}" HOUSES "|(?:" HOUSES ") [A-Z0-9]{1,3})"
#define QUARTER_DE "(?:(?:OT|Ortsteil|Stadtteil|Gemeinde) " CAPITALISED "(?: " CAPITALISED ")?)"
#define CARE_OF    "(?:[Cc]/[Oo]:?|[Cc]are of|z\\. ?Hd\\.|bei)(?: (?:von|van|der|de|und|&|" CAPITALISED ")){1,4}"
#define MONTHS                                                                                                         \
    "(?:(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Okt|Nov|Dec|Dez|January|Januar|February|Februar|March|M\xc3\xa4rz|"   \
    "April|May|Mai|June|Juni|July|Juli|August|September|October|Oktober|November|December|Dezember)(?!\\p{L}))"
#define NO_STREET                                                                                                      \
    "(?!" MONTHS "|(?:Uhr|Euro|EUR|GBP|Bestell|Auftrag|Artikel|Rechnung|Kunden|Vorgang|Ticket|Modell|Version|"         \
    "Gr\xc3\xb6\xc3\x9f"                                                                                               \
    "e|Seite|Tisch|Filiale|Paket|Sendung|Nummer|Nr|Order|Invoice|Number|Item|Windows|Galaxy|iPhone|Error|Fehler|"      \
    "Firmware|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Raum|Kapitel|Schritt))"
#define STREET_BEFORE_GB "[0-9]{1,4}(?: ?[-\xe2\x80\x93/] ?[0-9]{1,4})?[a-zA-Z]?,?(?: " NO_STREET CAPITALISED "){1,4}"
#define LITTLE_DE                                                                                                      \
    "(?:der|den|dem|des|die|von|vom|zum|zur|am|an|im|in|auf|bei|alten|neuen|hohen|kleinen|gro\xc3\x9f"                 \
    "en|langen|gr\xc3\xbcnen|alte|neue|[0-9]{1,2}\\.)"
#define STREET_BEFORE_DE                                                                                               \
    "(?:(?!Ich |Wir |Meine |Mein |Unsere )" NO_STREET CAPITALISED "(?:[ -](?:[0-9]{1,2}\\. " MONTHS "|" NO_STREET      \
    "(?:" CAPITALISED "|" LITTLE_DE "))){0,5},? (?:Nr\\.? ?)?" HOUSE_NUMBER                                            \
    "|[A-Z] ?[0-9]{1,2}, ?[0-9]{1,2}[a-z]?)" /* a square of Mannheim */

#define COUNTRY                                                                                                        \
    "(?:Germany|Deutschland|Ireland|Irland|Republic of Ireland|\xc3\x89ire|UK|U\\.K\\.|United Kingdom|Great Britain|"  \
    "GB|England|Scotland|Wales|Northern Ireland|\xc3\x96sterreich|Austria|Schweiz|Switzerland|BRD|France|Frankreich)"
#define COUNTY                                                                                                         \
    "(?:(?:Co\\.?|County) \\p{Lu}\\p{Ll}+|(?:North |South |East |West )?(?:Yorkshire|Sussex|Midlands|Lothian)"         \
    "|\\p{Lu}\\p{Ll}+shire|Kent|Surrey|Essex|Norfolk|Suffolk|Cornwall|Devon|Dorset|Somerset|Cumbria|Greater "          \
    "Manchester|Tyne and Wear|Merseyside)"
#define POSTCODES                                                                                                      \
    "(?:[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}|(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) ?(?=[0-9A-Z]*[0-9])"        \
    "[0-9AC-FHKNPRTV-Y]{4})"
#define TOWN                                                                                                           \
    "(?:in )?(?!Danke|Vielen|Bitte|Gru|Gr\xc3\xbc|Thank|Tel|Handy|Mail|Kind|Best|Sie|Order|Bestell|Lieber?|Dear|Mit |" \
    "Mobile?|Phone|Fax|" MONTHS ")\\p{Lu}\\p{L}{2,}(?:[ -](?:am|an der|im|on|upon|under|in|\\p{Lu}\\p{L}+)"            \
    "){0,3}(?=[.,;\\n!?)]|\\s*\\z)"

enum { PART_SURE, PART_PLACE, PART_STREET_GB, PART_STREET_DE, STARTS_DE, PART_BEHIND, TOWN_BEHIND, CODES };

#define BEFORE(pattern) "(?<![\\p{L}0-9])(?:" pattern ")\\z"

static const char *const parts[CODES] = {
    [PART_SURE] =
        BEFORE(NUMBERED "|(?:" NUMBERED ",? )?" FLOORS "|(?:" NUMBERED ",? )?" NAMED "|" QUARTER_DE "|" CARE_OF),
    [PART_PLACE] = BEFORE(CAPITALISED "(?: (?:" CAPITALISED "|of|on|upon|under|le|by|in|the)){0,3}"),
    [PART_STREET_GB] = BEFORE(STREET_BEFORE_GB),
    [PART_STREET_DE] = BEFORE(STREET_BEFORE_DE),
    [STARTS_DE] = "(?:D[- ]?)?[0-9]{5}\\b",
    [PART_BEHIND] = "[ \\t]*(?:[,;|(]|\\R| (?=" COUNTRY "))[ \\t]*(?:in )?(?:" NUMBERED "|" FLOORS "|" QUARTER_DE
                    "|" COUNTRY "|" COUNTY "|" POSTCODES ")(?![\\p{L}0-9-])\\)?",
    [TOWN_BEHIND] = "(?:, ?| (?=in )| [-\xe2\x80\x93] )" TOWN,
};

struct addresses {
    pcre2_code *codes[CODES];
    pcre2_match_data *data;
    pcre2_match_context *context;
};

/* ---- life ---- */

int addresses_new(struct addresses **ret_addresses, struct err *reterr)
{
    struct addresses *self = mem_alloc(sizeof *self);

    self->context = pcre2_match_context_create(NULL);
    self->data = pcre2_match_data_create(2, NULL);
    pcre2_set_match_limit(self->context, MATCH_LIMIT);
    pcre2_set_depth_limit(self->context, DEPTH_LIMIT);
    for (size_t i = 0; i < CODES; i++) {
        PCRE2_SIZE at;
        int code;
        self->codes[i] = pcre2_compile((PCRE2_SPTR)parts[i], PCRE2_ZERO_TERMINATED,
                                       PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &code, &at, NULL);
        if (!self->codes[i]) {
            addresses_free(self);
            return err_set(reterr, ERR_FATAL, EX_SOFTWARE, "the address part %zu is wrong at %zu (%d)", i, at, code);
        }
    }
    *ret_addresses = self;
    return 0;
}

void addresses_free(struct addresses *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < CODES; i++)
        pcre2_code_free(self->codes[i]);
    pcre2_match_data_free(self->data);
    pcre2_match_context_free(self->context);
    mem_free(self);
}

/* ---- one part ---- */

/* Searches from at to end; true with where it was found. A part that is too hard to search for is none. */
static bool search(struct addresses *self, int part, const char *text, size_t at, size_t end, bool anchored,
                   size_t *ret_start, size_t *ret_end)
{
    const PCRE2_SIZE *pair = pcre2_get_ovector_pointer(self->data);

    if (pcre2_match(self->codes[part], (PCRE2_SPTR)text, end, at, anchored ? PCRE2_ANCHORED : 0, self->data,
                    self->context) < 0)
        return false;
    *ret_start = pair[0];
    *ret_end = pair[1];
    return pair[1] > pair[0];
}

/* Where the part before the address ends, without the blanks and the comma or line end between. */
static size_t end_before(const char *text, size_t start, bool *mark)
{
    *mark = false;
    while (start > 0 && strchr(" \t\r\n,;|-", text[start - 1])) {
        *mark |= !strchr(" \t", text[start - 1]);
        start--;
    }
    return start;
}

static size_t part_start(const char *text, size_t end)
{
    size_t at = end;

    while (at > 0 && end - at < PART_BYTES_MAX && !strchr(",;|\n:", text[at - 1]))
        at--;
    while (at < end && ((unsigned char)text[at] & 0xC0) == 0x80)
        at++;
    return at;
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

/* ---- backwards ---- */

/* "Lange Reihe 56" before "20099 Hamburg", "27 Cavendish" before "London NW6 4HS". */
static bool street_before(struct addresses *self, const char *text, const struct pii_span *span, size_t end,
                          size_t *ret_start)
{
    size_t from = part_start(text, end), stop;
    bool square = from > 1 && end - from < SQUARE_BYTES && text[from - 1] == ','; /* "L 14, 7" has a comma */

    if (square)
        from = part_start(text, from - 1);
    if (search(self, STARTS_DE, text, span->start, span->end, true, ret_start, &stop)) {
        if (end >= 3 && strncmp(text + end - 3, " in", 3) == 0)
            end -= 3;
        return search(self, PART_STREET_DE, text, from, end, false, ret_start, &stop);
    }
    return !strchr("0123456789", text[span->start]) &&
           search(self, PART_STREET_GB, text, from, end, false, ret_start, &stop);
}

/* The sure part before, with at most two places between. */
static bool sure_before(struct addresses *self, const char *text, size_t end, size_t *ret_start)
{
    bool mark = true;

    for (size_t i = 0; i <= PLACES_BETWEEN && mark && end > 0; i++) {
        size_t from = part_start(text, end), stop, place;
        if (search(self, PART_SURE, text, from, end, false, ret_start, &stop))
            return true;
        if (!search(self, PART_PLACE, text, from, end, false, &place, &stop))
            return false;
        end = end_before(text, place, &mark);
    }
    return false;
}

static bool grow_back(struct addresses *self, const char *text, const struct spans *spans, struct pii_span *span)
{
    bool mark;
    size_t end = end_before(text, span->start, &mark), start = 0;

    if (end == 0 || end == span->start)
        return false;
    if (!street_before(self, text, span, end, &start) && !sure_before(self, text, end, &start))
        return false;
    if (start >= span->start || !is_free(text, spans, start, span->start))
        return false;
    span->start = start;
    return true;
}

/* ---- forwards ---- */

static bool grow_on(struct addresses *self, const char *text, size_t len, const struct spans *spans,
                    struct pii_span *span)
{
    size_t start, end;

    if (!search(self, PART_BEHIND, text, span->end, len, true, &start, &end) || !is_free(text, spans, span->end, end))
        return false;
    span->end = end;
    return true;
}

static void grow(struct addresses *self, const char *text, size_t len, const struct spans *spans, struct pii_span *span)
{
    size_t start, end;

    for (size_t i = 0; i < PARTS_MAX && grow_on(self, text, len, spans, span); i++)
        ;
    if (search(self, TOWN_BEHIND, text, span->end, len, true, &start, &end) && is_free(text, spans, span->end, end))
        span->end = end;
    for (size_t i = 0; i < PARTS_MAX && grow_on(self, text, len, spans, span); i++)
        ;
    for (size_t i = 0; i < PARTS_MAX && grow_back(self, text, spans, span); i++)
        ;
}

void addresses_grow(struct addresses *self, const char *text, size_t len, struct spans *spans)
{
    for (size_t i = 0; i < spans->n; i++) {
        if (spans->items[i].kind == PII_ADDRESS)
            grow(self, text, len, spans, &spans->items[i]);
    }
}
