/* What masking promises. How much is found of what people write is measured by tests/pii/measure.py. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"
#include "triage/pii.h"

static struct pii *pii;
static const struct pii_field anna[] = {{PII_FIELD_NAME, "Anna M\xc3\xbcller"},
                                        {PII_FIELD_ADDRESS, "Hauptstra\xc3\x9f"
                                                            "e 7, 10115 Berlin"}};

static int set_up(UNUSED void **state)
{
    struct err err = {0};

    return pii_new(&pii, &err);
}

static int tear_down(UNUSED void **state)
{
    pii_free(pii);
    return 0;
}

/* The masked text; what comes back from it must be every byte of the text. */
static void expect(const char *text, const char *wanted)
{
    CLEANUP(mem_freep) char *masked = NULL, *restored = NULL;
    struct pii_vault *vault = pii_vault_new();
    struct err err = {0};

    assert_int_equal(pii_mask(pii, vault, text, anna, ARRAY_LEN(anna), &masked, &err), 0);
    assert_string_equal(masked, wanted);
    restored = pii_restore(vault, masked);
    assert_string_equal(restored, text);
    pii_vault_free(vault);
}

static void a_card_is_told_by_its_checksum(UNUSED void **state)
{
    expect("paid with 4111 1111 1111 1111 twice", "paid with [CARD_1] twice");
    expect("paid with 4111 1111 1111 1112 twice", "paid with 4111 1111 1111 1112 twice");
}

static void an_iban_is_told_by_its_checksum(UNUSED void **state)
{
    expect("to DE89 3704 0044 0532 0130 00.", "to [IBAN_1].");
    expect("to DE88370400440532013000.", "to DE88370400440532013000.");
}

static void phones_are_found_and_order_numbers_kept(UNUSED void **state)
{
    expect("07700 900123 about order 07700900124", "[PHONE_1] about order 07700900124");
    expect("+49 30 1234567 am 12.05.2024, Version 3.12.4", "[PHONE_1] am 12.05.2024, Version 3.12.4");
}

static void a_name_is_found_folded_in_part_and_inflected(UNUSED void **state)
{
    expect("ANNA MUELLER, Frau Muller: M\xc3\xbcllers Paket", "[NAME_1], Frau [NAME_2]: [NAME_3] Paket");
}

static void an_address_of_a_field_is_found_in_another_spelling(UNUSED void **state)
{
    expect("ich wohne Hauptstr. 7 und nicht 8", "ich wohne [ADDRESS_1] und nicht 8");
}

static void an_address_is_masked_from_its_first_part_to_its_last(UNUSED void **state)
{
    expect("to Flat 3, Rowan House, 118 Upper Brook Street, Manchester M13 9XL now", "to [ADDRESS_1] now");
    expect("c/o Lindner, Goethering 44, 63067 Offenbach am Main, Deutschland", "[ADDRESS_1]");
    expect("Lange Reihe 56\n20099 Hamburg", "[ADDRESS_1]");
    expect("Torstr. 140, 2. Hinterhof, 3. OG links, 10119 Berlin", "[ADDRESS_1]");
}

static void an_address_is_read_over_every_mark_between_its_parts(UNUSED void **state)
{
    expect("D\xc3\xb6rpstraat 19 \xc2\xb7 25899 Nieb\xc3\xbcll", "[ADDRESS_1]");
    expect("Unit 6b / Sandford Mill / Sandford Road / Cheddar BS27 3JR", "[ADDRESS_1]");
    expect("deliver to T\xc5\xb7 Gwyn, 8 Heol y Bryn\nAberystwyth\nSY23 2HX today", "deliver to [ADDRESS_1] today");
    expect("I'm at 5 Beech Mews, off Station Road, Harrogate HG1 4ND now", "I'm at [ADDRESS_1] now");
    expect("an Gasthof Linde, Dorfplatz 1, 87561 Oberstdorf.", "an [ADDRESS_1].");
}

static void what_stands_around_an_address_stays(UNUSED void **state)
{
    expect("Am Sande 11, 21335 L\xc3\xbcneburg\nGr\xc3\xbc\xc3\x9f"
           "e, Otto",
           "[ADDRESS_1]\nGr\xc3\xbc\xc3\x9f"
           "e, [NAME_1]");
    expect("Lieferung an Gartenstr. 5, 10115 Berlin", "Lieferung an [ADDRESS_1]");
    expect("Sorry, 14 Oak Road, Please ring.", "Sorry, [ADDRESS_1], Please ring.");
    expect("in room 12, building 4, chapter 3, section 5", "in room 12, building 4, chapter 3, section 5");
    expect("Version 20095 Hamburg build, Gate 12, Park Stage 3", "Version 20095 Hamburg build, Gate 12, Park Stage 3");
}

static void a_name_is_found_where_people_sign_or_introduce_themselves(UNUSED void **state)
{
    expect("It is late.\nLG Lisa Rademacher", "It is late.\nLG [NAME_1]");
    expect("Thanks. Please cancel it. Terry Wainwright, mobile 07700 900238",
           "Thanks. Please cancel it. [NAME_1], mobile [PHONE_1]");
    expect("Guten Tag, Uwe Harms mein Name.", "Guten Tag, [NAME_1] mein Name.");
    expect("Ich bin Koch von Beruf. Ihr Team", "Ich bin Koch von Beruf. Ihr Team");
    expect("Anna M., Anni M\xc3\xbcller", "[NAME_1]., [NAME_2]");
}

static void a_mistyped_account_is_found_behind_its_word_only(UNUSED void **state)
{
    expect("my Mastercard 2210 8451 7730 9621", "my Mastercard [CARD_1]");
    expect("Konto: DE88 3704 0044 0532 0130 00", "Konto: [IBAN_1]");
    expect("voucher number 4711 0933 0021 8845", "voucher number 4711 0933 0021 8845");
}

static void a_place_in_a_warehouse_or_a_lamp_is_no_address(UNUSED void **state)
{
    expect("Halle 4 war voll, Lange Reihe von 5 Fehlern", "Halle 4 war voll, Lange Reihe von 5 Fehlern");
    expect("The Unit 7 sensor, 2 Nova Lamps for 3 May", "The Unit 7 sensor, 2 Nova Lamps for 3 May");
    expect("Order 4711, version 4.12, Room service 3.5", "Order 4711, version 4.12, Room service 3.5");
    expect("Seit 3. Mai 2026, 14 Tage, Modell Lift 10", "Seit 3. Mai 2026, 14 Tage, Modell Lift 10");
    expect("Bestellung 88123, 20099 Hamburg", "Bestellung 88123, [ADDRESS_1]");
}

static void equal_values_have_equal_placeholders(UNUSED void **state)
{
    expect("a@b.org, c@d.org, a@b.org", "[EMAIL_1], [EMAIL_2], [EMAIL_1]");
}

static void what_looks_like_a_placeholder_comes_back_as_it_was(UNUSED void **state)
{
    expect("see [EMAIL_1] or a@b.org", "see [LITERAL_1] or [EMAIL_1]");
}

static void an_unknown_placeholder_stays(UNUSED void **state)
{
    struct pii_vault *vault = pii_vault_new();
    CLEANUP(mem_freep) char *restored = pii_restore(vault, "dear [NAME_7]");

    assert_string_equal(restored, "dear [NAME_7]");
    pii_vault_free(vault);
}

static void a_text_beyond_the_bound_is_refused(UNUSED void **state)
{
    CLEANUP(mem_freep) char *text = mem_alloc(PII_TEXT_BYTES_MAX + 2);
    const struct pii_span *spans;
    struct err err = {0};
    size_t n;

    memset(text, 'a', PII_TEXT_BYTES_MAX + 1);
    assert_int_equal(pii_find(pii, text, NULL, 0, &spans, &n, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_told_by_its_checksum),
        cmocka_unit_test(an_iban_is_told_by_its_checksum),
        cmocka_unit_test(phones_are_found_and_order_numbers_kept),
        cmocka_unit_test(a_name_is_found_folded_in_part_and_inflected),
        cmocka_unit_test(an_address_of_a_field_is_found_in_another_spelling),
        cmocka_unit_test(an_address_is_masked_from_its_first_part_to_its_last),
        cmocka_unit_test(an_address_is_read_over_every_mark_between_its_parts),
        cmocka_unit_test(what_stands_around_an_address_stays),
        cmocka_unit_test(a_name_is_found_where_people_sign_or_introduce_themselves),
        cmocka_unit_test(a_mistyped_account_is_found_behind_its_word_only),
        cmocka_unit_test(a_place_in_a_warehouse_or_a_lamp_is_no_address),
        cmocka_unit_test(equal_values_have_equal_placeholders),
        cmocka_unit_test(what_looks_like_a_placeholder_comes_back_as_it_was),
        cmocka_unit_test(an_unknown_placeholder_stays),
        cmocka_unit_test(a_text_beyond_the_bound_is_refused),
    };

    return cmocka_run_group_tests_name("pii", tests, set_up, tear_down);
}
