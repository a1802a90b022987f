"""CloudWatch's operations by name, and the types of their requests."""

from collections.abc import Mapping

from smtop.metrics.simulator.cloudwatch.alarms import Alarms, describe_alarms
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


def cloudwatch_operations(alarms: Alarms) -> Mapping[str, Operation]:
    """The operations on one region's metrics and alarms."""
    reader = alarms.reader
    return {
        "GetMetricData": Operation(GET_METRIC_DATA, lambda request, now: get_metric_data(reader, request, now)),
        "GetMetricStatistics": Operation(
            GET_METRIC_STATISTICS, lambda request, now: get_metric_statistics(reader, request, now)
        ),
        "ListMetrics": Operation(LIST_METRICS, MetricList(reader).page),
        "DescribeAlarms": Operation(DESCRIBE_ALARMS, lambda request, now: describe_alarms(alarms, request, now)),
    }
