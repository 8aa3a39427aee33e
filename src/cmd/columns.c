/* Widths are those of the widest cell; what is too much is taken from the columns that give, the widest first. */
#include "cmd/columns.h"

#include <string.h>

#include "base/mem.h"

enum { GAP = 2, GIVEN_LEAST = 8 };

struct row {
    char *cells[COLUMNS_MAX];
    enum tint tint;
};

struct columns {
    const struct column *titles;
    size_t n, n_rows, cap;
    struct row *rows;
    int width[COLUMNS_MAX];
};

struct columns *columns_new(const struct column *titles, size_t n)
{
    struct columns *self = mem_alloc(sizeof *self);

    self->titles = titles;
    self->n = n < COLUMNS_MAX ? n : COLUMNS_MAX;
    for (size_t i = 0; i < self->n; i++)
        self->width[i] = terminal_width(titles[i].title);
    return self;
}

void columns_add(struct columns *self, const char *const *cells, enum tint tint)
{
    struct row *row;

    if (self->n_rows == self->cap) {
        self->cap = self->cap ? 2 * self->cap : 32;
        self->rows = mem_grow(self->rows, self->cap, sizeof *self->rows);
    }
    row = &self->rows[self->n_rows++];
    memset(row, 0, sizeof *row);
    row->tint = tint;
    for (size_t i = 0; i < self->n; i++) {
        struct buf clean = {0};
        terminal_clean(cells[i] ? cells[i] : "", false, &clean);
        row->cells[i] = buf_take(&clean);
        int width = terminal_width(row->cells[i]);
        if (width > self->width[i])
            self->width[i] = width;
    }
}

size_t columns_rows(const struct columns *self)
{
    return self->n_rows;
}

/* Takes columns away, one at a time, from the widest that gives. */
static void shrink(const struct columns *self, int most, int width[COLUMNS_MAX])
{
    int total = -GAP;

    memcpy(width, self->width, sizeof self->width);
    for (size_t i = 0; i < self->n; i++)
        total += width[i] + GAP;
    while (most && total > most) {
        size_t widest = COLUMNS_MAX;
        for (size_t i = 0; i < self->n; i++) {
            if (self->titles[i].gives && width[i] > GIVEN_LEAST && (widest == COLUMNS_MAX || width[i] > width[widest]))
                widest = i;
        }
        if (widest == COLUMNS_MAX)
            return;
        width[widest]--;
        total--;
    }
}

static void print_cell(const char *text, int width, bool right, bool last, FILE *out)
{
    int wide = terminal_width(text);

    if (wide > width) {
        char *cut = mem_strndup(text, terminal_fit(text, width - 1));
        fprintf(out, "%s…%*s", cut, last ? 0 : width - 1 - terminal_width(cut), "");
        mem_free(cut);
        return;
    }
    fprintf(out, "%*s%s%*s", right ? width - wide : 0, "", text, right || last ? 0 : width - wide, "");
}

static void print_row(const struct columns *self, char *const *cells, const int *width, FILE *out)
{
    for (size_t i = 0; i < self->n; i++) {
        bool last = i + 1 == self->n;
        print_cell(cells[i], width[i], self->titles[i].right, last, out);
        if (!last)
            fprintf(out, "%*s", GAP, "");
    }
}

void columns_print(const struct columns *self, const struct terminal *terminal, FILE *out)
{
    int width[COLUMNS_MAX];
    char *titles[COLUMNS_MAX] = {0};

    shrink(self, terminal->width, width);
    for (size_t i = 0; i < self->n; i++)
        titles[i] = mem_strdup(self->titles[i].title);
    fputs(terminal_tint(terminal, TINT_BOLD), out);
    print_row(self, titles, width, out);
    fprintf(out, "%s\n", terminal_tint(terminal, TINT_PLAIN));
    for (size_t i = 0; i < self->n_rows; i++) {
        fputs(self->rows[i].tint ? terminal_tint(terminal, self->rows[i].tint) : "", out);
        print_row(self, self->rows[i].cells, width, out);
        fprintf(out, "%s\n", self->rows[i].tint ? terminal_tint(terminal, TINT_PLAIN) : "");
    }
    for (size_t i = 0; i < self->n; i++)
        mem_free(titles[i]);
}

void columns_free(struct columns *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->n_rows; i++) {
        for (size_t k = 0; k < self->n; k++)
            mem_free(self->rows[i].cells[k]);
    }
    mem_free(self->rows);
    mem_free(self);
}
