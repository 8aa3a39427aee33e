/* Words are blanked out in a copy of subject and body, and the copy is scored again. */
#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "decide/explain.h"
#include "decide/linear.h"

#define TOKENS_MAX 20000 /* words of a text that are looked at */

enum { SUBJECT, BODY, PARTS };

struct token {
    int part;
    size_t at, len; /* bytes in the part */
    size_t word;    /* equal for equal words */
};

struct search {
    const struct classifier *model;
    struct classifier_scratch *scratch;
    const char *original[PARTS];
    char *copy[PARTS];           /* with holes */
    struct classifier_text text; /* made of the copies */
    struct token *tokens;
    size_t n_tokens, n_words;
    size_t first[FLIP_CANDIDATES_MAX]; /* token of each word */
    float *scores;
    size_t n_labels, label;
};

static bool in_word(char c)
{
    return (unsigned char)c >= 0x80 || isalnum((unsigned char)c) || c == '\'' || c == '-' || c == '_' || c == '@' ||
           c == '.';
}

/* But for the case of ASCII letters. */
static bool same_word(const struct search *self, const struct token *one, const struct token *other)
{
    const char *a = self->original[one->part] + one->at, *b = self->original[other->part] + other->at;
    size_t k = 0;

    while (k < one->len && one->len == other->len && tolower((unsigned char)a[k]) == tolower((unsigned char)b[k]))
        k++;
    return k == one->len && one->len == other->len;
}

/* New words beyond the most are left alone. */
static void add_token(struct search *self, struct token token)
{
    while (token.word < self->n_words && !same_word(self, &token, &self->tokens[self->first[token.word]]))
        token.word++;
    if (token.word == FLIP_CANDIDATES_MAX || self->n_tokens == TOKENS_MAX)
        return;
    if (token.word == self->n_words)
        self->first[self->n_words++] = self->n_tokens;
    self->tokens[self->n_tokens++] = token;
}

static void cut_tokens(struct search *self, int part)
{
    const char *text = self->original[part];

    for (size_t at = 0; text[at];) {
        size_t end = at;
        while (in_word(text[end]))
            end++;
        while (end > at && (text[end - 1] == '.' || text[end - 1] == '-'))
            end--;
        if (end > at)
            add_token(self, (struct token){.part = part, .at = at, .len = end - at});
        at = end > at ? end : at + 1;
    }
}

/* Takes every occurrence of a word out, or puts it back. */
static void blank(struct search *self, size_t word, bool out)
{
    for (size_t i = 0; i < self->n_tokens; i++) {
        const struct token *token = &self->tokens[i];
        if (token->word != word)
            continue;
        if (out)
            memset(self->copy[token->part] + token->at, ' ', token->len);
        else
            memcpy(self->copy[token->part] + token->at, self->original[token->part] + token->at, token->len);
    }
}

/* Lead of the original label over the best of the others, which goes to ret_rival; negative when it has lost. */
static double lead(struct search *self, size_t *ret_rival)
{
    size_t rival = self->label == 0;

    classifier_scores(self->model, self->scratch, &self->text, self->scores, NULL);
    for (size_t i = 0; i < self->n_labels; i++) {
        if (i != self->label && self->scores[i] > self->scores[rival])
            rival = i;
    }
    *ret_rival = rival;
    return (double)self->scores[self->label] - (double)self->scores[rival];
}

/* The word that shrinks the lead most; n_words when none does. */
static size_t best_word(struct search *self, const bool *gone, double *lead_now)
{
    size_t best = self->n_words, rival;

    for (size_t w = 0; w < self->n_words; w++) {
        double without;
        if (gone[w])
            continue;
        blank(self, w, true);
        without = lead(self, &rival);
        blank(self, w, false);
        if (without < *lead_now) {
            *lead_now = without;
            best = w;
        }
    }
    return best;
}

/* Puts back what is not needed: the first words were chosen without knowing the later ones. */
static size_t prune(struct search *self, size_t *words, size_t n)
{
    size_t kept = 0, rival;

    for (size_t i = 0; i < n; i++) {
        blank(self, words[i], false);
        if (lead(self, &rival) < 0)
            continue;
        blank(self, words[i], true);
        words[kept++] = words[i];
    }
    return kept;
}

/* Cut between characters where it is too long. */
static void show_word(const struct search *self, size_t word, char out[FLIP_WORD_MAX])
{
    const struct token *token = &self->tokens[self->first[word]];
    const char *text = self->original[token->part] + token->at;
    size_t len = utf8_cut(text, token->len, FLIP_WORD_MAX - 1);

    memcpy(out, text, len);
    out[len] = '\0';
}

static void search_words(struct search *self, struct flip_words *ret_words)
{
    bool *gone = mem_array(self->n_words + 1, sizeof *gone);
    size_t words[FLIP_WORDS_MAX] = {0}, n = 0, rival;
    double now;

    now = lead(self, &rival);
    while (n < FLIP_WORDS_MAX && now >= 0) {
        size_t word = best_word(self, gone, &now);
        if (word == self->n_words)
            break;
        gone[word] = true;
        blank(self, word, true);
        words[n++] = word;
    }
    if (now < 0 && n > 0) {
        ret_words->n = prune(self, words, n);
        lead(self, &rival);
        ret_words->label = classifier_label_at(self->model, rival);
        for (size_t i = 0; i < ret_words->n; i++)
            show_word(self, words[i], ret_words->words[i]);
    }
    mem_free(gone);
}

void classifier_flip_words(const struct classifier *model, const struct classifier_text *text,
                           struct flip_words *ret_words)
{
    struct search self = {.model = model,
                          .scratch = classifier_scratch_new(model),
                          .original = {text->subject, text->body},
                          .copy = {mem_strdup(text->subject), mem_strdup(text->body)},
                          .text = *text,
                          .tokens = mem_array(TOKENS_MAX, sizeof *self.tokens),
                          .n_labels = classifier_label_count(model)};
    struct flip_words found = {.n = 0};

    self.text.subject = self.copy[SUBJECT];
    self.text.body = self.copy[BODY];
    self.scores = mem_array(self.n_labels, sizeof *self.scores);
    classifier_scores(model, self.scratch, &self.text, self.scores, NULL);
    for (size_t i = 1; i < self.n_labels; i++)
        self.label = self.scores[i] > self.scores[self.label] ? i : self.label;
    cut_tokens(&self, SUBJECT);
    cut_tokens(&self, BODY);
    search_words(&self, &found);
    mem_free(self.tokens);
    mem_free(self.scores);
    mem_free(self.copy[SUBJECT]);
    mem_free(self.copy[BODY]);
    classifier_scratch_free(self.scratch);
    *ret_words = found;
}
