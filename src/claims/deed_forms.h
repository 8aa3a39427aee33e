/* Participles by their form, for the deeds that no word list names: "exported", "zurueckueberwiesen". Pure. */
#ifndef TRIAGED_CLAIMS_DEED_FORMS_H
#define TRIAGED_CLAIMS_DEED_FORMS_H

#include <stdbool.h>
#include <stddef.h>

/* Folded words. What one only perceives, feels or gets is left out: "received", "verstanden". */
bool deed_form_english(const char *word, size_t len);
bool deed_form_german(const char *word, size_t len);

#endif
