/* The page of metrics: what is counted stands on it, under labels that are few. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attrs.h"
#include "base/buf.h"
#include "metrics/metrics.h"

static struct buf page;

static int done(UNUSED void **state)
{
    buf_free(&page);
    return 0;
}

static bool shows(const char *line)
{
    buf_free(&page);
    metrics_render(&page);
    return strstr(buf_str(&page), line) != NULL;
}

static void decisions_count_by_class_and_outcome_and_by_outcome_and_reason(UNUSED void **state)
{
    struct decision decision = {.status = STATUS_ANSWERED, .label = "order"};

    decision_add_reason(&decision, REASON_CONFIDENT);
    metrics_outcome(STATUS_ANSWERED, &decision);
    metrics_outcome(STATUS_ANSWERED, &decision);
    metrics_outcome(STATUS_DUPLICATE, &decision);
    assert_true(shows("triaged_decisions_total{class=\"order\",outcome=\"answered\"} 2\n"));
    assert_true(shows("triaged_tickets_total{outcome=\"answered\",reason=\"confident\"} 2\n"));
    assert_true(shows("triaged_tickets_total{outcome=\"duplicate\",reason=\"confident\"} 1\n"));
    assert_false(shows("class=\"order\",outcome=\"duplicate\""));
}

static void a_listed_label_starts_at_nothing_and_an_unknown_one_is_other(UNUSED void **state)
{
    assert_true(shows("triaged_reloads_total{end=\"done\"} 0\n"));
    metrics_add(METRIC_RELOADS, "no such end", 1);
    assert_true(shows("triaged_reloads_total{end=\"other\"} 1\n"));
}

static void a_gauge_that_is_forgotten_is_gone_until_it_is_set_again(UNUSED void **state)
{
    metrics_series_set(METRIC_DRIFT_ALARM, "label_mix", "order", 1);
    metrics_series_set(METRIC_DRIFT_ALARM, "label_mix", "refund", 0);
    assert_true(shows("triaged_drift_alarm{signal=\"label_mix\",scope=\"order\"} 1\n"));
    metrics_series_forget(METRIC_DRIFT_ALARM);
    metrics_series_set(METRIC_DRIFT_ALARM, "label_mix", "refund", 0);
    assert_false(shows("scope=\"order\""));
    assert_true(shows("triaged_drift_alarm{signal=\"label_mix\",scope=\"refund\"} 0\n"));
}

static void what_means_something_in_a_label_is_escaped(UNUSED void **state)
{
    metrics_series_set(METRIC_GROUP_OPEN, "a \"b\" \\ c\nd", NULL, 2.5);
    assert_true(shows("triaged_group_open{group=\"a \\\"b\\\" \\\\ c\\nd\"} 2.5\n"));
}

static void a_metric_never_has_more_series_than_its_bound(UNUSED void **state)
{
    char name[16];
    size_t n = 0;

    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "ticket-%d", i);
        metrics_series_add(METRIC_ENDPOINT_OPEN, name, NULL, 1);
    }
    assert_true(shows("triaged_model_endpoint_open{endpoint=\"other\"} 4488\n"));
    for (const char *at = buf_str(&page); (at = strstr(at, "triaged_model_endpoint_open{")); at++)
        n++;
    assert_int_equal(n, 513);
}

static void a_histogram_adds_up(UNUSED void **state)
{
    metrics_series_observe(METRIC_ENDPOINT_SECONDS, "http://one", 900000);
    metrics_series_observe(METRIC_ENDPOINT_SECONDS, "http://one", 900000000);
    assert_true(shows("triaged_model_try_seconds_bucket{endpoint=\"http://one\",le=\"0.5\"} 0\n"));
    assert_true(shows("triaged_model_try_seconds_bucket{endpoint=\"http://one\",le=\"1\"} 1\n"));
    assert_true(shows("triaged_model_try_seconds_bucket{endpoint=\"http://one\",le=\"+Inf\"} 2\n"));
    assert_true(shows("triaged_model_try_seconds_sum{endpoint=\"http://one\"} 900.900000\n"));
    assert_true(shows("triaged_model_try_seconds_count{endpoint=\"http://one\"} 2\n"));
    metrics_observe(STAGE_COMMIT, 20);
    assert_true(shows("triaged_stage_seconds_count{stage=\"commit\"} 1\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_count_by_class_and_outcome_and_by_outcome_and_reason),
        cmocka_unit_test(a_listed_label_starts_at_nothing_and_an_unknown_one_is_other),
        cmocka_unit_test(a_gauge_that_is_forgotten_is_gone_until_it_is_set_again),
        cmocka_unit_test(what_means_something_in_a_label_is_escaped),
        cmocka_unit_test(a_metric_never_has_more_series_than_its_bound),
        cmocka_unit_test(a_histogram_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, done);
}
