/* The table of patterns, run by PCRE2 under match limits. The order of the rows is their precedence: spans_add. */
#include "pii/patterns.h"

#include <stdbool.h>
#include <sysexits.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "pii/address_forms.h"
#include "pii/checksums.h"
#include "pii/pattern_set.h"

/* Within a number: blanks, also narrow and non-breaking ones, hyphens and dashes, dots, slashes, parentheses. */
#define SEP                 "[ \\x{A0}\\x{2009}\\x{202F}\\x{2010}-\\x{2013}./()-]"
#define DIGITS(least, most) "(?:" SEP "{0,3}[0-9]){" #least "," #most "}(?![0-9])"
#define ALONE               "(?<![\\p{L}0-9_#+])"
#define HEAD                "(?<![\\p{L}0-9_#+/.-])"
#define EXTENSION           "(?: ?(?:,|-|/)? ?(?:ext\\.?|extension|x|durchwahl|dw\\.?) ?[0-9]{1,5})?"

#define NUMBER_WORD "(?:[ -]?(?:number|no|num|id|ids|code|nummern?|nr|ref|reference|kennung|zeichen))"
#define LABELS                                                                                                         \
    "(?:order|invoice|ticket|case|reference|ref|tracking|contract|article|item|serial|sku|part|model|version|build"    \
    "|release|booking|shipment|parcel|consignment|rma|po|policy|meter|transaction|receipt|quote|delivery note"         \
    "|bestell(?:ung)?|auftrags?|rechnungs?|sendungs?|artikel|vertrags?|serien|vorgangs?|fall|retouren?|lieferschein"   \
    "|paket|buchungs?|beleg|angebots?|modell|firmware|isbn|ean|imei|badge|inventory|inventar|asset|kassenzeichen|"     \
    "kassenbon|bon|quittung|police|depot|z\xc3\xa4hler|"                                                               \
    "aktenzeichen)s?"
/* These are a number's label only together with a word for number: "customer" alone says nothing. */
#define STRICT_LABELS "(?:customer|client|user|member|kunden|mitglieds?|benutzer|device|ger\xc3\xa4te|return)"
#define LABELLED                                                                                                       \
    "(?:" LABELS NUMBER_WORD "?|" STRICT_LABELS NUMBER_WORD                                                            \
    ")\\b\\.?(?: (?:is|was|ist|lautet|war|with|mit|my|meine))?"                                                        \
    "[ \\x{A0}:#=]{0,4}(?:no\\.?|nr\\.?|number|nummer)?[ :#]{0,3}(?:(?-i:[A-Z]{2,4}) (?=[0-9]))?\\K"                   \
    "(?![0-9]{4}[ -][0-9]{4}[ -][0-9]{4})(?=[A-Z_/.-]*[0-9])[A-Z0-9][A-Z0-9_/.-]{2,}[A-Z0-9](?:[ -][0-9]{2,})*"

/* "Apt 14", "The Old Rectory", "Dublin 4". */
#define LINE_EN                                                                                                        \
    "(?:(?:Flat|Apt\\.?|Apartment|Unit|Suite|Room|House) [0-9A-Z]{1,4}|" NO_SPOKEN WORD_EN "(?: (?:" NO_SPOKEN WORD_EN \
    "|of|on|the|in|under|upon|le|[0-9]{1,2})){0,4})"

#define PLAIN      "(?!(?:and|my|it|is|please|send|but|i|to|at|in|on|was|not|that|with)\\b)\\p{Ll}[\\p{L}'.-]*"
#define SMALL_PART "(?:[0-9]{1,4}[a-z]? )?" PLAIN "(?: " PLAIN "){0,3}(?: [0-9]{1,4}[a-z]?)?"
#define SMALL_DE                                                                                                       \
    "(?!(?:an|nach|ist|lautet|ich|wohne?|wir|bei|und|zu|jetzt|meine?|adresse|anschrift|bitte|in|das|paket|ging|"       \
    "rechnung|es|er|sie|auf|f\xc3\xbcr|"                                                                               \
    "bestellung|artikel|auftrag|nummer|seit|vom|die|uhr)[ -])\\p{Ll}[\\p{L}.-]{1,40}"
#define TITLES "(?:(?:Mr|Mrs|Ms|Miss|Mx|Sir|Herrn?|Frau|Dr|Prof|Familie|Fam|Family)\\.? )+"
#define PARTICLES                                                                                                      \
    "(?:von|van|vom|zum?|zur|del?|della|di|da|du|la|le|der|den|dem|al|bin|y|\\p{Lu}\\.?|(?:Le|La|De|Van|Von|"          \
    "N\xc3\xad|Ni|Mac|O))"
#define NO_NAME                                                                                                        \
    "(?!(?&spoken)|(?:Team|Support|Service|Kundin|Kunde|Company|Ltd|GmbH|Limited|iPhone|iPad|Android|Outlook|Samsung|" \
    "The|"                                                                                                             \
    "Zusammen|Damen|Herren|Everyone|All|Sirs?|Madam|Mail|Mailbox|Voraus|Advance|Hilfe|Help|Abteilung|Department|"      \
    "Hotline|PS|P\\.S|"                                                                                                \
    "Street|Road|Nova|Error|Fehler|App|Windows|Gesendet|Sent|Anhang|Keine?|Nichts|Alles|Termin|Datum|Date|Subject|"    \
    "Kundin|Urgent|Dringend|Test|Beruf|Tochter|Sohn|Mutter|Vater|Mann|Ehe\\p{L}+|Nachbar(?:in)?|Enkel(?:in)?|Manager|" \
    "Director|Officer|Assistant|Secretary|"                                                                            \
    "Leiter(?:in)?|Gesch\\p{L}+f\xc3\xbchr\\p{L}+|Engineer|Accountant|Head|CEO|Owner|Inhaber\\p{L}*|Sekret\\p{L}*"     \
    "|"                                                                                                                \
    "Sachbearbeit\\p{L}*|Einkauf|"                                                                                     \
    "Vertrieb|Buchhaltung|Procurement|Purchasing|Finance|Abt|Sl\xc3\xa1"                                               \
    "n|Merci|Gracias|Ciao|Office|Accounts|Sales)\\b)"
#define NAME  "(?:(?:\\p{Lu}\\. ?(?:(?:&|und|and) )?){0,3})" NO_NAME "\\p{Lu}[\\p{L}" APOSTROPHES "-]{1,40}(?!\\p{L})"
#define NAMES NAME "(?: (?:" PARTICLES " )*" NAME "| \\p{Lu}\\.?(?!\\p{L})){0,3}"
#define NAME_ENDS                                                                                                      \
    "(?=[ \\t]*(?:\\R|\\z|[.!]?\\s*\\z|[,(|/)\xc2\xb7\xe2\x80\x93\xe2\x80\x94-]|\\.[ \\n]|[:;]-?[)]|x{1,3}\\b))"

/* Where a row has a check, the match only says where to look. */
static const struct {
    const char *name, *pattern;
    int kind;
    enum pattern_phase phase;
    size_t (*check)(const char *text, size_t len);
    bool ignore_case;
} rows[] = {
    {"mail addresses", "(?:\"[^\"\\s@]{1,64}\"|[\\p{L}0-9._%+'-]+)@[\\p{L}0-9-]+(?:\\.[\\p{L}0-9-]+)*\\.\\p{L}{2,}",
     PII_EMAIL, PHASE_EARLY, NULL, true},
    {"written-out mail addresses",
     "\\b[a-z0-9._%+-]{1,64}(?: (?:dot|punkt|minus|underscore|unterstrich) [a-z0-9._%+-]{1,64}){0,3} "
     "?(?:\\(at\\)|\\[at\\]|\\{at\\}|\\(\xc3\xa4t\\)|\\[\xc3\xa4t\\]| at (?=[a-z0-9-]{1,63} (?:dot|punkt) "
     ")| @ ) ?[a-z0-9-]{1,63}"
     "(?: ?(?:\\.(?! )|\\(dot\\)|\\[dot\\]|\\(punkt\\)|\\[punkt\\]| dot | punkt ) ?[a-z0-9-]{1,63})*"
     " ?(?:\\.(?! )|\\(dot\\)|\\[dot\\]|\\(punkt\\)|\\[punkt\\]| dot | punkt ) ?[a-z]{2,}\\b",
     PII_EMAIL, PHASE_EARLY, NULL, true},
    {"IBANs", "(?<![\\p{L}0-9])[A-Z]{2} ?[0-9]{2}(?=[ \\x{A0}\\x{202F}.-]{0,2}[A-Z0-9])", PII_IBAN, PHASE_EARLY,
     iban_at, true},
    {"labelled numbers", "\\b" LABELLED, SPAN_KEEP, PHASE_EARLY, NULL, true},
    {"numbers with letters",
     "(?<![\\p{L}0-9_+-])(?!(?:CH|AT|DE)-[0-9]{4,5} "
     "\\p{L})#?(?=[A-Z]{2,})(?=[A-Z0-9_/-]*[0-9])[A-Z0-9]{2,}(?:[-_/][A-Z0-9]+)+(?![\\p{L}0-9@-])",
     SPAN_KEEP, PHASE_EARLY, NULL, false},
    {"cards", "(?<![\\p{L}0-9_])[2-6][0-9]{3}", PII_CARD, PHASE_EARLY, card_at, false},
    {"cards of a named kind",
     "\\b(?:(?:visa|master ?card|maestro|amex|american express|diners(?: club)?|girocard)(?: card| karte)?|"
     "(?<!gift |loyalty |library |rail|membership |member |store )\\bcard|(?:kredit|debit|bank|ec-)?karte)"
     "(?:[ -]?(?:number|no\\.?|nummer|nr\\.?))?(?: (?:is|ist|lautet|ending|mit der nummer|ends))?[ :]{1,3}\\K"
     "[2-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?![0-9]|[ -][0-9])",
     PII_CARD, PHASE_EARLY, NULL, true},
    {"mistyped IBANs behind their word",
     "\\b(?:iban|konto(?:nummer|verbindung)?|bankverbindung|bank "
     "account)\\b[^0-9\\n]{0,24}?\\K(?<![\\p{L}0-9])[A-Z]{2} ?[0-9]{2}"
     "(?: ?(?=[0-9A-Z]{0,3}[0-9])[0-9A-Z]{4}){2,7}(?: ?[0-9]{1,4})?(?![\\p{L}0-9])",
     PII_IBAN, PHASE_EARLY, NULL, true},
    {"labelled numbers in fours",
     "\\b(?:" LABELS NUMBER_WORD "?|" STRICT_LABELS NUMBER_WORD
     ")\\b\\.?(?: (?:is|was|ist|lautet|war))?[ :#=]{0,4}(?:(?-i:[A-Z]{2,4}) )?\\K[0-9]{4}(?:[ -][0-9]{4}){2,}(?:[ "
     "-][0-9]{1,4})?(?![0-9])",
     SPAN_KEEP, PHASE_EARLY, NULL, true},
    {"numbers of vouchers and tags",
     "\\b(?:voucher|gift ?card|coupon|gutschein|geschenkkarte|(?:bag|luggage|asset) tag|bar ?code|serial|track(?:ing)?|"
     "(?<!area |sort |dialling |country |post)code|(?:kunden|bonus|mitglieds)karte|loyalty card|membership card)"
     "(?:[ -]?(?:code|number|no\\.?|nummer|nr\\.?))?(?: (?:is|says|reads|lautet|ist|was|war))?[ :]{1,3}\\K"
     "[0-9]{3,6}(?:[ -][0-9]{2,6}){1,5}(?![0-9])",
     SPAN_KEEP, PHASE_EARLY, NULL, true},
    {"British and Irish streets",
     "(?:\\b(?:Flat|Apt\\.?|Apartment|Unit|Suite|Room) [0-9A-Z]{1,5},? ?)?(?<![\\p{L}0-9.,#-])(?:" NUMBER_GB
     " (?!(?:GB|TB|MB|USB|SSD|Hard|Flash|Google|Disk)\\b)(?:" WORD_EN
     " ){1,3}(?<!Hard |Google |USB |Flash |Disk )" STREET_EN
     "|[0-9]{1,4}[a-zA-Z]? (?:Broadway|Esplanade|Strand|Circus|Parade|Promenade|Quay|Mews|Crescent|Causeway|Cheapside))"
     "\\b\\.?(?: (?:North|South|East|West|Lower|Upper))?" TAIL_EN "{0,5}",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"streets with their word in front",
     "(?<![\\p{L}0-9.,#-])" NUMBER_GB " " STREET_HEAD "(?: (?:" SMALL_FOREIGN "|" CAPITALISED ")){1,4}" TAIL_EN "{0,5}",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"flats in a house with a name",
     "\\b" ROOMS " [0-9A-Z]{1,4},? (?:" NO_SPOKEN CAPITALISED " ){1,3}" HOUSES "\\b" TAIL_EN "{0,5}", PII_ADDRESS,
     PHASE_LATE, NULL, false},
    {"houses somebody lives in",
     "(?:\\b(?i:live[sd]?|living|stay(?:ing)?|based|mov(?:ed|ing)|deliver(?:ed|y)?|sen[dt]|shipp?(?:ed)?|post(?:ed)?|"
     "dispatch"
     "(?:ed)?|forward(?:ed)?|redirect(?:ed)?|collect(?:ed)?|home)(?: (?:it|them|this|that|everything|out|back|over|on"
     "|(?:the|my|our|a) \\p{Ll}+)){0,3} (?:to|at|from)|\\b(?i:address)(?: is| was|:| to|,)?|\\b(?i:we're|i'm|we are|i "
     "am) (?:now )?at)"
     " (?:now )?\\K" NUMBER_GB " (?:(?i:the )?" NO_SPOKEN
     "(?!Uhr|Euro|Days|Hours|Weeks|Items|Customers|Boxes|Parcels|Units|People)" CAPITALISED ")(?: (?:" SMALL_FOREIGN
     "|" NO_SPOKEN CAPITALISED ")){0,3}(?![\\p{L}0-9])" TAIL_EN "{0,5}",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"streets somebody lives in",
     "\\b(?i:live[sd]?|living|home is|house is|flat is)(?: now)? (?:at|on|in) \\K(?:" NO_SPOKEN CAPITALISED
     " ){1,3}" STREET_EN "\\b" TAIL_EN "{0,5}",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"postal districts of Dublin",
     "\\b(?:Dublin|DUBLIN|Baile \xc3\x81tha Cliath) (?:[1-9]|1[0-9]|2[0-4]|6W)(?![\\p{L}0-9])", PII_ADDRESS, PHASE_LATE,
     NULL, false},
    {"Irish counties",
     "\\b(?:Co\\.?|County|Contae) (?:Antrim|Armagh|Carlow|Cavan|Clare|Cork|Derry|Londonderry|Donegal|Down|Dublin|"
     "Fermanagh|Galway|Kerry|Kildare|Kilkenny|Laois|Leitrim|Limerick|Longford|Louth|Mayo|Meath|Monaghan|Offaly|"
     "Roscommon|Sligo|Tipperary|Tyrone|Waterford|Westmeath|Wexford|Wicklow)(?!\\p{L})",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"flats by their number",
     "\\b(?:Flat|Apartment|Apt\\.?) [0-9]{1,4}[A-Za-z]?(?![\\p{L}0-9]|[.,][0-9]| ?(?:%|off|inch|cm|mm|kg|pack|rate))",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"addresses in small letters",
     "(?:\\b(?i:at|to|is|are|in|from|on|address):? |: |^|(?<=\\n)|, "
     "(?=[0-9]|(?:flat|apt|apartment|unit|room|the|suite) ))\\K" SMALL_PART "(?:(?:, ?|\\n)" SMALL_PART
     "){0,5}(?:, ?|\\n| )"
     "(?:[a-z]{1,2}[0-9][a-z0-9]? [0-9][abd-hjlnp-uw-z]{2}|[ac-fhknprtv-y][0-9]{2} "
     "(?=[0-9a-z]*[0-9])[0-9ac-fhknprtv-y]{4})(?![\\p{L}0-9-])",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"German addresses in small letters",
     "(?<![\\p{L}.-])(?:" SMALL_DE "[ -]){0,3}" SMALL_DE " [0-9]{1,4} ?[a-h]?(?:, ?|\\n| [\xc2\xb7|/-] | )(?:" SMALL_DE
     "(?: [0-9]{1,4})?, ?)?(?:d-)?[0-9]{5} \\p{Ll}{3,}"
     "(?:(?: (?:am|an der|im|in der|auf|ob der)) \\p{Ll}{3,}| \\(\\p{Ll}+\\))?",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"streets in small letters",
     "\\b[0-9]{1,4}[a-z]? (?!(?:minutes?|hours?|days?|years?|miles?|times|people|weeks?|months?|of|more|houses?)\\b)"
     "(?!\\p{L}+ (?:in|on|of|the|from|down|per|for)\\b)[\\p{L}']{3,} (?:[\\p{L}']{3,} )?"
     "(?:street|road|avenue|lane|crescent|terrace|close|drive|gardens|grove)\\b(?:(?:,? "
     "[\\p{L}'-]{2,}){0,4},? " POSTCODE_GB "\\b)?",
     PII_ADDRESS, PHASE_LATE, NULL, true},
    {"lines before a postcode",
     "(?<!\\p{L})(?:(?<![\\p{L}0-9.,#-])[0-9]{1,4}[a-zA-Z]?,? )?(?:" LINE_EN ",(?: |\\R)){1,5}(?:" WORD_EN
     "(?: " WORD_EN "){0,2} )?(?:" POSTCODE_GB "|" EIRCODE ")(?![\\p{L}0-9-])",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"British postcodes", "(?<![\\p{L}0-9-])" POSTCODE_GB "(?![\\p{L}0-9-])", PII_ADDRESS, PHASE_LATE, NULL, false},
    {"British postcodes in small letters",
     "(?<![\\p{L}0-9-])[a-z]{1,2}[0-9][a-z0-9]? [0-9][abd-hjlnp-uw-z]{2}(?![\\p{L}0-9-])", PII_ADDRESS, PHASE_LATE,
     NULL, false},
    {"Eircodes", "(?<![\\p{L}0-9-])" EIRCODE "(?![\\p{L}0-9-])", PII_ADDRESS, PHASE_LATE, NULL, false},
    {"post office boxes", "\\b(?:P\\.? ?O\\.? Box|Postfach) [0-9][0-9 ]{0,8}[0-9]\\b" TAIL_DE, PII_ADDRESS, PHASE_LATE,
     NULL, true},
    {"houses with a name before a German street",
     "\\b(?:Residenz|Seniorenresidenz|Seniorenheim|Altenheim|Pflegeheim|Wohnheim|Studentenwohnheim|Wohnanlage|Wohnpark|"
     "Haus|Hotel|Pension|Klinik|Klinikum|Villa|Schloss|Gut|Stift|Praxis|Kanzlei|Hof)(?: (?:am|an der|im|zum|zur|auf "
     "dem|\\p{Lu}[\\p{L}-]+)){1,4}(?:, ?|\\R)(?=[^,\\n]{3,40} [0-9]{1,4}[a-z]?, ?(?:D-)?[0-9]{5} )[^,\\n]{3,40} "
     "[0-9]{1,4}[a-z]?, ?" CITY_DE,
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"German streets",
     "(?<![\\p{L}])(?!(?:Der|Die|Das|Den|Dem|Dieser?|Jeder|Eine?|Meine?|Unsere?|Ihre?|Eure?|Modell|Typ|Tarif) "
     "|(?:Sitz|Arbeits|Park|Stell|Speicher|Steck|Lager)platz|Super|Vorgang|Bahnhof "
     ")(?:\\p{Lu}[\\p{L}.]{0,32}[ -]){0,3}?\\p{Lu}[\\p{L}-]{0,48}"
     "(?:" STREET_DE "|[ "
     "-](?:Stra(?:\xc3\x9f|ss)e|Str\\.?|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer|Chaussee|Markt|Hof|Berg|"
     "Park|Tor|Wall))[ ,]{1,2}" HOUSE_DE TAIL_DE,
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"French and Italian streets",
     "\\b(?i:Rue|Avenue|Boulevard|Chemin|Route|Place|Quai|Impasse|Via|Viale|Piazza|Corso|Calle|Avenida) "
     "(?:(?i:de|du|des|de la|de l'|del|della|dei|di|d'|la|le|les|l') ?)?(?:\\p{Lu}[\\p{L}'-]*[ ,]{1,2}){1,3}" HOUSE_DE
         TAIL_DE,
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"German streets with a preposition",
     "\\b(?:Am|An der|An den|Auf der|Auf dem|Im|In der|In den|Unter den|Unter der|Zum|Zur|Hinter der|Hinter den|Hinter "
     "dem|Vor den|Vor der|Bei den|An dem|Unterm|Unter dem|Auf den|Zu den|Zum|Vor "
     "dem|Bei der|Beim)"
     " (?:\\p{Lu}[\\p{L}-]+ "
     ")?(?!Januar|Februar|M\xc3\xa4rz|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahr|Montag|"
     "Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Raum|Zimmer|Wert|Paket|Auftrag|Kapitel|Schritt)"
     "\\p{Lu}[\\p{L}-]+ " HOUSE_DE "(?! ?(?:Uhr|Euro|EUR|\xe2\x82\xac|%|Tage|St\xc3\xbc"
     "ck|Mal))" TAIL_DE,
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"German streets in small letters",
     "\\b\\p{L}{3,}(?:stra(?:\xc3\x9f|ss)e|str\\.?|weg|allee|gasse) " HOUSE_DE "(?:,? (?:in )?[0-9]{5} \\p{L}{3,})?",
     PII_ADDRESS, PHASE_LATE, NULL, true},
    {"streets and towns of Germany that somebody names as theirs",
     "\\b(?i:wohnen?|wohnt|wohnhaft|adresse|anschrift|lieferadresse|rechnungsadresse|umgezogen)(?: "
     "(?:ist|lautet|jetzt|nun|nach"
     "|neu))*[: ] ?(?:in der |in den |in |im |am )?\\K" NO_SPOKEN CAPITALISED "(?:[ -](?:" NO_SPOKEN CAPITALISED
     "|" LITTLE_DE ")){0,4} " HOUSE_DE "(?! ?(?:Uhr|Euro|EUR|\xe2\x82\xac|%|Tage|St\xc3\xbc"
     "ck|Mal|Jahre|Personen))" TAIL_DE,
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"towns and streets of Germany that somebody lives in",
     "\\b(?i:wohnen?|wohnt|wohnhaft|lebe|leben)\\b[^.!?\\n]{0,30}? in \\K" NO_SPOKEN CAPITALISED
     "(?: (?:an der|am|" NO_SPOKEN CAPITALISED ")){0,2},? (?:in der |im |am )?" CAPITALISED
     "(?:[ -](?:" NO_SPOKEN CAPITALISED "|" LITTLE_DE ")){0,3} " HOUSE_DE
     "(?! ?(?:Uhr|Euro|EUR|\xe2\x82\xac|%|Tage|Mal|Jahre|Personen|\\.?[0-9]))",
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"German towns",
     "(?=[D0-9])(?=(?:DE?-? ?)?[0-9]{5} )(?:(?<=\\bin )|(?<=\\baus )|(?<=\\bnach )|(?<=\\ban )|(?<=\\bbei )|(?<=\\bist "
     ")|(?<=PLZ )|(?<=: )|(?<=[,;] )|(?<=\\n)|(?<=[,(>\"\\t])|(?<=> )|(?<=//)|(?<=/ )|(?<=  "
     ")|(?<=[|\xc2\xb7\xe2\x80\xa2\xe2\x97\x8f\xe2\x8b\x85\xe2\x80\x93\xe2\x80\x94])|(?<=[|"
     "\xc2\xb7\xe2\x80\xa2\xe2\x97\x8f\xe2\x8b\x85\xe2\x80\x93\xe2\x80\x94] )|(?<= - )|(?<=[0-9] )|(?<=[0-9][a-z] "
     ")|^|(?<=(?i:adresse) )|(?<=(?i:wohnort) )|(?<=(?i:anschrift) ))" CITY_DE,
     PII_ADDRESS, PHASE_LATE, NULL, false},
    {"ISO dates", "(?<![0-9+.])(?:19|20)[0-9]{2}([./-])(?:0?[1-9]|1[0-2])\\g{-1}(?:0?[1-9]|[12][0-9]|3[01])(?![0-9])",
     SPAN_KEEP, PHASE_LATE, NULL, false},
    {"days from and to",
     "(?<![0-9+./-])(?:0?[1-9]|[12][0-9]|3[01])\\.(?:(?:0?[1-9]|1[0-2])\\.)? ?[\xe2\x80\x93-] "
     "?(?:0?[1-9]|[12][0-9]|3[01])\\.(?:0?[1-9]|1[0-2])\\.(?:19|20)?[0-9]{2}(?![0-9])",
     SPAN_KEEP, PHASE_LATE, NULL, false},
    {"dates",
     "(?<![0-9+./-])(?:0?[1-9]|[12][0-9]|3[01])([./-])(?:0?[1-9]|[12][0-9]|3[01])\\g{-1}(?:19|20)?[0-9]{2}(?![0-9]|[./"
     "-][0-9]| [0-9]{2} )",
     SPAN_KEEP, PHASE_LATE, NULL, false},
    {"versions", "(?<![0-9.+])(?:v ?)?(?:0|[1-9][0-9]{0,2})(?:\\.[0-9]{1,3}){1,4}(?![0-9]|[./-][0-9])", SPAN_KEEP,
     PHASE_LATE, NULL, true},
    {"German and Irish phone numbers from abroad",
     ALONE "\\(?(?:\\+|00)" SEP "{0,2}(?:49|353|44)" DIGITS(7, 12) EXTENSION, PII_PHONE, PHASE_LATE, NULL, true},
    {"phone numbers from abroad",
     ALONE "\\(?(?:\\+|00(?=" SEP "{0,2}(?:43|41|33|31|32|34|39|45|46|47|48|351|352|420|1[2-9])))" SEP
           "{0,2}[1-9]" DIGITS(6, 13) EXTENSION,
     PII_PHONE, PHASE_LATE, NULL, true},
    {"phone numbers with an area code", HEAD "\\(?0[1-9]" DIGITS(6, 11) EXTENSION, PII_PHONE, PHASE_LATE, NULL, true},
    {"Irish free numbers", HEAD "18(?:00|50|90)(?:[ -]?[0-9]{3}){2}(?![0-9])", PII_PHONE, PHASE_LATE, NULL, false},
    {"phone numbers in pairs",
     HEAD "0 [1-9][0-9]{0,2}(?: [0-9]{2}){1,3} ?[-/] ?[0-9]{2,3}(?: [0-9]{2,3}){1,4}(?: ?- ?[0-9]{1,4})?(?![0-9])|" HEAD
          "0 [1-9][0-9]{2,4}[ /-][0-9]{3}[ -]?[0-9]{3,5}(?![0-9])",
     PII_PHONE, PHASE_LATE, NULL, false},
    {"numbers said to be somebody's",
     "\\b(?:local|my|our|home|work|office|phone|daytime|evening|new|landline|meine|unsere|neue|alte|private|"
     "dienstliche|"
     "telefon|handy|mobil|festnetz|r\xc3\xbc"
     "ckruf)[ -]?(?:number|no\\.?|nummer)(?: (?:is|ist|lautet|now|jetzt|die|w\xc3\xa4re|has "
     "changed to))*[ :]{1,3}\\K\\(?\\+?[0-9]" DIGITS(5, 13),
     PII_PHONE, PHASE_LATE, NULL, true},
    {"names that introduce themselves",
     "\\b(?:[Mm]y (?:full )?name is|[Mm]y name's|[Nn]ame's|[Nn]ame on it(?: is)?|Inhaber(?:in)?(?: "
     "ist|:)?|INHABER(?:IN)?:?|KONTOINHABER(?:IN)?:?|[Tt]his is|[Mm]ein Name (?:ist|lautet)|[Mm]ein Name:|[Ii]ch "
     "hei(?:\xc3\x9f|ss)e|I am called|I'm called|I'm|I am|[Ii]ch bin(?: die| der)?|[Hh]ier "
     "(?:ist|schreibt|spricht)|[Hh]ier noch ?mal|[Nn]ame on (?:the |my )?(?:card|account|order|booking|ticket)(?: "
     "is|:)|[Aa]ccount holder(?: is|:)?|[Cc]ardholder(?: is|:)?|[Kk]ontoinhaber(?:in)?(?: ist| "
     "hei(?:\xc3\x9f|ss)t|:)?|[Kk]arteninhaber(?:in)?(?: ist| hei(?:\xc3\x9f|ss)t|:)?|in the name of|auf den "
     "Namen|lautet auf|registered to|(?:booking|reservation|table|order|account|room) is under(?: the name(?: "
     "of)?)?|under the name(?: of)?|l\xc3\xa4uft auf|unter dem Namen|im Namen von|in my (?:wife|husband)'s name,?) "
     "\\K(?:" TITLES NAME "(?: " NAME "){0,2}|" NAME "(?: (?:" PARTICLES " )*" NAME "){1,3})",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names before a word that says so",
     "(?:^|(?<=[,.!;\\n] )|(?<=\\n)|(?<=(?i:hi) )|(?<=(?i:hey) )|(?<=(?i:hallo) )|(?<=(?i:hello) "
     "))(?=\\p{Lu}[^.!?\\n]{3,50}?(?:here|hier|mein Name|am Apparat|writing)\\b)(?:" TITLES ")?" NAME
     "(?: (?:" PARTICLES " )*" NAME
     "){0,3}(?= here\\b| again here\\b|,? mein Name\\b|,? hier[.,! ]|,? am Apparat\\b|,? writing\\b)",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names in a line that says so",
     "(?:^|(?<=\\n))[ \\t>*-]*(?i:(?:full |first |last |sur|vor|nach|your |kunden|customer "
     ")?name|customer|kundin|kunde|contact|"
     "ansprechpartner(?:in)?|empf\xc3\xa4nger(?:in)?|von|from|to|an|cc|absender(?:in)?|recipient|card "
     "?holder|karteninhaber(?:in)?|"
     "account holder|kontoinhaber(?:in)?|mieter(?:in)?|passenger|guest|gast|patient(?:in)?|signed|gez\\.?|attn|fao) ?: "
     "?\\K(?:" TITLES ")?" NAMES "(?=[ \\t]*(?:\\R|\\z|[<,(\\[]))",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names with a title",
     "\\b(?!Dr\\.? (?:Martens|Oetker|Pepper|Beckmann)|Mr\\.? (?:Kipling|Muscle|Proper)|Mr (?:Bean|Whippy))"
     "(?:Mr|Mrs|Ms|Miss|Mx|Messrs|Herrn?|Hr|Fr|Frau|Dr|Prof|Familie|Fam)\\.? (?:" TITLES ")?\\K" NAME "(?: " NAME ")?",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names after a sign-off",
     "(?:\\b(?i:(?:many )?thanks|thank you|thx|cheers|regards|wishes|all the "
     "best|sincerely|faithfully|truly|warmly|rgds|take "
     "care|gru(?:\xc3\x9f|ss)|gr(?:\xc3\xbc|ue)(?:\xc3\x9f|ss)en?|danke|dank|herzlichst|hochachtungsvoll|"
     "tsch\xc3\xbcss|servus|signed|gezeichnet|v?lg|vg|mfg|bg|glg|br|kr|tx|ty)|\\b(?i:ta|best|love|yours|god "
     "bless)(?=[,!\\n])|\\bgez\\.|(?:^|(?<=\\n))[ "
     "\\t]*(?:[Yy]ours|[Bb]est|[Ll]ove|[Tt]a|[Hh]erzlich|[Ii]hre?|[Dd]eine?|[Ee]u(?:er|re)|XX?|Sl\xc3\xa1n|Ciao|Bis "
     "bald))(?:(?: (?:aus|from) (?:dem |der |sunny )?\\p{Lu}\\p{L}+|(?: (?:\\p{L}{2,}|a)){1,5})(?= "
     "?[,.!;\\n\xe2\x80\x93-])| (?:von|from)(?= ))?\?(?: ?[,.!;:)\xe2\x80\x93-]){0,3}\\s{1,6}(?:-{1,2} "
     "?\\s?)?(?:(?:Ihre?|Deine?|Eure?|Your|Yours) )?\\K(?:" TITLES ")?" NAMES "(?: (?:and|und|&) " NAMES ")?" NAME_ENDS,
     PII_NAME, PHASE_LATE, NULL, false},
    {"names at a text's end",
     "(?:(?<=[.!?)\xe2\x80\xa6] )|(?<=\\n)|(?<=[-\xe2\x80\x93] )|(?<=, )(?=\\p{Lu}\\. ))\\K(?:" TITLES ")?" NAME
     "(?:(?: (?:" PARTICLES " )*" NAME
     "){1,3}| \\p{Lu}\\.?(?!\\p{L})|(?<=\\p{Ll})(?=\\s*\\z|, \\p{Lu})| (?=\\|))(?=[.!]?\\s*\\z|, " NO_SPOKEN CAPITALISED
     "(?: (?:" CAPITALISED "|&)){0,2}[.!]?\\s*\\z|, \\+?\\(?[0-9]|, "
     "(?i:geb\\.|born|dob|member|customer|account|acct|kunden|mitglied|vertrag|policy|order|flat|"
     "apartment)|,? (?i:mob|mobile|mobil|tel|phone|telefon|handy|ph|fon)\\b[^\\n]{0,12}[+(0-9])",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names behind hier", "\\b[Hh]ier \\K(?:" TITLES ")?" NAME "(?: (?:" PARTICLES " )*" NAME "){0,3}(?=[.,!])",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names of relatives",
     "\\b(?i:my|our|his|her|meine?r?n?|unsere?r?n?) (?:late "
     ")?(?i:husband|wife|partner|son|daughter|mother|mum|mam|mom|dad|father|brother|sister|"
     "neighbour|friend|flatmate|landlord|tenant|carer|mann|frau|sohn|tochter|mutter|vater|bruder|schwester|nachbar(?:"
     "in)?|freund(?:in)?|oma|opa|tante|onkel)"
     ",? \\K(?:" TITLES ")?" NAME "(?: (?:" PARTICLES " )*" NAME "){0,2}",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names before their mail address",
     "(?<!\\p{L})(?:" TITLES ")?" NAME "(?: (?:" PARTICLES " )*" NAME "){0,3}(?= ?[<(\\[][^\\s<>@]{1,64}@)", PII_NAME,
     PHASE_LATE, NULL, false},
    {"names that begin a signature",
     "(?<=-- \\n|\\n--\\n)(?:" TITLES ")?" NAME "(?: (?:" PARTICLES " )*" NAME "){0,3}(?=[ \\t]*(?:\\R|\\z|[,|]))",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names behind it's",
     "\\b(?i:it's|its|it is|this is|hier ist|hier spricht|hier schreibt) \\K(?:" TITLES ")?" NAME "(?: (?:" PARTICLES
     " )*" NAME "){0,3}(?= again\\b| here\\b| from\\b| nochmal\\b| wieder\\b)",
     PII_NAME, PHASE_LATE, NULL, false},
    {"names above a telephone, a mail address or a street",
     "(?<=\\n\\n|-- \\n|--\\n)[ \\t]*\\K(?:" TITLES ")?" NAME "(?: (?:" PARTICLES " )*" NAME
     "){1,3}(?=[ \\t]*\\R[ \\t]*"
     "(?:[+(0-9]|(?i:tel|mob|phone|ph|handy|fon|mail|e-mail|t:|m:)\\b|[^\\s@]+@|" NO_SPOKEN
     "\\p{Lu}[\\p{L}. -]+ [0-9]{1,3} ?[a-z]?(?:[ ,]|\\R)))",
     PII_NAME, PHASE_LATE, NULL, false},
    {"numbers to call",
     "\\b(?:ruf|rufen|ruft|anrufen|anruf|erreichen|erreichbar|call|ring|phone)\\b[^0-9\\n+.!?]{0,40}\\b(?:unter|on|auf)"
     "(?: der)? \\K[0-9](?! Uhr)" DIGITS(4, 13),
     PII_PHONE, PHASE_LATE, NULL, true},
    {"labelled phone numbers",
     "(?:\\b(?:tel|phone|telephone|mobile|mob|cell|fax|telefon|handy|mobil|ruf|whatsapp|festnetz)(?:[ "
     "-]?(?:number|no|nummer|nr))?\\b"
     "(?: (?:is|ist|lautet|unter|on|at))*[ .:=]{0,4}|\\b(?:call|ring|text|reach|phone)(?: me| us)(?: back)? "
     "(?:on|at|under) "
     "|\\b(?:erreichbar|erreichen|anrufen|melden)[^0-9\\n+]{0,15}unter[^0-9\\n+]{0,12}|\\bunter (?:der (?:Nummer "
     ")?)?)\\K\\(?\\+?[0-9]" DIGITS(5, 13),
     PII_PHONE, PHASE_LATE, NULL, true},
};

struct patterns {
    struct pattern_set *set;
};

/* ---- life ---- */

int patterns_new(struct patterns **ret_patterns, struct err *reterr)
{
    struct patterns *self = mem_alloc(sizeof *self);

    self->set = pattern_set_new(ARRAY_LEN(rows), DEFINITIONS);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (pattern_set_compile(self->set, i, rows[i].name, rows[i].pattern, rows[i].ignore_case, reterr) < 0) {
            patterns_free(self);
            return -1;
        }
    }
    *ret_patterns = self;
    return 0;
}

void patterns_free(struct patterns *self)
{
    if (!self)
        return;
    pattern_set_free(self->set);
    mem_free(self);
}

/* ---- finding ---- */

static int find_row(struct patterns *self, size_t row, const char *text, size_t len, struct spans *spans,
                    struct err *reterr)
{
    struct range found;
    size_t at = 0;
    int rc;

    while (at < len && (rc = pattern_set_find(self->set, row, text, (struct range){at, len}, false, &found)) != 0) {
        if (rc < 0)
            return err_set(reterr, ERR_PERMANENT, EX_DATAERR, "the text is too hard to search for %s (%d)",
                           rows[row].name, rc);
        size_t start = found.start, end = found.end;
        if (rows[row].check) {
            size_t bytes = rows[row].check(text + start, len - start);
            end = start + bytes;
            at = bytes ? end : found.end;
        } else {
            at = end > at ? end : at + 1;
        }
        if (end > start)
            spans_add(spans, text, rows[row].kind, start, end);
    }
    return 0;
}

int patterns_find(struct patterns *self, enum pattern_phase phase, const char *text, size_t len, struct spans *spans,
                  struct err *reterr)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].phase == phase && find_row(self, i, text, len, spans, reterr) < 0)
            return -1;
    }
    return 0;
}
