/* How the parts of postal addresses are written in Great Britain, Ireland and Germany: pieces of PCRE2 patterns. */
#ifndef TRIAGED_PII_ADDRESS_FORMS_H
#define TRIAGED_PII_ADDRESS_FORMS_H

/* ---- words ---- */

#define APOSTROPHES "'\xe2\x80\x99"
/* Also "hAbhann": Irish puts a small letter before a capital. */
#define CAPITAL     "(?:[hgmntbd]\\p{Ll}{0,2}-?)?\\p{Lu}[\\p{L}" APOSTROPHES "-]{0,40}"
#define ABBREVIATED "\\p{Lu}\\p{L}{0,3}\\."
#define CAPITALISED "(?:" ABBREVIATED "|" CAPITAL ")"
#define WORD_EN     "\\p{Lu}[\\p{L}" APOSTROPHES ".-]{0,40}"
/* Within the name of a street or a place, in English, Welsh, Irish, Gaelic and the French of the Channel Islands. */
#define SMALL_FOREIGN "(?:yr?|na|nan|nam|an|a'|de|la|le|les|des|du|of|upon|h-)"
#define SMALL_GB      "(?:" SMALL_FOREIGN "|the|and|&|on|under|by|in|next|le|o')"
#define LITTLE_DE                                                                                                      \
    "(?:der|den|dem|des|die|das|von|vom|zum|zur|am|im|auf'm|(?:an|in|auf|bei|unter|hinter|vor)(?= "                    \
    "(?:der|den|dem|die|das|de)(?!\\p{L}))|op|up|up'n|uppe|ut|bi|de|"                                                  \
    "und|alten|neuen|hohen|kleinen|gro\xc3\x9f"                                                                        \
    "en|langen|gr\xc3\xbcnen|alte|neue|[0-9]{1,2}\\.)"

#define MONTHS                                                                                                         \
    "(?:(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Okt|Nov|Dec|Dez|January|Januar|February|Februar|March|M\xc3\xa4rz|"   \
    "April|May|Mai|June|Juni|July|Juli|August|September|October|Oktober|November|December|Dezember)(?!\\p{L}))"
#define DAYS                                                                                                           \
    "(?:Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonnabend|Sonntag|Monday|Tuesday|Wednesday|Thursday|"      \
    "Friday|Saturday|Sunday)"
/* Words that begin a greeting, a sign-off, a sentence or another field. */
#define SPOKEN                                                                                                         \
    "(?:(?:(?i:Danke|Dank|Vielen|Viele|Bitte|Gru(?:\xc3\x9f|ss)|Gr(?:\xc3\xbc|ue)(?:\xc3\x9f|ss)en?|Liebe[rs]?|Beste[" \
    "nr]?"                                                                                                             \
    "|Herzlich\\p{L}*|Hochachtungsvoll|Mit|MfG|LG|VG|Freundlich\\p{L}*|Thanks?|Thx|Servus|Gr\\p{L}ezi|Ahoj|Tx|VLG|"    \
    "GLG|BR|KR|Cheers|"                                                                                                \
    "Regards|Kind|Best|Many|"                                                                                          \
    "Yours|Sincerely|Warm\\p{L}*|Ta|Tel|Telefon|Handy|Mobile?|E-?[Mm]ail|Mail|Phone|Fax|Sie|Ich|Wir|Der|Die|Das|Es|Er" \
    "|Und|Ihre?|Dein|Order|Invoice|Account|Bestell\\p{L}*|Auftrag\\p{L}*|Rechnung\\p{L}*|Kunden\\p{L}*|Konto|Vertrag|" \
    "Customer|Dear|Hi|Hello|Hallo|Guten|Moin|Sehr|Please|I|I'm|We|My|It|It's|Is|If|And|But|Can|Could|Would|Sent|Sorry" \
    "|Also|This|That|There|You|Your|Yes|No|Ok|OK|Ja|Nein|Well|Now|So|When|What|Why|How|Where|Who|Not|Nicht|Seit|"      \
    "Since|After|Before|Then|Otherwise|Wann|Warum|Wie|Was|Ring|Call|Ref|Reference|Betreff|Re|Fwd|IBAN|BIC|Visa|"       \
    "Mastercard|Ware|Paket|Lieferung|Parcel|Package|Refund|Version|Adresse|Anschrift|Address|Liefer\\p{L}+|Abhol\\p{"  \
    "L}+|Rechnungs\\p{L}+|Eircode|Postcode|PLZ|"                                                                       \
    "Lives?|At|To|From|Are|Our|Name|Me|Got|Have|"                                                                      \
    "VAT|Wohnhaft|Wohnen?|Versand|"                                                                                    \
    "Zustellung|Abholung|R\\p{L}cksendung|Ersatz\\p{L}*|Deliver|Delivery|Send|Shipping|Collection|Meet|" DAYS          \
    "))\\b(?!['])|" MONTHS ")"
#define NO_SPOKEN "(?!(?&spoken))"

/* ---- buildings ---- */

#define ROOMS                                                                                                          \
    "(?i:Flat|Fl\\.?|Ward|Wing|Hut|Shop|Gate|Bldg\\.?|Rm\\.?|Apt\\.?|Apartment|Unit|Suite|Ste\\.?|Room|Floor|Block|"   \
    "Level|Studio|Penthouse|Plot|Tower|Office|Villa|"                                                                  \
    "House|Building|Bungalow|Lodge|Chalet|Maisonette|Bay|Pod|Cabin|Caravan|Pitch|Berth|Mooring|Workshop|Warehouse|"    \
    "Halle|Haus|Geb\xc3\xa4ude|Geb\\.|Bau|Aufgang|Eingang|Wohnung|Wohnungsnr\\.|Whg\\.?|Wohneinheit|WE|App\\.|"        \
    "Appartement|Zimmer|Zi\\.|Zimmernr\\.|Tor|Etage|Stock|Stiege|Top|T\xc3\xbcr|B\xc3\xbcro|Trakt|Fl\xc3\xbcgel|"      \
    "Hinterhaus|Vorderhaus|Parzelle|Stellplatz|Turm|Bauteil)"
#define HOUSES                                                                                                         \
    "(?:House|Court|Mansions?|Yard|Mill|Mills|Cottages?|Lodge|Farm|Farmhouse|Hall|Barn|Towers?|Buildings?|"            \
    "Estate|Park|Point|Apartments|Residences?|Works|Villas?|Centre|Manor|Chambers|Rectory|Vicarage|Grange|Priory|"     \
    "Abbey|Stables|Granary|Maltings|Tannery|Brewery|Distillery|Foundry|Warehouse|Wharf|Quay|Dock|Bungalow|"            \
    "Lofts?|Studios?|Gardens|Heights|Terrace|Place|Square|Mews|Oast|Forge|Smithy|Schoolhouse|Chapel|Annexe?|Castle|"   \
    "Bank|Brae|Dene|Nook|Haven|Lea|Leigh|Acres?|Corner|Orchard|Paddocks?|Hollow|Brook|"                                \
    "Arcade|Village|Campus|Croft|View|Rise|Exchange|Quarter|Parade|Gate|Green|Row|Crescent)"

/* ---- marks between the parts ---- */

#define POINTS         "\xc2\xb7|\xe2\x80\xa2|\xe2\x97\x8f|\xe2\x8b\x85|\xe2\x80\x93|\xe2\x80\x94"
#define SEPARATOR_FORM "(?: ?(?:[,;|]|//?|-(?= )|" POINTS ") ?|[ \\t]{2,}|[ \\t]*\\R(?:> ?)?[ \\t]*)"

#define SEPARATOR "(?&sep)"

/* ---- Great Britain and Ireland ---- */

#define POSTCODE_GB "(?:(?:[BEGLMNSW]|[A-Z]{2})[0-9][A-Z0-9]? ?[0-9][ABD-HJLNP-UW-Z]{2}|GIR ?0AA)"
#define ROUTING_KEY "(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W)"
#define EIRCODE     "(?:" ROUTING_KEY "(?: (?=[0-9]{0,3}[A-Z])[0-9A-Z]{4}|(?=[0-9]{0,3}[A-Z])[0-9AC-FHKNPRTV-Y]{4}))"
#define COUNTY                                                                                                         \
    "(?:(?:Co\\.?|County|CO\\.?|Contae) (?:na )?\\p{Lu}\\p{L}+|(?:North |South |East |West "                           \
    ")?(?:Yorkshire|Sussex|Midlands|Lothian)"                                                                          \
    "|\\p{Lu}\\p{Ll}+shire|Kent|Surrey|Essex|Norfolk|Suffolk|Cornwall|Devon|Dorset|Somerset|Cumbria|Greater "          \
    "Manchester|Tyne and Wear|Merseyside|Isle of \\p{Lu}\\p{Ll}+|Jersey|Guernsey|Ceredigion|Powys|Gwynedd|Fife)"
#define TOWN_EN                                                                                                        \
    NO_SPOKEN "\\p{Lu}[\\p{L}" APOSTROPHES                                                                             \
              "-]+(?:[ -](?:(?:on|upon|under|le|by|in|of|the|next|-?super-?)(?=[ -]\\p{Lu})|" NO_SPOKEN                \
              "\\p{Lu}[\\p{L}" APOSTROPHES "-]+)){0,4}"
/* A town on a line of its own must fill it. */
#define LINE_ENDS "(?=[ \\t]*(?:[,.;|)\\n]|" POINTS "|\\z| " POSTCODE_GB "| " EIRCODE "))"
#define TAIL_EN_FORM                                                                                                   \
    "(?:(?:" SEPARATOR "| )(?:" POSTCODE_GB "|" EIRCODE "|Dublin [0-9]{1,2}W?|" COUNTY                                 \
    ")(?![\\p{L}0-9-])|(?: ?(?:[,;|]|" POINTS ") ?)" TOWN_EN "|" SEPARATOR TOWN_EN LINE_ENDS ")"

#define TAIL_EN "(?&tail)"

#define STREET_EN                                                                                                      \
    "(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Crescent|Cres|Place|Pl|Square|Sq|Terrace|Way"     \
    "|Gardens|Gdns|Grove|Hill|Park|Row|Mews|Walk|Green|Parade|Quay|Wharf|View|Rise|Gate|Heights|Boulevard|Blvd|Mall"   \
    "|Drove|Vale|Meadows?|Fields?|Manor|Yard|Circus|Bank|Broadway|Esplanade|Strand|Wynd|Vennel|Brae|Garth|Approach"    \
    "|Causeway|Croft|Dene|Embankment|Knoll|Mead|Orchard|Paddock|Promenade|Spinney|Villas|Cottages|Quadrant|Pend|Rigg"  \
    "|Chase|Copse|Coppice|Glade|Glebe|Glen|Hollow|Ridge|Passage|Precinct|Ginnel|Snicket|Twitten|Alley|Arcade|Crofts?"  \
    "|Cloisters?|Woods?|Lea|Leas|Ings|Loke|Gait|Brow|Fold|Ride|Lodge|Grange|Downs?|STREET|ROAD|AVENUE|LANE|DRIVE"      \
    "|CLOSE|COURT|CRESCENT|PLACE|SQUARE|TERRACE|WAY|GARDENS|GROVE|HILL|PARK|ROW|MEWS|WALK|GREEN|RISE|VIEW)"
/* The street's word comes first. */
#define STREET_HEAD                                                                                                    \
    "(?:(?:Heol|Hewl|Ffordd|Stryd|L[\xc3\xb4"                                                                          \
    "o]n|Rhodfa|Clos|Rhes|Cwrt|Llys|Gerddi|Allt|Tyle|Llwyn|Rhiw|Ystad|Stad|"                                           \
    "Trem|Maes|Bryn|B[\xc3\xb3"                                                                                        \
    "o]thar|Sr[\xc3\xa1"                                                                                               \
    "a]id|Ascaill|C[\xc3\xa9"                                                                                          \
    "e]ide|P[\xc3\xa1"                                                                                                 \
    "a]irc|Pl[\xc3\xa1"                                                                                                \
    "a]s|L[\xc3\xa1"                                                                                                   \
    "a]na|Cois|Cluain|Gort|Baile|Cnoc|Radharc|Gleann|Rue|Avenue)(?:" APOSTROPHES_R ")?"                                \
    "|(?:Pen|Tan|Bro|Cae|D\xc3\xb4l|Dol|Parc|T\xc5\xb7|Ty)(?= yr? ))"
#define APOSTROPHES_R "['\xe2\x80\x99]r"
#define NUMBER_GB     "[0-9]{1,4}[a-zA-Z]?(?: ?(?:[-\xe2\x80\x93/&+]|and) ?[0-9]{1,4})?[a-zA-Z]?,?"

/* ---- Germany ---- */

#define STREET_DE                                                                                                      \
    "(?:(?i:stra(?:\xc3\x9f|ss)e|str\\.?|weg|allee|platz|gasse|ring|damm|ufer|chaussee|steig|pfad|hof|markt|graben)"   \
    "|berg|stieg|stiege|wall|tor|br\xc3\xbc"                                                                           \
    "cke|kamp|anger|winkel|feld|garten|g\xc3\xa4rten|park|promenade|zeile|"                                            \
    "twiete|hang|grund|busch|blick|eck|straat|stroot|stra\xc3\xa5t|redder|koppel|brink|heide|deich|siedlung|bogen|"    \
    "steige|halde|bleiche|bleichen|staffel|wiesen?|terrassen?|schanze|(?<!(?i:bau|itz|ell|tik|ext))reihe)"
#define HOUSE_DE                                                                                                       \
    "(?:Nr\\.? ?)?[0-9]{1,4}(?: ?[a-hA-H](?![\\p{L}]))?(?: ?[-/+\xe2\x80\x93] ?(?![0-9]{4} "                           \
    "\\p{Lu}\\p{Ll})[0-9]{1,4}(?: ?[a-hA-H](?![\\p{L}]))?){0,3}(?![0-9])"
#define CITY_DE                                                                                                        \
    "(?:DE?-? ?)?[0-9]{5} (?!Euro|EUR|St\xc3\xbc"                                                                      \
    "ck|Uhr|Kilometer|Punkte|Mal|Kunden|Meter|Kilowatt|Bestell|Auftr)"                                                 \
    "(?:(?:Bad|Sankt|St\\.|Markt|Burg|Schw\xc3\xa4"                                                                    \
    "bisch|Hann\\.|Neu|Alt|Gro\xc3\x9f|Klein|Lutherstadt|Hansestadt|Hallig|Insel|Ostseebad|Nordseebad|Seebad|Kloster|" \
    "Bergisch|Castrop|Schloss|Markt) )?\\p{Lu}[\\p{L}.-]*\\p{L}"                                                       \
    "(?:(?: (?i:am|an der|auf|im|in der|in|ob der|bei|unter|zu|vor der) \\p{Lu}[\\p{L}.-]*| \\(\\p{L}+\\))|(?:/"       \
    "\\p{Lu}\\p{L}+)| (?:[iavoIAVO]\\. ?(?:[dD]\\. ?)?\\p{Lu}\\p{L}*\\.?)| (?:Main|Rhein|Saale)|[ -]" NO_SPOKEN        \
    "\\p{Lu}\\p{Ll}+(?=[,;.)!?\\n]|\\s*\\z))?"
#define CITY_ABROAD "(?:(?:A|CH)-?)?[0-9]{4} \\p{Lu}[\\p{L}.-]*\\p{L}(?: (?:am|an der|im|bei|ob) \\p{Lu}\\p{L}+)?"
#define TAIL_DE                                                                                                        \
    "(?:(?:" SEPARATOR "| )(?:(?:Whg\\.?|Wohnung|Hinterhaus|HH|[0-9]\\. (?:OG|Stock|Etage))(?:" SEPARATOR "| ){1,2}"   \
    "(?:[0-9]+(?:" SEPARATOR "| ){1,2})?)?(?:in )?(?:" CITY_DE "|" CITY_ABROAD "))?"

/* In front of each pattern: what is long and used often is compiled once. */
#define DEFINITIONS "(?(DEFINE)(?<spoken>" SPOKEN ")(?<sep>" SEPARATOR_FORM ")(?<tail>" TAIL_EN_FORM "))"

#endif
