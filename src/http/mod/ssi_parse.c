/* ssi_parse.c - one command of server side includes, read as its bytes come:  echo var="x" default='y' -->
 * SPDX-License-Identifier: Apache-2.0 */
#include "http/mod/ssi_parse.h"

typedef enum state {
    BEFORE_COMMAND, COMMAND, BEFORE_PARAM, PARAM, BEFORE_EQUAL, BEFORE_VALUE, VALUE, ESCAPED, BEHIND_VALUE,
    DASH, DASHES, WRONG, WRONG_DASH, WRONG_DASHES, ENDED
} state;

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static mw_ssi_param *last(mw_ssi_parse *p) { return &p->params[p->n - 1]; }

/* What went wrong; then only the end is looked for. */
static uint8_t wrong(mw_ssi_parse *p, char c, mw_str why)
{
    p->why = why;
    return c == '-' ? WRONG_DASH : WRONG;
}

static uint8_t unexpected(mw_ssi_parse *p, char c, const char *where)
{
    if (p->n == 0)
        return wrong(p, c, mw_arena_fmt(p->arena, "unexpected \"%c\" symbol in \"%.*s\" SSI command", c,
                                        MW_S(p->command)));
    return wrong(p, c, mw_arena_fmt(p->arena, "unexpected \"%c\" symbol %s \"%.*s\" parameter in \"%.*s\" SSI command",
                                    c, where, MW_S(last(p)->name), MW_S(p->command)));
}

/* One byte more of a name. */
static bool append(char *room, mw_str *name, char c)
{
    if (name->len == MW_SSI_NAME)
        return false;
    room[name->len] = c;
    *name = (mw_str){ room, name->len + 1 };
    return true;
}

static uint8_t command_byte(mw_ssi_parse *p, char c)
{
    if (p->state == COMMAND && is_blank(c))
        return BEFORE_PARAM;
    if (p->state == COMMAND && c == '-')
        return DASH;
    if (append(p->command_room, &p->command, c))
        return COMMAND;
    return wrong(p, c, mw_arena_fmt(p->arena, "the \"%.*s%c...\" SSI command is too long", MW_S(p->command), c));
}

static uint8_t param_begins(mw_ssi_parse *p, char c)
{
    if (c == '-')
        return DASH;
    if (p->n == MW_SSI_PARAMS)
        return wrong(p, c, mw_arena_fmt(p->arena, "too many \"%.*s\" SSI command parameters", MW_S(p->command)));
    p->params[p->n++] = (mw_ssi_param){ .name = { "", 0 } };
    (void)append(last(p)->name_room, &last(p)->name, c);
    return PARAM;
}

static uint8_t param_byte(mw_ssi_parse *p, char c)
{
    if (is_blank(c))
        return BEFORE_EQUAL;
    if (c == '=')
        return BEFORE_VALUE;
    if (c == '-')
        return unexpected(p, c, "after");
    if (append(last(p)->name_room, &last(p)->name, c))
        return PARAM;
    return wrong(p, c, mw_arena_fmt(p->arena, "too long \"%.*s%c...\" parameter in \"%.*s\" SSI command",
                                    MW_S(last(p)->name), c, MW_S(p->command)));
}

static uint8_t value_begins(mw_ssi_parse *p, char c)
{
    if (c != '"' && c != '\'')
        return unexpected(p, c, "before value of");
    p->quote = c;
    last(p)->value = mw_arena_pen(p->arena, p->longest);
    return VALUE;
}

static uint8_t value_byte(mw_ssi_parse *p, char c)
{
    mw_out *o = &last(p)->value;

    if (p->state == VALUE && c == p->quote)
        return BEHIND_VALUE;
    if (p->state == VALUE && c == '\\')
        return ESCAPED;
    if (p->state == ESCAPED && c != '\\' && c != p->quote)
        mw_out_char(o, '\\');
    mw_out_char(o, c);
    if (!o->cut)
        return VALUE;
    return wrong(p, c, mw_arena_fmt(p->arena, "too long \"%.*s%c...\" value of \"%.*s\" parameter in "
                                    "\"%.*s\" SSI command",
                                    MW_S(mw_out_done(o)), c, MW_S(last(p)->name), MW_S(p->command)));
}

static uint8_t end_byte(mw_ssi_parse *p, char c)
{
    if (c == (p->state == DASH ? '-' : '>'))
        return p->state == DASH ? DASHES : ENDED;
    p->why = mw_arena_fmt(p->arena, "unexpected \"%c\" symbol in \"%.*s\" SSI command", c, MW_S(p->command));
    return WRONG;
}

static uint8_t next(mw_ssi_parse *p, char c)
{
    switch ((state)p->state) {
    case BEFORE_COMMAND: return is_blank(c) ? BEFORE_COMMAND : command_byte(p, c);
    case COMMAND:        return command_byte(p, c);
    case BEFORE_PARAM:   return is_blank(c) ? BEFORE_PARAM : param_begins(p, c);
    case PARAM:          return param_byte(p, c);
    case BEFORE_EQUAL:   return is_blank(c) ? BEFORE_EQUAL : c == '=' ? BEFORE_VALUE : unexpected(p, c, "after");
    case BEFORE_VALUE:   return is_blank(c) ? BEFORE_VALUE : value_begins(p, c);
    case VALUE:
    case ESCAPED:        return value_byte(p, c);
    case BEHIND_VALUE:   return is_blank(c) ? BEFORE_PARAM : c == '-' ? DASH : unexpected(p, c, "after value of");
    case DASH:
    case DASHES:         return end_byte(p, c);
    case WRONG:          return c == '-' ? WRONG_DASH : WRONG;
    case WRONG_DASH:     return c == '-' ? WRONG_DASHES : WRONG;
    case WRONG_DASHES:   return c == '>' ? ENDED : c == '-' ? WRONG_DASHES : WRONG;
    case ENDED:          break;
    }
    return ENDED;
}

size_t mw_ssi_eat(mw_ssi_parse *p, mw_str bytes, bool *ended)
{
    size_t i = 0;

    while (i < bytes.len && p->state != ENDED)
        p->state = next(p, mw_str_char(bytes, i++));
    *ended = p->state == ENDED;
    return i;
}
