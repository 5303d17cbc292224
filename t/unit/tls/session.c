/* session.c - unit test of sessions in a zone that workers share, and of a client's slot.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tls/session.c"

#include "pair.h"

enum { LIFE = 100 };

static mw_zone *zone;

/* A server that keeps TLS 1.2 sessions in a zone, and gives no tickets. */
static void shelved(const char *more)
{
    secure(mw_arena_z(arena, mw_arena_fmt(arena, "ssl_protocols TLSv1.2; ssl_session_tickets off; ssl_session_timeout "
                                          "100s; ssl_session_cache shared:a:%s;", more)));
    zone = rules()->session.zone;
    ck_assert_int_eq(mw_zone_open(zone), MW_OK);
}

static SSL_SESSION *session(void)
{
    SSL_SESSION *one;

    ck_assert_int_eq(meet(), MW_OK);
    one = SSL_get1_session(far);
    part();
    return one;
}

static bool resumes(SSL_SESSION *one)
{
    bool reused;

    dial();
    ck_assert_int_eq(SSL_set_session(far, one), 1);
    ck_assert_int_eq(shake(), MW_OK);
    reused = SSL_session_reused(far) == 1;
    part();
    return reused;
}

static unsigned count(void)
{
    const shelf *s = mw_zone_root(zone);
    unsigned     n = 0;

    for (const saved *one = at(zone, s->oldest); one != NULL; one = at(zone, one->newer))
        n++;
    return n;
}

START_TEST(kept_and_found)
{
    SSL_SESSION *one, *two;

    shelved("64k");
    one = session();
    two = session();
    ck_assert_uint_eq(count(), 2);
    ck_assert(resumes(one) && resumes(two) && resumes(one));
    ck_assert_uint_eq(count(), 2);
    SSL_SESSION_free(one);
    SSL_SESSION_free(two);
}
END_TEST

START_TEST(forgotten_in_time)
{
    SSL_SESSION *one;
    saved       *it;

    shelved("64k");
    one = session();
    it = at(zone, ((shelf *)mw_zone_root(zone))->newest);
    ck_assert_int_eq(it->until, worker.loop->clock.sec + LIFE);
    it->until = worker.loop->clock.sec - 1;
    ck_assert(!resumes(one));
    ck_assert_uint_eq(count(), 1);                  /* the one that was just made instead */
    SSL_SESSION_free(one);
}
END_TEST

START_TEST(removed)
{
    SSL_SESSION *one;

    shelved("64k");
    one = session();
    forget(rules()->ctx->ssl, one);
    ck_assert_uint_eq(count(), 0);
    forget(rules()->ctx->ssl, one);
    ck_assert(!resumes(one));
    SSL_SESSION_free(one);
}
END_TEST

START_TEST(the_oldest_make_room)
{
    SSL_SESSION *first, *last = NULL;
    unsigned     most = 0, n;

    shelved("32k");
    first = session();
    for (n = 0; n < 400 && (n == 0 || count() > most); n++) {
        most = count();
        SSL_SESSION_free(last);
        last = session();
    }
    ck_assert_uint_lt(n, 400);
    ck_assert_uint_gt(most, 10);
    ck_assert(resumes(last));
    ck_assert(!resumes(first));
    SSL_SESSION_free(first);
    SSL_SESSION_free(last);
}
END_TEST

START_TEST(chains_stay_whole)
{
    shelf *s;
    saved *all[60];

    shelved("256k");
    s = mw_zone_root(zone);
    mw_zone_lock(zone);
    for (unsigned i = 0; i < 60; i++) {             /* all in one slot */
        all[i] = take_room(zone, s, sizeof(saved), 0);
        ck_assert_ptr_nonnull(all[i]);
        *all[i] = (saved){ .until = 1, .id_length = 8, .id = { 7, 7, 7, 7, (uint8_t)i } };
        put_in(zone, s, all[i]);
    }
    for (unsigned i = 0; i < 60; i += 2)
        take_out(zone, s, all[i]);
    for (unsigned i = 0; i < 60; i++) {
        uint8_t id[8] = { 7, 7, 7, 7, (uint8_t)i };

        ck_assert_ptr_eq(find(zone, s, (mw_str){ (const char *)id, 8 }), i % 2 == 0 ? NULL : all[i]);
    }
    ck_assert_uint_eq(count(), 30);
    for (unsigned i = 59; i < 60; i -= 2)
        take_out(zone, s, all[i]);
    mw_zone_unlock(zone);
    ck_assert_uint_eq(s->oldest, 0);
    ck_assert_uint_eq(s->newest, 0);
}
END_TEST

START_TEST(an_id_that_is_none)
{
    int copy = 7;

    shelved("64k");
    ck_assert_int_eq(meet(), MW_OK);
    ck_assert_ptr_null(recall(mw_tls_conn_of(near)->ssl, (const unsigned char *)"1234", 4, &copy));
    ck_assert_int_eq(copy, 0);
    ck_assert_ptr_null(recall(mw_tls_conn_of(near)->ssl, (const unsigned char *)"", 0, &copy));
    ck_assert_ptr_null(recall(mw_tls_conn_of(near)->ssl, (const unsigned char *)"", ID_MOST + 1, &copy));
    part();
}
END_TEST

START_TEST(nothing_is_kept)
{
    SSL_SESSION *one;

    secure("ssl_protocols TLSv1.2; ssl_session_tickets off;");
    one = session();
    ck_assert(!resumes(one));
    SSL_SESSION_free(one);
}
END_TEST

START_TEST(no_slot)
{
    mw_tls_session *slot = NULL;
    mw_tls_conn     t = { .slot = &slot };

    mw_tls_session_drop(NULL);
    mw_tls_session_offer(&t, NULL);
    ck_assert_ptr_null(t.slot);
    mw_tls_session_offer(&t, &slot);
    ck_assert_ptr_eq(t.slot, &slot);
}
END_TEST

Suite *mw_suite(void)
{
    Suite *s = suite_create("tls/session");

    SECURE_CASE(s, kept_and_found);
    SECURE_CASE(s, forgotten_in_time);
    SECURE_CASE(s, removed);
    SECURE_CASE(s, the_oldest_make_room);
    SECURE_CASE(s, chains_stay_whole);
    SECURE_CASE(s, an_id_that_is_none);
    SECURE_CASE(s, nothing_is_kept);
    SECURE_CASE(s, no_slot);
    return s;
}

#include "run.h"
