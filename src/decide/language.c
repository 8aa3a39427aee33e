/* Stop words decide nearly every ticket in a few microseconds; the fingerprints take a millisecond and are asked only
 * where the words say nothing. Each stop word belongs to one of the languages alone. */
#include "decide/language.h"

#include <libexttextcat/textcat.h>
#include <stdlib.h>
#include <string.h>

#include "base/attrs.h"
#include "base/mem.h"

#define FINGERPRINTS "/usr/share/libexttextcat/fpdb.conf"
#define FINGERPRINTS_PREFIX "/usr/share/libexttextcat/"
#define WORD_MAX 16          /* bytes of a word that can be a stop word */
#define WORDS_LOOKED_AT 150
#define WORDS_SURE 3         /* stop words of one language, and twice as many as of the next */
#define TEXTCAT_LEAST 60     /* bytes below which fingerprints say nothing */
#define TEXTCAT_SURE 160     /* bytes from which their first choice counts as sure */
#define TEXTCAT_MOST 600

enum language { LANG_EN, LANG_DE, LANG_FR, LANG_ES, LANG_PT, LANG_IT, LANG_NL, LANG_COUNT };

static const char *const codes[LANG_COUNT] = {"en", "de", "fr", "es", "pt", "it", "nl"};

static const char *const stop_words[LANG_COUNT] = {
    [LANG_EN] = "the and you your have has had this that with for my our from they were been would could should "
                "please thanks thank what when where which why who how not but can cannot cant dont doesnt didnt im ive "
                "it its is are be there their he she about after before does did just still any some need want get got "
                "if or of to we us by as",
    [LANG_DE] = "der das und ich sie wir ihr mein meine meinen meinem meiner ihre ihren ihrem nicht ist sind habe haben "
                "hat hatte wurde wird werden kann k\xc3\xb6nnen k\xc3\xb6nnten bitte danke f\xc3\xbcr mit auf eine einen "
                "einem einer ein auch aber noch schon wenn dass wie wo warum wann bei nach seit zum zur vom im den dem "
                "des es sich mich mir uns gr\xc3\xbc\xc3\x9f" "e gr\xc3\xbcssen hallo guten",
    [LANG_FR] = "je vous nous votre mon ma mes est sont avec pour dans pas une les des sur qui ce cette il elle ai avez "
                "merci bonjour mais ou plus aux du et \xc3\xaatre tr\xc3\xa8s cordialement",
    [LANG_ES] = "el los las y con por una est\xc3\xa1 mi su pero muy hola gracias tengo puede puedo usted ustedes "
                "cuando del al ha he hay lo nuestro nuestra pedido saludos porque",
    [LANG_PT] = "o os as n\xc3\xa3o uma meu minha voc\xc3\xaa voc\xc3\xaas obrigado obrigada ol\xc3\xa1 mas com est\xc3\xa3o "
                "tenho pode posso seu sua ao pelo pela em foi isso muito dos das",
    [LANG_IT] = "il gli della che non sono per ho hai avete grazie ciao buongiorno mio mia questo questa anche ma pi\xc3\xb9 "
                "nel alla dei delle vorrei",
    [LANG_NL] = "het een ik niet mijn met voor van aan zijn heb heeft maar ook naar nog wij jullie graag bedankt dank "
                "deze dit bij uit groeten kunnen wordt",
};

struct stop_word {
    char word[WORD_MAX];
    unsigned languages; /* bits; a word of several says nothing */
};

struct language_detector {
    struct stop_word *words; /* sorted */
    size_t n_words;
    void *textcat; /* NULL without the fingerprints */
};

static int by_word(const void *a, const void *b)
{
    return strcmp(((const struct stop_word *)a)->word, ((const struct stop_word *)b)->word);
}

static void add_words(struct language_detector *self, enum language language)
{
    const char *at = stop_words[language];

    while (*at) {
        size_t len = strcspn(at, " ");
        struct stop_word *word = &self->words[self->n_words++];
        memcpy(word->word, at, len < WORD_MAX ? len : WORD_MAX - 1);
        word->languages = 1U << language;
        at += len + (at[len] == ' ');
    }
}

static void merge_words(struct language_detector *self)
{
    size_t n = 0;

    qsort(self->words, self->n_words, sizeof *self->words, by_word);
    for (size_t i = 0; i < self->n_words; i++) {
        if (n > 0 && strcmp(self->words[n - 1].word, self->words[i].word) == 0)
            self->words[n - 1].languages |= self->words[i].languages;
        else
            self->words[n++] = self->words[i];
    }
    self->n_words = n;
}

struct language_detector *language_detector_new(void)
{
    struct language_detector *self = mem_alloc(sizeof *self);
    size_t most = 0;

    for (int l = 0; l < LANG_COUNT; l++)
        most += strlen(stop_words[l]) / 2 + 1;
    self->words = mem_array(most, sizeof *self->words);
    for (int l = 0; l < LANG_COUNT; l++)
        add_words(self, (enum language)l);
    merge_words(self);
    self->textcat = special_textcat_Init(FINGERPRINTS, FINGERPRINTS_PREFIX);
    return self;
}

void language_detector_free(struct language_detector *self)
{
    if (!self)
        return;
    if (self->textcat)
        textcat_Done(self->textcat);
    mem_free(self->words);
    mem_free(self);
}

/* ---- stop words ---- */

static bool word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80 || c == '\'';
}

/* The next word in lower case, apostrophes dropped; false at the end. A word too long comes out as "". */
static bool next_word(const char **at, const char *end, char out[WORD_MAX])
{
    size_t len = 0;

    while (*at < end && !word_byte((unsigned char)**at))
        ++*at;
    if (*at >= end)
        return false;
    for (; *at < end && word_byte((unsigned char)**at); ++*at) {
        char c = **at;
        if (c == '\'')
            continue;
        if (len < WORD_MAX)
            out[len++] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
    }
    out[len < WORD_MAX ? len : 0] = '\0';
    return true;
}

static void count_words(const struct language_detector *self, const char *text, size_t len, unsigned counts[LANG_COUNT])
{
    const char *end = text + len;
    struct stop_word key;

    for (int n = 0; n < WORDS_LOOKED_AT && next_word(&text, end, key.word); n++) {
        const struct stop_word *found = bsearch(&key, self->words, self->n_words, sizeof key, by_word);
        for (int l = 0; found && l < LANG_COUNT; l++)
            counts[l] += found->languages == 1U << l;
    }
}

/* The best language by stop words; LANG_COUNT when there is none or a tie. */
static enum language lead(const unsigned counts[LANG_COUNT], unsigned *ret_first, unsigned *ret_second)
{
    enum language best = LANG_COUNT;

    *ret_first = *ret_second = 0;
    for (int l = 0; l < LANG_COUNT; l++) {
        if (counts[l] > *ret_first) {
            *ret_second = *ret_first;
            *ret_first = counts[l];
            best = (enum language)l;
        } else if (counts[l] > *ret_second) {
            *ret_second = counts[l];
        }
    }
    return *ret_first > *ret_second ? best : LANG_COUNT;
}

/* ---- fingerprints ---- */

static void ask_fingerprints(struct language_detector *self, const char *text, size_t len,
                             struct language_guess *ret_guess)
{
    const char *answer;
    char name[LANGUAGE_MAX];

    if (!self->textcat || len < TEXTCAT_LEAST)
        return;
    answer = textcat_Classify(self->textcat, text, len < TEXTCAT_MOST ? len : TEXTCAT_MOST);
    if (answer[0] != '[')
        return;
    language_primary(answer + 1, name);
    if (strlen(name) != 2)
        return;
    memcpy(ret_guess->code, name, sizeof name);
    ret_guess->sure = len >= TEXTCAT_SURE && strchr(answer + 1, '[') == NULL;
}

void language_detect(struct language_detector *self, const char *text, size_t len, struct language_guess *ret_guess)
{
    unsigned counts[LANG_COUNT] = {0}, first, second;
    struct language_guess guess = {0};
    enum language best;

    count_words(self, text, len, counts);
    best = lead(counts, &first, &second);
    if (best == LANG_COUNT || first < 2)
        ask_fingerprints(self, text, len, &guess);
    if (best != LANG_COUNT && !guess.sure) {
        memcpy(guess.code, codes[best], strlen(codes[best]) + 1);
        guess.sure = first >= WORDS_SURE && first >= 2 * second;
    }
    *ret_guess = guess;
}

void language_primary(const char *tag, char out[LANGUAGE_MAX])
{
    size_t len = 0;

    while (len < LANGUAGE_MAX - 1 && ((tag[len] >= 'a' && tag[len] <= 'z') || (tag[len] >= 'A' && tag[len] <= 'Z')))
        len++;
    if (len < 2 || len > 3 || (tag[len] && tag[len] != '-' && tag[len] != '_'))
        len = 0;
    for (size_t i = 0; i < len; i++)
        out[i] = (char)(tag[i] | 0x20);
    out[len] = '\0';
}
