/* cli.c - what was asked for on the command line: nginx's options, in nginx's grammar, and a few long ones.
 *
 * Letters may stand together; one that takes a value takes the rest of its word, or the next word.
 * SPDX-License-Identifier: Apache-2.0 */
#include "main/cli.h"

#include "config.h"

typedef struct cursor { char *const *args; size_t at; mw_arena *arena; mw_str *why; } cursor;

typedef struct value { char letter; size_t offset; const char *what; } value;
static const value values[] = {
    { 'p', offsetof(mw_cli, prefix), "directory name" }, { 'c', offsetof(mw_cli, conf), "file name" },
    { 'e', offsetof(mw_cli, error_log), "file name" },   { 'g', offsetof(mw_cli, globals), "parameter" },
    { 's', offsetof(mw_cli, signal), "parameter" },      { 'H', 0, "parameter" },
};

static bool refuse(cursor *c, mw_str why)
{
    *c->why = why;
    return false;
}

static bool is_signal(mw_str word)
{
    return mw_str_eq(word, MW_STR("stop")) || mw_str_eq(word, MW_STR("quit")) || mw_str_eq(word, MW_STR("reopen"))
        || mw_str_eq(word, MW_STR("reload"));
}

/* The rest of the word, or the next one; NULL at: there is none. */
static mw_str take_value(cursor *c, mw_str rest)
{
    if (rest.len > 0)
        return rest;
    if (c->args[c->at + 1] == NULL || c->args[c->at + 1][0] == '\0')
        return (mw_str){ NULL, 0 };
    return mw_str_of(c->args[++c->at]);
}

static bool set_value(cursor *c, mw_cli *cli, const value *v, mw_str rest)
{
    mw_str text = take_value(c, rest);

    if (text.at == NULL)
        return refuse(c, mw_arena_fmt(c->arena, "option \"-%c\" requires %s", v->letter, v->what));
    if (v->letter == 's' && !is_signal(text))
        return refuse(c, mw_arena_fmt(c->arena, "invalid option: \"-s %.*s\"", MW_S(text)));
    if (v->letter == 'H')
        *MW_PUSH(c->arena, &cli->headers, mw_str) = text;
    else
        *(mw_str *)(void *)&((char *)cli)[v->offset] = text;
    return true;
}

static bool set_flag(mw_cli *cli, char letter)
{
    switch (letter) {
    case '?': case 'h': cli->version = cli->help = true; return true;
    case 'v': cli->version = true; return true;
    case 'V': cli->version = cli->configure = true; return true;
    case 't': cli->test = true; return true;
    case 'T': cli->test = true; cli->dump = MW_DUMP_FILES; return true;
    case 'q': cli->quiet = true; return true;
    default:  return false;
    }
}

static bool read_letters(cursor *c, mw_cli *cli, mw_str letters)
{
    while (letters.len > 0) {
        char         letter = letters.at[0];
        const value *v = NULL;

        letters = mw_str_drop(letters, 1);
        if (letter == 'T' && mw_str_eq(letters, MW_STR("=yaml"))) {
            cli->test = true;
            cli->dump = MW_DUMP_YAML;
            return true;
        }
        for (size_t i = 0; i < sizeof values / sizeof *values; i++)
            if (values[i].letter == letter) v = &values[i];
        if (v != NULL)
            return set_value(c, cli, v, letters);
        if (!set_flag(cli, letter))
            return refuse(c, mw_arena_fmt(c->arena, "invalid option: \"%c\"", letter));
    }
    return true;
}

static bool read_word(cursor *c, mw_cli *cli, mw_str word)
{
    if (mw_str_eq(word, MW_STR("--directives"))) {
        cli->directives = true;
        return true;
    }
    if (mw_str_eq(word, MW_STR("--no-wait"))) {
        cli->no_wait = true;
        return true;
    }
    if (mw_str_eq(word, MW_STR("--route")) || mw_str_starts(word, MW_STR("--route="))) {
        cli->route = take_value(c, mw_str_drop(word, 8));
        return cli->route.at != NULL || refuse(c, MW_STR("option \"--route\" requires a request, "
                                                              "as 'GET http://host/path'"));
    }
    return refuse(c, mw_arena_fmt(c->arena, "invalid option: \"%.*s\"", MW_S(word)));
}

bool mw_cli_parse(mw_arena *a, char *const *args, mw_cli *cli, mw_str *why)
{
    cursor c = { args, 1, a, why };

    *cli = (mw_cli){ 0 };
    for (; args[c.at] != NULL; c.at++) {
        mw_str word = mw_str_of(args[c.at]);

        if (mw_str_char(word, 0) != '-')
            return refuse(&c, mw_arena_fmt(a, "invalid option: \"%.*s\"", MW_S(word)));
        if (mw_str_starts(word, MW_STR("--")) ? !read_word(&c, cli, word)
                                              : !read_letters(&c, cli, mw_str_drop(word, 1)))
            return false;
    }
    return true;
}

void mw_cli_help(mw_out *o, const char *program, bool all)
{
    mw_out_fmt(o, "Usage: %s [-?hvVtTq] [-s signal] [-p prefix]\n"
                  "             [-e filename] [-c filename] [-g directives]\n"
                  "\nOptions:\n"
                  "  -?,-h         : this help\n"
                  "  -v            : show version and exit\n"
                  "  -V            : show version and configure options then exit\n"
                  "  -t            : test configuration and exit\n"
                  "  -T            : test configuration, dump it and exit\n"
                  "  -q            : suppress non-error messages during configuration testing\n"
                  "  -s signal     : send signal to a master process: stop, quit, reopen, reload\n"
                  "  -p prefix     : set prefix path (default: %s)\n"
                  "  -e filename   : set error log file (default: %s)\n"
                  "  -c filename   : set configuration file (default: %s)\n"
                  "  -g directives : set global directives out of configuration file\n",
               program, MW_PREFIX[0] != '\0' ? MW_PREFIX : "NONE", MW_ERROR_LOG_PATH, MW_CONF_PATH);
    if (all)
        mw_out_str(o, MW_STR("  -T=yaml       : test configuration, print it as YAML and exit\n"
                             "  --no-wait     : with -s reload, do not wait for the outcome\n"
                             "  --route 'GET http://host/path' [-H 'Name: value']\n"
                             "                : show what would serve this request, and every stop on its way\n"
                             "  --directives  : print all directives as JSON\n"));
    mw_out_char(o, '\n');
}
