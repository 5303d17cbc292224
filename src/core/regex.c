/* regex.c - regular expressions; the only room that knows PCRE2.
 *
 * A worker has one thread that matches, so what a match needs (its result, its limits, a stack for compiled patterns)
 * is made once in a process and used by all.  The limits stop a subject that was made to run a pattern for hours.
 * SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/regex.h"

#include <pcre2.h>

#include "core/must.h"

enum { MATCH_LIMIT = 1000000, HEAP_LIMIT_KB = 8192, STACK_FIRST = 32 * 1024, STACK_MOST = 1024 * 1024 };

struct mw_regex {
    pcre2_code *code;
    bool        direct;         /* compiled to machine code, and no UTF to check first */
    unsigned    groups, names, name_size;
    PCRE2_SPTR  name_table;
};

/* What all matches of this process share. */
static struct {
    pcre2_match_data    *result;
    pcre2_match_context *limits;
    pcre2_jit_stack     *stack;
} engine;

static void start_engine(void)
{
    if (engine.limits != NULL)
        return;
    engine.result = pcre2_match_data_create(MW_CAPTURES, NULL);
    engine.limits = pcre2_match_context_create(NULL);
    MW_MUST(engine.result != NULL && engine.limits != NULL);
    (void)pcre2_set_match_limit(engine.limits, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(engine.limits, HEAP_LIMIT_KB);
    engine.stack = pcre2_jit_stack_create(STACK_FIRST, STACK_MOST, NULL);      /* NULL where there is no compiler */
    if (engine.stack != NULL)
        pcre2_jit_stack_assign(engine.limits, NULL, engine.stack);
}

static void free_code(void *code)
{
    pcre2_code_free(code);
}

static uint32_t info(const pcre2_code *code, uint32_t what)
{
    uint32_t value = 0;

    MW_MUST(pcre2_pattern_info(code, what, &value) == 0);
    return value;
}

static void say_why(mw_arena *a, int err, mw_str pattern, size_t at, mw_str *why)
{
    char   text[256];
    mw_str rest = mw_str_drop(pattern, at);

    if (pcre2_get_error_message(err, (PCRE2_UCHAR *)text, sizeof text) < 0)
        text[0] = '\0';
    if (rest.len == 0)
        *why = mw_arena_fmt(a, "pcre2_compile() failed: %s in \"%.*s\"", text, MW_S(pattern));
    else
        *why = mw_arena_fmt(a, "pcre2_compile() failed: %s in \"%.*s\" at \"%.*s\"", text, MW_S(pattern),
                            MW_S(rest));
}

static PCRE2_SPTR bytes_of(mw_str s)
{
    return (PCRE2_SPTR)(s.at != NULL ? s.at : "");
}

mw_rc mw_regex_new(mw_arena *a, mw_str pattern, bool fold, bool jit, mw_regex **re, mw_str *why)
{
    uint32_t   flags = PCRE2_DUPNAMES | (fold ? PCRE2_CASELESS : 0);
    PCRE2_SIZE at;
    int        err;
    mw_regex  *made = MW_NEW(a, mw_regex);

    start_engine();
    made->code = pcre2_compile(bytes_of(pattern), pattern.len, flags, &err, &at, NULL);
    if (made->code == NULL) {
        say_why(a, err, pattern, at, why);
        return MW_ERR;
    }
    mw_arena_on_free(a, free_code, made->code);
    made->groups = info(made->code, PCRE2_INFO_CAPTURECOUNT);
    made->names = info(made->code, PCRE2_INFO_NAMECOUNT);
    made->name_size = info(made->code, PCRE2_INFO_NAMEENTRYSIZE);
    MW_MUST(pcre2_pattern_info(made->code, PCRE2_INFO_NAMETABLE, &made->name_table) == 0);
    if (jit && pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE) == 0)
        made->direct = (info(made->code, PCRE2_INFO_ALLOPTIONS) & PCRE2_UTF) == 0;
    *re = made;
    return MW_OK;
}

static void keep_groups(mw_captures *c, mw_str subject, unsigned n)
{
    const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(engine.result);
    unsigned          i;

    c->subject = subject;
    c->n = n;
    for (i = 0; i < n; i++) {
        if (pairs[2 * i] == PCRE2_UNSET || pairs[2 * i] > pairs[2 * i + 1]) {
            c->at[i].from = UINT32_MAX;
            c->at[i].upto = UINT32_MAX;
        } else {
            c->at[i].from = (uint32_t)pairs[2 * i];
            c->at[i].upto = (uint32_t)pairs[2 * i + 1];
        }
    }
}

mw_rc mw_regex_match(const mw_regex *re, mw_str subject, mw_captures *c)
{
    int n;

    if (subject.len >= UINT32_MAX)
        return MW_ERR;
    if (re->direct)
        n = pcre2_jit_match(re->code, bytes_of(subject), subject.len, 0, 0, engine.result, engine.limits);
    else
        n = pcre2_match(re->code, bytes_of(subject), subject.len, 0, 0, engine.result, engine.limits);
    if (n == PCRE2_ERROR_NOMATCH)
        return MW_END;
    if (n < 0)
        return MW_ERR;
    if (c != NULL)
        keep_groups(c, subject, n > 0 ? (unsigned)n : MW_CAPTURES);     /* 0: there were more groups than we keep */
    return MW_OK;
}

unsigned mw_regex_groups(const mw_regex *re)
{
    return re->groups;
}

unsigned mw_regex_names(const mw_regex *re)
{
    return re->names;
}

/* An entry: the group's number in two bytes, the name, a NUL. */
unsigned mw_regex_name(const mw_regex *re, unsigned i, mw_str *name)
{
    PCRE2_SPTR entry;

    MW_MUST(i < re->names);
    entry = &re->name_table[(size_t)i * re->name_size];
    *name = mw_str_of((const char *)&entry[2]);
    return (unsigned)entry[0] << 8 | entry[1];
}

mw_str mw_captures_get(const mw_captures *c, unsigned group)
{
    if (group >= c->n || c->at[group].from == UINT32_MAX)
        return MW_STR("");
    return mw_str_part(c->subject, c->at[group].from, c->at[group].upto);
}

const char *mw_regex_library(void)
{
    static char text[64];

    if (text[0] == '\0' && pcre2_config(PCRE2_CONFIG_VERSION, NULL) < (int)sizeof text)
        (void)pcre2_config(PCRE2_CONFIG_VERSION, text);
    return text;
}
