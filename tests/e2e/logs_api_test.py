"""The local cloud's CloudWatch Logs by boto3 and aws-cli: every operation, its limits, pages and tokens."""

import os
import shutil
import time
import unittest

from support.daemon import clean_environment
from support.processes import Background, wait_until

from e2e.cloud_user import GROUP, ApiUser

AWS_CLI = shutil.which("aws", path="/usr/bin") or shutil.which("aws")
DAY_MS = 24 * 3600 * 1000


class Logs(ApiUser):
    def make(self, group, stream="s"):
        self.logs.create_log_group(logGroupName=group)
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        return {"logGroupName": group, "logStreamName": stream}

    def put(self, place, *messages, at=None):
        start = int(time.time() * 1000) if at is None else at
        events = [{"timestamp": start + number, "message": text} for number, text in enumerate(messages)]
        return self.logs.put_log_events(**place, logEvents=events)

    @staticmethod
    def messages(answer):
        return [event["message"] for event in answer["events"]]

    def test_groups(self):
        self.logs.create_log_group(logGroupName="/groups/a", tags={"team": "blue"})
        self.logs.create_log_group(logGroupName="/groups/b")
        groups = self.logs.describe_log_groups(logGroupNamePrefix="/groups/")["logGroups"]
        self.assertEqual([group["logGroupName"] for group in groups], ["/groups/a", "/groups/b"])
        self.assertEqual(groups[0]["arn"], groups[0]["logGroupArn"] + ":*")
        self.assertEqual((groups[0]["storedBytes"], groups[0]["logGroupClass"]), (0, "STANDARD"))
        self.assertNotIn("retentionInDays", groups[0])
        found = self.logs.describe_log_groups(logGroupNamePattern="oups/b")["logGroups"]
        self.assertEqual([group["logGroupName"] for group in found], ["/groups/b"])
        for code, call, options in (
            ("ResourceAlreadyExistsException", self.logs.create_log_group, {"logGroupName": "/groups/a"}),
            ("InvalidParameterException", self.logs.create_log_group, {"logGroupName": "no spaces"}),
            ("InvalidParameterException", self.logs.create_log_group, {"logGroupName": "aws/mine"}),
            ("ResourceNotFoundException", self.logs.delete_log_group, {"logGroupName": "/none"}),
            ("InvalidParameterException", self.logs.describe_log_groups, {"limit": 51}),
            (
                "InvalidParameterException",
                self.logs.describe_log_groups,
                {"logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
            ),
        ):
            with self.subTest(call=call.__name__, **options):
                self.assert_code(code, call, **options)
        self.logs.delete_log_group(logGroupName="/groups/b")
        self.assert_code("ResourceNotFoundException", self.logs.delete_log_group, logGroupName="/groups/b")

    def test_retention(self):
        self.logs.create_log_group(logGroupName="/kept")

        def days():
            return self.logs.describe_log_groups(logGroupNamePrefix="/kept")["logGroups"][0].get("retentionInDays")

        self.logs.put_retention_policy(logGroupName="/kept", retentionInDays=3653)
        self.assertEqual(days(), 3653)
        self.assert_code(
            "InvalidParameterException", self.logs.put_retention_policy, logGroupName="/kept", retentionInDays=2
        )
        self.logs.delete_retention_policy(logGroupName="/kept")
        self.assertIsNone(days())

    def test_tags_of_groups(self):
        self.logs.create_log_group(logGroupName="/tagged", tags={"a": "1"})
        arn = self.logs.describe_log_groups(logGroupNamePrefix="/tagged")["logGroups"][0]["logGroupArn"]
        self.logs.tag_resource(resourceArn=arn, tags={"b": "2", "a": "3"})
        self.assertEqual(self.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"a": "3", "b": "2"})
        self.logs.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.logs.tag_log_group(logGroupName="/tagged", tags={"c": "4"})
        self.assertEqual(self.logs.list_tags_log_group(logGroupName="/tagged")["tags"], {"b": "2", "c": "4"})
        self.logs.untag_log_group(logGroupName="/tagged", tags=["b"])
        self.assertEqual(self.logs.list_tags_for_resource(resourceArn=arn)["tags"], {"c": "4"})
        self.assert_code("ResourceNotFoundException", self.logs.list_tags_for_resource, resourceArn=arn + "-none")
        self.assert_code("InvalidParameterException", self.logs.tag_resource, resourceArn=arn, tags={"aws:x": ""})

    def test_streams(self):
        place = self.make("/streams", "b")
        self.logs.create_log_stream(logGroupName="/streams", logStreamName="a")
        self.logs.create_log_stream(logGroupName="/streams", logStreamName="a/2")
        self.put(place, "one", "two")
        streams = self.logs.describe_log_streams(logGroupName="/streams")["logStreams"]
        names = [each["logStreamName"] for each in streams]
        self.assertEqual(names, ["a", "a/2", "b"])
        latest = self.logs.describe_log_streams(
            logGroupName="/streams", orderBy="LastEventTime", descending=True, limit=1
        )
        stream = latest["logStreams"][0]
        self.assertEqual(stream["logStreamName"], "b")
        self.assertEqual(stream["lastEventTimestamp"] - stream["firstEventTimestamp"], 1)
        self.assertTrue(stream["arn"].endswith(":log-group:/streams:log-stream:b"))
        paginator = self.logs.get_paginator("describe_log_streams")
        pages = list(paginator.paginate(logGroupName="/streams", PaginationConfig={"PageSize": 2}))
        self.assertEqual([len(page["logStreams"]) for page in pages], [2, 1])
        self.logs.delete_log_stream(logGroupName="/streams", logStreamName="a/2")
        by_prefix = self.logs.describe_log_streams(logGroupName="/streams", logStreamNamePrefix="a")["logStreams"]
        self.assertEqual([each["logStreamName"] for each in by_prefix], ["a"])
        for code, call, options in (
            ("ResourceAlreadyExistsException", self.logs.create_log_stream, place),
            ("ResourceNotFoundException", self.logs.create_log_stream, {**place, "logGroupName": "/none"}),
            ("InvalidParameterException", self.logs.create_log_stream, {**place, "logStreamName": "a:b"}),
            ("ResourceNotFoundException", self.logs.delete_log_stream, {**place, "logStreamName": "none"}),
            ("ResourceNotFoundException", self.logs.describe_log_streams, {"logGroupName": "/none"}),
            (
                "InvalidParameterException",
                self.logs.describe_log_streams,
                {"logGroupName": "/streams", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"},
            ),
        ):
            with self.subTest(call=call.__name__, **options):
                self.assert_code(code, call, **options)

    def test_what_put_refuses(self):
        place, now = self.make("/put"), int(time.time() * 1000)

        def event(offset, message="x"):
            return {"timestamp": now + offset, "message": message}

        for events in (
            [],
            [event(1), event(0)],
            [event(0)] * 10_001,
            [event(0, "x" * 1_048_551)],
            [event(-DAY_MS - 1), event(0)],
        ):
            with self.subTest(count=len(events)):
                self.assert_code("InvalidParameterException", self.logs.put_log_events, **place, logEvents=events)
        self.logs.put_log_events(**place, logEvents=[event(0, "x" * 1_048_550)])
        for place_without in ({"logGroupName": "/none"}, {"logStreamName": "none"}):
            elsewhere = {**place, **place_without}
            self.assert_code("ResourceNotFoundException", self.logs.put_log_events, **elsewhere, logEvents=[event(0)])

    def test_untimely_events_are_rejected_silently(self):
        place, now = self.make("/untimely"), int(time.time() * 1000)

        def rejected(*times):
            events = [{"timestamp": at, "message": "x"} for at in times]
            return self.logs.put_log_events(**place, logEvents=events).get("rejectedLogEventsInfo")

        self.assertIsNone(rejected(now))
        hour = 3600 * 1000
        self.assertEqual(rejected(now, now + 3 * hour), {"tooNewLogEventStartIndex": 1})
        self.assertEqual(
            rejected(now - 14 * DAY_MS - hour, now - 14 * DAY_MS + hour), {"tooOldLogEventEndIndex": 1}
        )
        self.logs.put_retention_policy(logGroupName="/untimely", retentionInDays=1)
        self.assertEqual(rejected(now - DAY_MS - hour, now - hour * 2), {"expiredLogEventEndIndex": 1})

    def test_paging_through_a_stream(self):
        place = self.make("/pages")
        self.put(place, *[f"line {number}" for number in range(25)])
        seen, token = [], None
        while True:
            options = {"nextToken": token} if token else {}
            page = self.logs.get_log_events(**place, startFromHead=True, limit=10, **options)
            seen += self.messages(page)
            if page["nextForwardToken"] == token:
                break
            token = page["nextForwardToken"]
        self.assertEqual(seen, [f"line {number}" for number in range(25)])
        self.put(place, "later")
        more = self.logs.get_log_events(**place, startFromHead=True, nextToken=token)
        self.assertEqual(self.messages(more), ["later"])
        last = self.logs.get_log_events(**place, limit=2)
        before = self.logs.get_log_events(**place, limit=2, nextToken=last["nextBackwardToken"])
        self.assertEqual(self.messages(before) + self.messages(last), ["line 22", "line 23", "line 24", "later"])
        for code, options in (
            ("InvalidParameterException", {"nextToken": "f/1/s"}),
            ("InvalidParameterException", {"limit": 0}),
            ("InvalidParameterException", {"limit": 10_001}),
            ("InvalidParameterException", {"logGroupIdentifier": "/pages"}),
            ("ResourceNotFoundException", {"logStreamName": "none"}),
        ):
            with self.subTest(**options):
                self.assert_code(code, self.logs.get_log_events, **{**place, **options})

    def test_pages_hold_a_megabyte(self):
        place = self.make("/large")
        for _ in range(3):
            self.put(place, "x" * 400_000, "y" * 400_000)
        page = self.logs.get_log_events(**place, startFromHead=True)
        self.assertEqual(len(page["events"]), 2)
        pages = list(self.logs.get_paginator("filter_log_events").paginate(logGroupName="/large"))
        self.assertEqual(sum(len(page["events"]) for page in pages), 6)
        self.assertGreater(len(pages), 2)

    def test_filtering(self):
        place = self.make("/filter", "web/1")
        other = {"logGroupName": "/filter", "logStreamName": "db/1"}
        self.logs.create_log_stream(**other)
        now = int(time.time() * 1000)
        self.put(place, "GET / 200", "GET /x 404", "an error occurred", at=now)
        self.put(other, "ERROR: disk", "warn: disk nearly full", at=now + 1)

        def found(pattern="", **options):
            paginator = self.logs.get_paginator("filter_log_events")
            pages = paginator.paginate(logGroupName="/filter", filterPattern=pattern, **options)
            return [event["message"] for page in pages for event in page["events"]]

        everything = ["GET / 200", "GET /x 404", "ERROR: disk", "an error occurred", "warn: disk nearly full"]
        self.assertEqual(found(), everything)
        self.assertEqual(found(PaginationConfig={"PageSize": 1}), everything)
        self.assertEqual(found("ERROR"), ["ERROR: disk"])
        self.assertEqual(found("disk -ERROR"), ["warn: disk nearly full"])
        self.assertEqual(found("?ERROR ?404"), ["GET /x 404", "ERROR: disk"])
        self.assertEqual(found('"nearly full"'), ["warn: disk nearly full"])
        self.assertEqual(found(logStreamNamePrefix="db"), ["ERROR: disk", "warn: disk nearly full"])
        middle = found(logStreamNames=["web/1"], startTime=now + 1, endTime=now + 2)
        self.assertEqual(middle, ["GET /x 404", "an error occurred"])
        answer = self.logs.filter_log_events(logGroupName="/filter")
        self.assertEqual(len({event["eventId"] for event in answer["events"]}), 5)
        self.assertNotIn("nextToken", answer)
        for code, options in (
            ("InvalidParameterException", {"logStreamNames": ["a"], "logStreamNamePrefix": "a"}),
            ("ResourceNotFoundException", {"logStreamNames": ["none"]}),
            ("InvalidParameterException", {"filterPattern": '"open'}),
            ("InvalidParameterException", {"filterPattern": "x" * 1025}),
            ("InvalidParameterException", {"nextToken": "x"}),
        ):
            with self.subTest(**options):
                self.assert_code(code, self.logs.filter_log_events, logGroupName="/filter", **options)

    def test_filtering_from_the_newest_on(self):
        place = self.make("/newest")
        other = {"logGroupName": "/newest", "logStreamName": "t"}
        self.logs.create_log_stream(**other)
        now = int(time.time() * 1000)
        self.put(place, *[f"{number}" for number in range(0, 700)], at=now)
        self.put(other, *[f"{number}" for number in range(700, 1000)], at=now + 700)
        backward = [f"{number}" for number in range(999, -1, -1)]

        def found(**options):
            paginator = self.logs.get_paginator("filter_log_events")
            pages = paginator.paginate(logGroupName="/newest", startFromHead=False, **options)
            return [event["message"] for page in pages for event in page["events"]]

        self.assertEqual(found(), backward)
        self.assertEqual(found(PaginationConfig={"PageSize": 77}), backward)
        self.assertEqual(found(startTime=now + 3, endTime=now + 5), ["5", "4", "3"])
        first = self.logs.filter_log_events(logGroupName="/newest", startFromHead=False, limit=2)
        turned = self.logs.filter_log_events(
            logGroupName="/newest", startFromHead=True, limit=2, nextToken=first["nextToken"]
        )
        self.assertEqual(self.messages(first) + self.messages(turned), backward[:4])  # the token has the direction
        self.assert_code(
            "InvalidParameterException",
            self.logs.filter_log_events,
            logGroupName="/newest",
            startFromHead=False,
            startTime=1_704_067_199_999,
        )

    def test_filtering_by_what_is_inside(self):
        place = self.make("/inside")
        documents = ('{"level":"error","code":503}', '{"level":"info","code":200}')
        lines = (*documents, '10.0.0.1 - [now] "GET /x" 404 12', "plain")
        self.put(place, *lines)

        def found(pattern):
            return self.messages(self.logs.filter_log_events(logGroupName="/inside", filterPattern=pattern))

        self.assertEqual(found('{ $.level = "error" }'), [lines[0]])
        self.assertEqual(found("{ $.code >= 200 && $.code < 300 }"), [lines[1]])
        self.assertEqual(found('{ $.code = 503 || $.level = "inf*" }'), [lines[0], lines[1]])
        self.assertEqual(found("[ip, dash, time, request = GET*, status = 4*, bytes > 10]"), [lines[2]])
        self.assertEqual(found(r"%^10\.0\.%"), [lines[2]])
        self.assertEqual(found("{ $.level = %^in% }"), [lines[1]])
        for pattern in ("{ $.code = }", "[a, b", "%(regular%"):
            self.assert_code(
                "InvalidParameterException", self.logs.filter_log_events, logGroupName="/inside", filterPattern=pattern
            )

    def test_by_arn(self):
        place = self.make("/arn")
        self.put(place, "one")
        arn = self.logs.describe_log_groups(logGroupNamePrefix="/arn")["logGroups"][0]["arn"]
        answer = self.logs.get_log_events(logGroupIdentifier=arn, logStreamName="s")
        self.assertEqual(self.messages(answer), ["one"])
        self.assertEqual(self.messages(self.logs.filter_log_events(logGroupIdentifier=arn[:-2])), ["one"])

    @unittest.skipUnless(AWS_CLI, "this distribution has no awscli")
    def test_aws_logs_tail_follows_a_task(self):
        script = "for n in 1 2 3; do echo line $n; sleep 0.4; done; while [ ! -e /stop ]; do sleep 0.1; done"
        definition = self.register(self.ecs, "tailed", ["sh", "-c", script])
        arn = self.launch(definition)["tasks"][0]["taskArn"]
        self.addCleanup(self.ecs.stop_task, task=arn)
        self.wait_status(self.ecs, arn, "RUNNING")
        environment = clean_environment(
            {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
        )
        environment["PYTHONUNBUFFERED"] = "1"
        command = [AWS_CLI, "--endpoint-url", self.cloud.endpoint]
        command += ["logs", "tail", GROUP, "--follow", "--format", "short"]
        log = self.cloud.folder / f"tail-{os.getpid()}"
        tail = Background(command, log, environment)
        self.addCleanup(tail.kill)
        wait_until(lambda: "line 3" in log.read_text(encoding="utf-8"), "the last line is shown", 40)
        shown = [line.rpartition(" line ")[2] for line in log.read_text(encoding="utf-8").splitlines()]
        self.assertEqual(shown, ["1", "2", "3"])
