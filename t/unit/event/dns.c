/* dns.c - tests of DNS messages: what is asked, what is read, and what is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "event/dns.c"

#include <check.h>

/* The head of a reply to a question for "Www.Example.Com" (at byte 12), of so many answers. */
#define HEAD_OF(flags, answers, type) \
    "\x12\x34" flags "\0\1\0" answers "\0\0\0\0" "\3Www\7Example\3Com\0\0" type "\0\1"
#define OWNER "\xc0\x0c"                    /* the question's name */
#define TTL(n) "\0\1\0\0\0" n
#define BYTES(literal) ((mw_str){ literal, sizeof(literal) - 1 })

static mw_dns_reply r;

static bool name_is(const mw_dns_name *name, const char *text)
{
    return mw_str_eq(mw_dns_name_str(name), mw_str_of(text));
}

START_TEST(a_question_is_written)
{
    static const char wire[] = "\xab\xcd\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\x1c\0\1";
    char              room[MW_DNS_ASK_MOST];
    mw_out            o = mw_out_on(room, sizeof room);
    mw_dns_name       name;

    ck_assert(mw_dns_name_of(&name, MW_STR("WWW.example.com.")));
    ck_assert(name_is(&name, "www.example.com"));
    ck_assert(mw_dns_ask(&o, 0xabcd, &name, MW_DNS_AAAA));
    ck_assert(mw_str_eq(mw_out_done(&o), BYTES(wire)));
    o = mw_out_on(room, 20);
    ck_assert(!mw_dns_ask(&o, 1, &name, MW_DNS_A));
}
END_TEST

START_TEST(names_that_cannot_be_asked_for)
{
    char        text[300];
    mw_dns_name name;

    ck_assert(!mw_dns_name_of(&name, MW_STR("")));
    ck_assert(!mw_dns_name_of(&name, MW_STR(".")));
    ck_assert(!mw_dns_name_of(&name, MW_STR("a..b")));
    ck_assert(!mw_dns_name_of(&name, MW_STR(".a")));
    ck_assert(!mw_dns_name_of(&name, ((mw_str){ "a\0b", 3 })));
    memset(text, 'x', sizeof text);
    ck_assert(mw_dns_name_of(&name, (mw_str){ text, 63 }));
    ck_assert(!mw_dns_name_of(&name, (mw_str){ text, 64 }));
    for (size_t i = 63; i < sizeof text; i += 64)
        text[i] = '.';
    ck_assert(mw_dns_name_of(&name, (mw_str){ text, 255 }));
    ck_assert(!mw_dns_name_of(&name, (mw_str){ text, 257 }));
}
END_TEST

START_TEST(addresses_are_read)
{
    mw_str  four = BYTES(HEAD_OF("\x81\x80", "\2", "\1") OWNER "\0\1" TTL("\x3c") "\0\4\x7f\0\0\1"
                         OWNER "\0\1" TTL("\x1e") "\0\4\x7f\0\0\2");
    mw_str  six  = BYTES(HEAD_OF("\x81\x80", "\1", "\x1c")
                         "\3wwW\7eXample\3coM\0" "\0\x1c" TTL("\5") "\0\x10" "0123456789abcdef");
    mw_addr a    = { .port = 80 };

    ck_assert(mw_dns_read(four, &r));
    ck_assert_uint_eq(r.id, 0x1234);
    ck_assert_uint_eq(r.n, 2);
    ck_assert_uint_eq(r.ttl, 30);
    ck_assert(r.has_question && name_is(&r.name, "www.example.com"));
    mw_dns_ip(four, &r, 1, &a);
    ck_assert_uint_eq(a.family, MW_IPV4);
    ck_assert_uint_eq(a.ip[3], 2);
    ck_assert_uint_eq(a.port, 80);
    ck_assert(mw_dns_read(six, &r));            /* not compressed, other letters */
    ck_assert_uint_eq(r.n, 1);
    mw_dns_ip(six, &r, 0, &a);
    ck_assert_uint_eq(a.family, MW_IPV6);
    ck_assert(memcmp(a.ip, "0123456789abcdef", 16) == 0);
}
END_TEST

START_TEST(aliases_are_followed_in_any_order)
{
    /* x.b A, www CNAME x.b (a pointer into the record before), and an address that nobody leads to */
    mw_str p = BYTES(HEAD_OF("\x81\x80", "\3", "\1")
                     "\1x\1b\0" "\0\1" TTL("\x3c") "\0\4\x7f\0\0\7"
                     OWNER "\0\5" TTL("\x0a") "\0\2\xc0\x21"
                     "\1y\1b\0" "\0\1" TTL("\1") "\0\4\x7f\0\0\x9");
    mw_str open = BYTES(HEAD_OF("\x81\x80", "\1", "\1") OWNER "\0\5" TTL("\x0a") "\0\5\1x\1b\0");
    mw_addr a;

    ck_assert(mw_dns_read(p, &r));
    ck_assert_uint_eq(r.links, 1);
    ck_assert_uint_eq(r.n, 1);
    ck_assert_uint_eq(r.ttl, 10);
    mw_dns_ip(p, &r, 0, &a);
    ck_assert_uint_eq(a.ip[3], 7);
    ck_assert(mw_dns_read(open, &r));
    ck_assert_uint_eq(r.n, 0);
    ck_assert(name_is(&r.alias, "x.b") && name_is(&r.name, "www.example.com"));
}
END_TEST

START_TEST(services_are_read)
{
    mw_str         p = BYTES(HEAD_OF("\x81\x80", "\1", "\x21") OWNER "\0\x21" TTL("\5") "\0\x0a"
                             "\0\1\0\5\x1f\x90\1h\xc0\x10");
    mw_dns_service s;

    ck_assert(mw_dns_read(p, &r));
    ck_assert_uint_eq(r.n, 1);
    mw_dns_service_of(p, &r, 0, &s);
    ck_assert_uint_eq(s.priority, 1);
    ck_assert_uint_eq(s.weight, 5);
    ck_assert_uint_eq(s.port, 8080);
    ck_assert(name_is(&s.host, "h.example.com"));
}
END_TEST

START_TEST(failures_are_told)
{
    ck_assert(mw_dns_read(BYTES(HEAD_OF("\x81\x83", "\0", "\1")), &r));
    ck_assert_uint_eq(r.code, MW_DNS_NO_NAME);
    ck_assert(mw_dns_read(BYTES(HEAD_OF("\x83\x80", "\5", "\1") "cut"), &r));
    ck_assert(r.truncated);
    ck_assert(mw_dns_read(BYTES("\1\2\x80\1\0\0\0\0\0\0\0\0"), &r));
    ck_assert(!r.has_question && r.code == MW_DNS_FORMAT_ERROR);
    ck_assert(mw_dns_read(BYTES(HEAD_OF("\x81\x80", "\1", "\1")
                                OWNER "\0\1\0\1\xff\xff\xff\xff\0\4\x7f\0\0\1"), &r));
    ck_assert_uint_eq(r.ttl, 0);                /* RFC 2181 8 */
}
END_TEST

START_TEST(hostile_replies_are_refused)
{
    static const mw_str packets[] = {
        MW_STR_C(""),
        MW_STR_C("\1\2\x80\1\0\0\0\0\0\0\0"),
        MW_STR_C("\1\2\x81\x80\0\0\0\0\0\0\0\0"),                       /* no question, and no excuse */
        MW_STR_C(HEAD_OF("\x01\x80", "\0", "\1")),                      /* no reply */
        MW_STR_C(HEAD_OF("\xa9\x80", "\0", "\1")),                      /* no query's reply */
        MW_STR_C("\1\2\x81\x80\0\2\0\0\0\0\0\0\1a\0\0\1\0\1\1a\0\0\1\0\1"),    /* two questions */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"),       /* a name that is itself */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\1a\xc0\x0c\0\1\0\1"),    /* a name in a circle */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\xc0\x20\0\1\0\1"),       /* a jump to the back */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\x41zzzz\0\0\1\0\1"),     /* an unknown kind of label */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\3a.b\0\0\1\0\1"),        /* a dot in a label */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\5a"),                    /* a label beyond the end */
        MW_STR_C("\1\2\x81\x80\0\1\0\0\0\0\0\0\1a\0\0\1"),              /* no class */
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\1")),                      /* an answer is missing */
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\1") OWNER "\0\1" TTL("\1") "\0\4\x7f\0\0"),
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\1") OWNER "\0\1" TTL("\1") "\0\0"),
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\1") OWNER "\0\1" TTL("\1") "\0\5\x7f\0\0\1\1"),
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\x21") OWNER "\0\x21" TTL("\1") "\0\6\0\0\0\0\0\0"),
        /* CNAME in a circle */
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\1") OWNER "\0\5" TTL("\1") "\0\2\xc0\x0c"),
        /* longer than it says */
        MW_STR_C(HEAD_OF("\x81\x80", "\1", "\1") OWNER "\0\5" TTL("\1") "\0\1\1a\0"),
    };

    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
        ck_assert_msg(!mw_dns_read(packets[i], &r), "packet %zu was read", i);
}
END_TEST

START_TEST(jumps_are_counted)
{
    char   bytes[200] = "\1\2\x81\x80\0\0\0\0\0\0\0\0\1a";
    mw_str p          = { bytes, sizeof bytes };
    size_t at         = 15;

    for (unsigned i = 0; i < JUMPS + 1; i++) {      /* each jumps to the one before it */
        bytes[at] = (char)0xc0;
        bytes[at + 1] = (char)(i == 0 ? HEAD : at - 2);
        at += 2;
    }
    at -= 4;
    ck_assert(read_name(p, &at, &r.name));
    ck_assert(name_is(&r.name, "a"));
    ck_assert(!read_name(p, &at, &r.name));
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("event/dns");
    TCase *c = tcase_create("dns");

    tcase_add_test(c, a_question_is_written);
    tcase_add_test(c, names_that_cannot_be_asked_for);
    tcase_add_test(c, addresses_are_read);
    tcase_add_test(c, aliases_are_followed_in_any_order);
    tcase_add_test(c, services_are_read);
    tcase_add_test(c, failures_are_told);
    tcase_add_test(c, hostile_replies_are_refused);
    tcase_add_test(c, jumps_are_counted);
    suite_add_tcase(s, c);
    return s;
}

#include "run.h"
