/* clock.c - wall and monotonic time, read once per turn of a loop, and their texts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "core/clock.h"

#include <stdlib.h>
#include <time.h>

#include "core/must.h"
#include "core/scan.h"

typedef struct civil { int year; unsigned month, day, hour, minute, second; } civil;     /* month 1..12 */

static const char months[12][4] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/* Days since 1970-01-01, of the Gregorian calendar; years begin in March, so that the leap day comes last. */
static int64_t days_of(int year, unsigned month, unsigned day)
{
    int64_t y   = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era  = y - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static civil civil_of(int64_t t)
{
    int64_t days = t / 86400 - (t % 86400 < 0), left = t - days * 86400;
    int64_t z    = days + 719468;
    int64_t era  = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe  = z - era * 146097;                                        /* day of the era, 0..146096 */
    int64_t yoe  = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy  = doe - (365 * yoe + yoe / 4 - yoe / 100);                 /* from the first of March */
    int64_t mp   = (5 * doy + 2) / 153;
    civil   c;

    c.month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    c.year = (int)(yoe + era * 400 + (c.month <= 2));
    c.day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    c.hour = (unsigned)(left / 3600);
    c.minute = (unsigned)(left / 60 % 60);
    c.second = (unsigned)(left % 60);
    return c;
}

static void write_hms(mw_out *o, const civil *c)
{
    mw_out_padded(o, c->hour, 2);
    mw_out_char(o, ':');
    mw_out_padded(o, c->minute, 2);
    mw_out_char(o, ':');
    mw_out_padded(o, c->second, 2);
}

static void write_ymd(mw_out *o, const civil *c, char between)
{
    mw_out_padded(o, (uint64_t)c->year, 4);
    mw_out_char(o, between);
    mw_out_padded(o, c->month, 2);
    mw_out_char(o, between);
    mw_out_padded(o, c->day, 2);
}

/* "+0130", or with a colon "+01:30". */
static void write_zone(mw_out *o, long zone, bool colon)
{
    unsigned long minutes = (unsigned long)labs(zone) / 60;

    mw_out_char(o, zone < 0 ? '-' : '+');
    mw_out_padded(o, minutes / 60, 2);
    if (colon)
        mw_out_char(o, ':');
    mw_out_padded(o, minutes % 60, 2);
}

static void write_log(mw_out *o, const civil *c, long zone)
{
    mw_out_padded(o, c->day, 2);
    mw_out_char(o, '/');
    mw_out_str(o, mw_str_of(months[c->month - 1]));
    mw_out_char(o, '/');
    mw_out_padded(o, (uint64_t)c->year, 4);
    mw_out_char(o, ':');
    write_hms(o, c);
    mw_out_char(o, ' ');
    write_zone(o, zone, false);
}

static void write_syslog(mw_out *o, const civil *c)         /* RFC 3164 4.1.2: the day padded with a space */
{
    mw_out_str(o, mw_str_of(months[c->month - 1]));
    mw_out_str(o, c->day < 10 ? MW_STR("  ") : MW_STR(" "));
    mw_out_u64(o, c->day);
    mw_out_char(o, ' ');
    write_hms(o, c);
}

static void end_text(char *text, size_t size, const mw_out *o)
{
    MW_MUST(o->at == text && !o->cut && o->len == size - 1);
    text[o->len] = '\0';
}

static void write_texts(mw_clock *c)
{
    civil  local = civil_of(c->sec + c->zone);
    mw_out o = mw_out_on(c->http, sizeof c->http - 1);

    mw_out_http_date(&o, c->sec);
    end_text(c->http, sizeof c->http, &o);

    o = mw_out_on(c->log, sizeof c->log - 1);
    write_log(&o, &local, c->zone);
    end_text(c->log, sizeof c->log, &o);

    o = mw_out_on(c->iso, sizeof c->iso - 1);
    write_ymd(&o, &local, '-');
    mw_out_char(&o, 'T');
    write_hms(&o, &local);
    write_zone(&o, c->zone, true);
    end_text(c->iso, sizeof c->iso, &o);

    o = mw_out_on(c->error, sizeof c->error - 1);
    write_ymd(&o, &local, '/');
    mw_out_char(&o, ' ');
    write_hms(&o, &local);
    end_text(c->error, sizeof c->error, &o);

    o = mw_out_on(c->syslog, sizeof c->syslog - 1);
    write_syslog(&o, &local);
    end_text(c->syslog, sizeof c->syslog, &o);
}

/* Seconds east of Greenwich at that time, from the system's time zone. */
static long zone_at(mw_time t)
{
    time_t    system = (time_t)t;
    struct tm tm;

    return localtime_r(&system, &tm) != NULL ? tm.tm_gmtoff : 0;
}

void mw_clock_read(mw_clock *c)
{
    struct timespec wall, since;

    MW_MUST(clock_gettime(CLOCK_REALTIME, &wall) == 0 && clock_gettime(CLOCK_MONOTONIC, &since) == 0);
    c->msec = (unsigned)(wall.tv_nsec / 1000000);
    c->now = (uint64_t)since.tv_sec * 1000 + (uint64_t)since.tv_nsec / 1000000;
    if (c->sec == (mw_time)wall.tv_sec && c->http[0] != '\0')
        return;
    c->sec = (mw_time)wall.tv_sec;
    c->zone = zone_at(c->sec);
    write_texts(c);
}

const mw_clock *mw_clock_here(void)
{
    static _Thread_local mw_clock here;         /* not a loop's: whoever logs may have none */

    mw_clock_read(&here);
    return &here;
}

mw_time mw_time_from_utc(int year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second)
{
    return days_of(year, month, day) * 86400 + (int64_t)hour * 3600 + (int64_t)minute * 60 + (int64_t)second;
}

/* ------------------------------------------------------------------------------------------ dates of HTTP */

static bool take_digits(mw_scan *s, size_t n, unsigned *value)
{
    mw_str text = mw_scan_take(s, n);
    size_t i;

    *value = 0;
    for (i = 0; i < text.len; i++) {
        if (!mw_is_digit(text.at[i]))
            return false;
        *value = *value * 10 + (unsigned)(text.at[i] - '0');
    }
    return text.len == n;
}

static bool take_month(mw_scan *s, unsigned *month)
{
    mw_str   text = mw_scan_take(s, 3);
    unsigned i;

    for (i = 0; i < 12; i++) {
        if (mw_str_eq(text, mw_str_of(months[i]))) {
            *month = i + 1;
            return true;
        }
    }
    return false;
}

static bool take_hms(mw_scan *s, civil *c)
{
    return take_digits(s, 2, &c->hour) && mw_scan_char(s, ':') && take_digits(s, 2, &c->minute)
        && mw_scan_char(s, ':') && take_digits(s, 2, &c->second);
}

/* " GMT", to the end; old browsers write "; length=123" behind it. */
static bool take_gmt(mw_scan *s)
{
    return (mw_scan_str(s, MW_STR(" GMT")) || mw_scan_str(s, MW_STR(" UTC")))
        && (mw_scan_end(s) || mw_scan_peek(s) == ';');
}

/* "06 Nov 1994 08:49:37 GMT" */
static bool take_fixdate(mw_scan *s, civil *c)
{
    unsigned year;

    if (!take_digits(s, 2, &c->day) || !mw_scan_char(s, ' ') || !take_month(s, &c->month) || !mw_scan_char(s, ' ')
        || !take_digits(s, 4, &year) || !mw_scan_char(s, ' ') || !take_hms(s, c))
        return false;
    c->year = (int)year;
    return take_gmt(s);
}

/* "06-Nov-94 08:49:37 GMT": a year below 70 is one of this century. */
static bool take_rfc850(mw_scan *s, civil *c)
{
    unsigned year;

    if (!take_digits(s, 2, &c->day) || !mw_scan_char(s, '-') || !take_month(s, &c->month) || !mw_scan_char(s, '-')
        || !take_digits(s, 2, &year) || !mw_scan_char(s, ' ') || !take_hms(s, c))
        return false;
    c->year = (int)(year < 70 ? 2000 + year : 1900 + year);
    return take_gmt(s);
}

/* "Nov  6 08:49:37 1994", what asctime(3) writes */
static bool take_asctime(mw_scan *s, civil *c)
{
    unsigned year;

    if (!take_month(s, &c->month) || !mw_scan_char(s, ' '))
        return false;
    if (!take_digits(s, mw_scan_char(s, ' ') ? 1 : 2, &c->day))
        return false;
    if (!mw_scan_char(s, ' ') || !take_hms(s, c) || !mw_scan_char(s, ' ') || !take_digits(s, 4, &year))
        return false;
    c->year = (int)year;
    return mw_scan_end(s);
}

static bool possible(const civil *c)
{
    static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;

    return c->year > 0 && c->day >= 1 && c->day <= days[c->month - 1] + (c->month == 2 && leap ? 1u : 0u)
        && c->hour <= 23 && c->minute <= 59 && c->second <= 60;         /* 60: RFC 9110 5.6.7, a leap second */
}

bool mw_http_date(mw_str text, mw_time *t)
{
    mw_str  weekday, rest;
    mw_scan s;
    civil   c = { 0 };
    mw_time when;
    bool    fine;

    text = mw_str_trim(text);
    if (mw_str_cut(text, ',', &weekday, &rest)) {
        s.left = mw_str_trim(rest);
        fine = mw_str_char(s.left, 2) == '-' ? take_rfc850(&s, &c) : take_fixdate(&s, &c);
    } else {
        s.left = text;
        weekday = mw_scan_take(&s, 3);
        fine = mw_scan_char(&s, ' ') && take_asctime(&s, &c);
    }
    if (!fine || weekday.len < 3 || !mw_is_alpha(weekday.at[0]) || !possible(&c))
        return false;
    when = mw_time_from_utc(c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (when >= mw_time_from_utc(10000, 1, 1, 0, 0, 0))         /* a leap second may lead out of four digits */
        return false;
    *t = when;
    return true;
}

void mw_out_strftime(mw_out *o, const char *format, mw_time t, bool local)
{
    time_t     system = (time_t)t;
    char       text[1024];
    struct tm  room;
    struct tm *tm = local ? localtime_r(&system, &room) : gmtime_r(&system, &room);

    if (tm != NULL)
        mw_out_str(o, (mw_str){ text, strftime(text, sizeof text, format, tm) });
}
