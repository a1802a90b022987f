"""CloudWatch's operations by name, and the types of their requests."""

from collections.abc import Mapping
from functools import partial

from smtop.metrics.simulator.cloudwatch.alarm_changes import delete_alarms, put_metric_alarm
from smtop.metrics.simulator.cloudwatch.alarms import Alarms, describe_alarms
from smtop.metrics.simulator.cloudwatch.linked import Links, metric_data, metric_list
from smtop.metrics.simulator.cloudwatch.metric_data import get_metric_data
from smtop.metrics.simulator.cloudwatch.metric_list import MetricList
from smtop.metrics.simulator.cloudwatch.metric_statistics import get_metric_statistics
from smtop.metrics.simulator.wire.operation import Operation
from smtop.metrics.simulator.wire.shapes import Flag, Listing, Moment, Number, Record, Text

DIMENSIONS = Listing(Record({"Name": Text(), "Value": Text()}, ("Name",)))
METRIC = Record({"Namespace": Text(), "MetricName": Text(), "Dimensions": DIMENSIONS})
METRIC_STAT = Record({"Metric": METRIC, "Period": Number(), "Stat": Text(), "Unit": Text()})
QUERY = Record(
    {
        "Id": Text(),
        "MetricStat": METRIC_STAT,
        "Expression": Text(),
        "Period": Number(),
        "Label": Text(),
        "ReturnData": Flag(),
        "AccountId": Text(),
    }
)
TIMES = {"StartTime": Moment(), "EndTime": Moment()}

GET_METRIC_DATA = Record(
    {"MetricDataQueries": Listing(QUERY), "MaxDatapoints": Number(), "ScanBy": Text(), "NextToken": Text(), **TIMES}
)
GET_METRIC_STATISTICS = Record(
    {
        "Namespace": Text(),
        "MetricName": Text(),
        "Dimensions": DIMENSIONS,
        "Period": Number(),
        "Statistics": Listing(Text()),
        "ExtendedStatistics": Listing(Text()),
        **TIMES,
    }
)
LIST_METRICS = Record(
    {
        "Namespace": Text(),
        "MetricName": Text(),
        "Dimensions": DIMENSIONS,
        "NextToken": Text(),
        "RecentlyActive": Text(),
        "IncludeLinkedAccounts": Flag(),
        "OwningAccount": Text(),
    }
)
DESCRIBE_ALARMS = Record(
    {
        "AlarmNames": Listing(Text()),
        "AlarmNamePrefix": Text(),
        "AlarmTypes": Listing(Text()),
        "StateValue": Text(),
        "MaxRecords": Number(),
        "NextToken": Text(),
    }
)


PUT_METRIC_ALARM = Record(
    {
        **{name: Text() for name in ("AlarmName", "AlarmDescription", "MetricName", "Namespace", "Statistic", "Unit")},
        **{name: Text() for name in ("ExtendedStatistic", "ComparisonOperator", "TreatMissingData")},
        **{name: Number() for name in ("Period", "EvaluationPeriods", "DatapointsToAlarm")},
        **{name: Listing(Text()) for name in ("AlarmActions", "OKActions", "InsufficientDataActions")},
        "Threshold": Number(whole=False),
        "ActionsEnabled": Flag(),
        "Dimensions": DIMENSIONS,
    },
    ("AlarmName",),
)
DELETE_ALARMS = Record({"AlarmNames": Listing(Text())}, ("AlarmNames",))


def cloudwatch_operations(alarms: Alarms, links: Links) -> Mapping[str, Operation]:
    """The operations on one region's metrics and alarms, and on the metrics of accounts that are linked."""
    reader = alarms.reader
    return {
        "GetMetricData": Operation(GET_METRIC_DATA, metric_data(partial(get_metric_data, reader), links)),
        "GetMetricStatistics": Operation(
            GET_METRIC_STATISTICS, lambda request, now: get_metric_statistics(reader, request, now)
        ),
        "ListMetrics": Operation(LIST_METRICS, metric_list(MetricList(reader).page, links)),
        "PutMetricAlarm": Operation(PUT_METRIC_ALARM, lambda request, now: put_metric_alarm(alarms, request, now)),
        "DeleteAlarms": Operation(DELETE_ALARMS, lambda request, now: delete_alarms(alarms, request, now)),
        "DescribeAlarms": Operation(DESCRIBE_ALARMS, lambda request, now: describe_alarms(alarms, request, now)),
    }
