/* The words. A family is one deed in both languages: a draft in German may rest on a source in English. */
#include "claims/deed_words.h"

#include "base/attrs.h"

const struct deed_family deed_families[] = {
    {"refund reimburse repay return credit pay transfer", "refunded reimbursed repaid credited paid transferred",
     "erstatten erstatte erstattet rueckerstatten zurueckerstatten zurueckzahlen ueberweisen ueberweise gutschreiben "
     "zurueckgeben zurueckbuchen zurueckueberweisen rueckueberweisen vergueten",
     "erstattet rueckerstattet zurueckerstattet zurueckgezahlt ueberwiesen gutgeschrieben ausgezahlt zurueckgebucht "
     "zurueckgegeben zurueckueberwiesen rueckueberwiesen verguetet",
     "refund reimbursement erstattung rueckerstattung gutschrift rueckzahlung", false, false,
     "payout auszahlung rueckbuchung verguetung rueckueberweisung"},
    {"send ship dispatch mail post forward deliver resend", "sent shipped dispatched mailed posted delivered resent",
     "senden sende sendet schicken schicke schickt versenden versende versendet verschicken verschicke liefern "
     "zusenden zuschicken "
     "zustellen nachsenden nachschicken nachliefern uebersenden uebermitteln losschicken abschicken mitschicken",
     "gesendet gesandt geschickt versendet versandt verschickt geliefert zugesandt zugeschickt zugestellt nachgesendet "
     "abgeschickt herausgeschickt nachgeschickt nachgeliefert uebersandt uebermittelt losgeschickt mitgeschickt",
     "", false, false, "delivery shipment dispatch versand lieferung zustellung zusendung"},
    {"replace exchange swap", "replaced exchanged swapped",
     "ersetzen ersetze ersetzt austauschen umtauschen tauschen auswechseln eintauschen",
     "ersetzt ausgetauscht umgetauscht getauscht ausgewechselt eingetauscht",
     "replacement ersatzgeraet ersatz ersatzlieferung", false, false, "exchange umtausch austausch"},
    {"cancel stop terminate", "cancelled canceled stopped terminated",
     "stornieren storniere storniert kuendigen kuendige stoppen beenden",
     "storniert gekuendigt gestoppt beendet abgebrochen", "", false, false, "cancellation stornierung kuendigung"},
    {"open create raise log start initiate file launch",
     "opened created raised logged started initiated filed launched",
     "eroeffnen eroeffne einleiten anlegen starten veranlassen veranlasse beauftragen beauftrage",
     "eroeffnet eingeleitet angelegt gestartet veranlasst beauftragt gestellt aufgegeben", "", false, false, ""},
    {"escalate pass prioritise prioritize expedite",
     "escalated handed passed prioritised prioritized expedited forwarded flagged",
     "eskalieren eskaliere weiterleiten weitergeben leite gebe priorisieren beschleunigen",
     "eskaliert weitergeleitet weitergegeben priorisiert beschleunigt vermerkt uebergeben", "", false, false,
     "weiterleitung"},
    {"change update correct amend adjust edit modify reset redirect rectify revise",
     "changed updated corrected amended adjusted edited modified reset redirected rectified revised",
     "aendern aendere aendert aktualisieren aktualisiere korrigieren korrigiere anpassen zuruecksetzen umleiten "
     "berichtigen berichtige richtigstellen umstellen verbessern",
     "geaendert aktualisiert korrigiert angepasst zurueckgesetzt umgeleitet berichtigt richtiggestellt umgestellt", "",
     false, false, "change correction aenderung korrektur anpassung umleitung berichtigung"},
    {"add apply activate enable extend upgrade unlock reactivate restore renew",
     "added applied activated enabled extended upgraded unlocked reactivated restored renewed",
     "hinzufuegen aktivieren aktiviere freischalten verlaengern verlaengere entsperren wiederherstellen",
     "hinzugefuegt aktiviert freigeschaltet verlaengert entsperrt wiederhergestellt", "", false, false,
     "activation extension renewal verlaengerung aktivierung freischaltung"},
    {"remove delete erase deactivate disable block suspend lock",
     "removed deleted erased deactivated disabled blocked suspended locked",
     "entfernen entferne loeschen loesche deaktivieren sperren sperre", "entfernt geloescht deaktiviert gesperrt", "",
     false, false, "deletion removal loeschung sperrung sperre"},
    {"book arrange schedule organise organize reserve", "booked arranged scheduled organised organized reserved",
     "buchen buche vereinbaren vereinbare organisieren reservieren reserviere",
     "gebucht vereinbart organisiert reserviert terminiert", "", false, false,
     "booking reservation buchung reservierung"},
    {"call phone ring", "called phoned rung", "anrufen rufen rufe ruft ruft telefonieren", "angerufen telefoniert", "",
     false, false, "callback rueckruf anruf"},
    {"contact reach notify inform write email answer reply respond message",
     "contacted notified informed written emailed answered replied responded messaged",
     "kontaktieren kontaktiere melden melde meldet benachrichtigen informieren informiere schreiben antworten "
     "rueckmelden zurueckmelden zurueckschreiben verstaendigen mitteilen anschreiben mailen",
     "kontaktiert gemeldet benachrichtigt informiert geschrieben beantwortet verstaendigt mitgeteilt angeschrieben", "",
     false, false, "notification benachrichtigung"},
    {"compensate waive discount deduct", "compensated waived discounted deducted",
     "entschaedigen erlassen verzichten rabattieren absehen", "entschaedigt erlassen verzichtet",
     "compensation voucher discount coupon goodwill entschaedigung gutschein rabatt kulanz preisnachlass "
     "nachlass schadenersatz gift geschenk",
     false, false, ""},
    {"offer give grant provide issue hand", "offered gave given granted provided issued",
     "anbieten gewaehren ausstellen", "angeboten gegeben gewaehrt ausgestellt", "", false, false, ""},
    {"repair fix resolve mend", "repaired fixed resolved solved mended",
     "reparieren repariere beheben behebe loesen instandsetzen", "repariert behoben geloest instandgesetzt", "", false,
     false, "repair repairs reparatur"},
    {"process approve accept confirm register complete authorise authorize",
     "processed approved accepted confirmed registered completed authorised authorized placed",
     "bearbeiten genehmigen genehmige akzeptieren bestaetigen bestaetige registrieren",
     "bearbeitet genehmigt akzeptiert bestaetigt registriert abgeschlossen freigegeben", "", false, false,
     "processing approval confirmation bearbeitung genehmigung bestaetigung freigabe"},
    {"receive get available", "", "erhalten erhaelt bekommen bekommt bekommst erhaeltst kriegst kriegt gibt", "", "",
     false, true, ""},
    {"arrive come comes coming visit", "arrived", "ankommen eintreffen kommt", "angekommen eingetroffen eingegangen",
     "", false, false, "arrival ankunft eingang"},
    {"check investigate examine inspect review look verify trace",
     "checked investigated examined inspected reviewed looked verified traced tested",
     "pruefen pruefe prueft untersuchen untersuche nachsehen ueberpruefen ansehen nachforschen",
     "geprueft untersucht ueberprueft nachgesehen nachgeschaut angesehen", "", true, false,
     "check inspection review examination pruefung untersuchung begutachtung"},
    {"ask speak talk discuss", "asked spoken talked discussed spoke",
     "nachfragen fragen frage sprechen spreche besprechen nachhaken",
     "nachgefragt nachgehakt gefragt gesprochen besprochen", "", true, false, "nachfrage rueckfrage"},
    {"produce prepare craft bake remake remanufacture", "produced prepared crafted baked remade",
     "anfertigen fertigen herstellen erstellen nachfertigen",
     "angefertigt gefertigt hergestellt erstellt nachgefertigt", "", false, false,
     "production herstellung anfertigung"},
    {"collect fetch", "collected fetched", "abholen", "abgeholt", "", false, false, "collection abholung ruecknahme"},
    {"order reorder", "ordered reordered", "bestellen bestelle nachbestellen ordern ordere",
     "bestellt nachbestellt geordert", "", false, false, ""},
};
const size_t deed_families_len = ARRAY_LEN(deed_families);

const char deed_words_we[] =
    "we i our team colleague colleagues wir ich kollege kollegen kollegin unser unsere support warehouse lager";
const char deed_words_persons[] =
    "techniker technikerin kollege kollegin fahrer mitarbeiter mitarbeiterin monteur technician colleague engineer "
    "driver";
const char deed_words_you[] =
    "you your yours sie ihnen ihr ihre ihren ihrem ihrer ihres dich dir dein deine deinen deinem deiner euch euer eure "
    "euren eurem eurer";
const char deed_words_anew[] =
    "new fresh spare other different andere anderen anderes anderer another again replacement neu neue neuen neuer "
    "neues neuem nochmal nochmals erneut ersatz "
    "worn broken faulty damaged defective defekt defekte defekten kaputt kaputte beschaedigt beschaedigte "
    "beschaedigten "
    "zerbrochene zerbrochenen missing fehlt fehlende fehlenden ersatzteil ersatzteile gleichwertig gleichwertigen "
    "gleichwertiges vergleichbaren vergleichbares";
const char deed_words_have[] = "have has had 've 's";
const char deed_words_adverbs[] =
    "already just now also then immediately gladly today kindly happily personally immediately been fully "
    "successfully since therefore promptly quickly gerne bereits schon jetzt sofort umgehend";
const char deed_words_negations[] =
    "not never cannot can't no without nicht kein keine keinen nie ohne weder neither nor nichts niemand nobody";
const char deed_words_just_now[] = "now jetzt nun hiermit soeben gerade just hereby";
