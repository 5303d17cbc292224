/* run.h - main() of a unit test: include it last, after mw_suite().
 * CK_FORK=no and CK_RUN_CASE=NAME help in a debugger (Check reads them).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef MW_UNIT_RUN_H
#define MW_UNIT_RUN_H

#include <check.h>
#include <stdlib.h>

Suite *mw_suite(void);

int main(void)
{
    SRunner *runner = srunner_create(mw_suite());
    int      failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
