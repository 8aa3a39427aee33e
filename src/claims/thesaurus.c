/* A group is one meaning; its entries are beginnings of words, folded, and an ending may follow. */
#include "claims/thesaurus.h"

#include <string.h>

#include "base/attrs.h"

enum { ENDING_MOST = 3, COMPOUND_LEAST = 6 };

/* Words between blanks. One with a full stop behind it takes no ending. */
static const char *const groups[] = {
    "foto fotos bild bilder photo picture image screenshot aufnahme lichtbild fotografie",
    "rechnung invoice bill bills abrechnung",
    "paket sendung parcel package shipment lieferung postsendung paeckchen delivery",
    "konto account kundenkonto benutzerkonto profil profile",
    "laden. geschaeft filiale shop shops store markt branch verkaufsstelle",
    ("antwort rueckmeldung bescheid nachricht reply replies answer response respond message melden meldet antworten "
     "benachrichtig notification notify notifies"),
    "ersatz neu. neue neuer neues neuen replacement replace new. fresh. spare. ersatzgeraet austausch ersetz exchange "
    "swap umtausch",
    "kaufpreis preis price betrag summe amount geld money kaufbetrag erstattung refund rueckzahlung gutschrift",
    "gebuehr fee fees charge kosten. cost costs entgelt pauschale kostet kostenpflichtig",
    "termin appointment slot slots zeitfenster",
    "techniker engineer technician monteur technikertermin",
    "kollege kollegin team teams mitarbeiter mitarbeiterin personal. staff colleague crew",
    "wahl waehle wahlweise wunsch wuenschen choice choose prefer wish belieben aussuchen option",
    "anmeld registrier register registration enrol enrolment",
    "beleg quittung receipt kassenbon kassenzettel kaufbeleg nachweis proof einlieferungsbeleg",
    "ruecksendung rueckversand retoure return returns zuruecksenden zurueckschicken rueckgabe",
    "porto versandkosten postage shipping versand versandkostenfrei",
    "kurs kurse course class classes lehrgang seminar",
    "karte karten eintrittskarte ticket tickets fahrkarte fahrschein",
    "auto autos wagen fahrzeug car. cars vehicle",
    "fahrrad rad. raeder bike bikes bicycle",
    "wohnung haus. zuhause home. house flat.",
    "formular antrag form. forms vordruck",
    "abonnement abo. subscription mitgliedschaft membership vertrag contract",
    "telefon phone telephone handy smartphone",
    "mail mails email emails",
    "kaputt defekt beschaedigt broken faulty damaged schadhaft beschaedigung",
    "haelfte halb halbe half.",
    "kunde kundin customer customers",
    "gepaeck koffer luggage baggage bag. bags",
    "kind kinder child children",
    "gast gaeste guest guests",
    "unterlagen dokument document documents papiere papers",
    "adresse anschrift address addresses",
    "verlaenger extend extension renewal renew",
    "kuendig cancel cancellation stornier absage absagen abmeld",
    "wohnort umzug umziehen move. moves moving",
    "besitzer eigentuemer owner inhaber halter",
    "fehler mangel fault defect error",
    "pruefung pruefen prueft check checks inspection review examin begutachtung untersuch",
    "garantie gewaehrleistung warranty guarantee",
    "kostenlos kostenfrei gratis free. complimentary unentgeltlich umsonst gebuehrenfrei",
    "berichtig korrigier korrektur correct correction aender change amend",
    "abhol pickup collect collection collected abholung",
    "aufbewahr aufheben bereitlieg bereitgehalten kept. stored storage lagern gelagert bereitgestellt",
    "spaeter later nachher",
    "hoechstens maximal maximum most.",
    "mindestens wenigstens minimum least.",
    "anleitung instructions manual handbuch guide",
    "passwort kennwort password",
    "empfang rezeption reception schalter tresen theke kasse front. desk",
    "arzt aerztin praxis doctor surgery",
    "schule school",
    "entscheid decide decision decides decided",
    "reparatur reparier repair repairs instandsetz fix. fixed fixes mend",
};
_Static_assert(ARRAY_LEN(groups) <= 64, "a bit each");

/* The entry with an ending, or as a part of a compound: "Ersatzakku", "Schlussrechnung". */
static bool entry_fits(const struct word *word, const char *entry, size_t len, bool compounds)
{
    if (entry[len - 1] == '.')
        return word_is(word, entry, len - 1);
    if (word->len < len)
        return false;
    if (strncmp(word->at, entry, len) == 0)
        return word->len - len <= ENDING_MOST || (compounds && len >= COMPOUND_LEAST);
    return compounds && len >= COMPOUND_LEAST && strncmp(word->at + word->len - len, entry, len) == 0;
}

static bool group_has(const char *group, const struct word *word, bool compounds)
{
    while (*group) {
        size_t len = strcspn(group, " ");
        if (entry_fits(word, group, len, compounds))
            return true;
        group += len + strspn(group + len, " ");
    }
    return false;
}

uint64_t thesaurus_groups(const struct word *word)
{
    uint64_t found = 0;

    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        if (group_has(groups[g], word, false))
            found |= UINT64_C(1) << g;
    }
    return found;
}

bool thesaurus_has(uint64_t of, const struct word *word)
{
    for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
        if ((of >> g & 1) && group_has(groups[g], word, true))
            return true;
    }
    return false;
}
