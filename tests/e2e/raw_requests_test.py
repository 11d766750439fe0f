"""The local cloud's front door: requests that no client of AWS would send, signatures, the order of refusals."""

import datetime
import http.client
import json
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session

from e2e.cloud_user import ApiUser

TARGETS = {"ecs": "AmazonEC2ContainerServiceV20141113", "logs": "Logs_20140328"}

# What a user of Fargate tasks calls. All else that botocore knows is an UnknownOperationException.
SERVED = {
    "ecs": {
        "CreateCluster",
        "DeleteCluster",
        "DescribeClusters",
        "ListClusters",
        "RegisterTaskDefinition",
        "DescribeTaskDefinition",
        "DeregisterTaskDefinition",
        "DeleteTaskDefinitions",
        "ListTaskDefinitions",
        "ListTaskDefinitionFamilies",
        "RunTask",
        "StopTask",
        "DescribeTasks",
        "ListTasks",
        "ExecuteCommand",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
    },
    "logs": {
        "CreateLogGroup",
        "DeleteLogGroup",
        "DescribeLogGroups",
        "PutRetentionPolicy",
        "DeleteRetentionPolicy",
        "CreateLogStream",
        "DeleteLogStream",
        "DescribeLogStreams",
        "PutLogEvents",
        "GetLogEvents",
        "FilterLogEvents",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
        "TagLogGroup",
        "UntagLogGroup",
        "ListTagsLogGroup",
    },
}


class RawRequests(ApiUser):
    """Requests that no client of AWS would send."""

    def send(self, body=b"{}", target="ecs.ListTasks", service="ecs", method="POST", path="/", headers=(), **signing):
        """Status, headers and JSON body of the answer to a request that is signed as `signing` says."""
        prefix, _, operation = target.partition(".")
        all_headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{TARGETS.get(prefix, prefix)}.{operation}",
            **dict(headers),
        }
        request = botocore.awsrequest.AWSRequest(method, self.cloud.endpoint + path, all_headers, body)
        if signing.get("sign", True):
            credentials = botocore.credentials.Credentials(
                signing.get("key", "local"), signing.get("secret", "local"), signing.get("token")
            )
            signer = botocore.auth.SigV4Auth(credentials, service, signing.get("region", "us-east-1"))
            signer.add_auth(request)
        return self.transmit(method, path, signing.get("sent", body), dict(request.headers.items()))

    def transmit(self, method, path, body, headers):
        address = urllib.parse.urlsplit(self.cloud.endpoint)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"{}")
        finally:
            connection.close()

    def code(self, *arguments, **options):
        status, headers, body = self.send(*arguments, **options)
        self.assertEqual(headers["x-amzn-ErrorType"], body["__type"])
        self.assertRegex(headers["x-amzn-RequestId"], r"^[0-9a-f-]{36}$")
        return status, body["__type"]

    def test_a_right_one_is_answered(self):
        status, headers, body = self.send()
        self.assertEqual((status, body), (200, {"taskArns": []}))
        self.assertEqual(headers["Content-Type"], "application/x-amz-json-1.1")
        self.assertIn("Date", headers)

    def test_what_is_wrong_first_is_said(self):
        self.assertEqual(self.code(b"{", target="nobody.Knows", sign=False), (400, "SerializationException"))
        self.assertEqual(self.code(target="ecs.Fly", sign=False), (400, "UnknownOperationException"))
        self.assertEqual(self.code(target="nobody.ListTasks", sign=False), (400, "UnknownOperationException"))
        self.assertEqual(self.code(sign=False), (400, "MissingAuthenticationTokenException"))
        self.assertEqual(self.code(path="/other"), (400, "UnknownOperationException"))
        self.assertEqual(self.code(method="PUT"), (400, "UnknownOperationException"))

    def test_wrong_signatures(self):
        self.assertEqual(self.code(service="logs"), (400, "InvalidSignatureException"))
        self.assertEqual(self.code(region="eu-west-1"), (400, "InvalidSignatureException"))
        self.assertEqual(self.code(key="AKIAOTHER"), (400, "UnrecognizedClientException"))
        self.assertEqual(self.code(token="unasked"), (400, "UnrecognizedClientException"))
        self.assertEqual(self.code(secret="wrong"), (400, "InvalidSignatureException"))
        self.assertEqual(self.code(b"{}", sent=b'{"a":1}'), (400, "InvalidSignatureException"))

    def test_malformed_authorization(self):
        algorithm = "AWS4-HMAC-SHA256"
        for value in ("Basic bG9jYWw6bG9jYWw=", algorithm, f"{algorithm} Credential=a/b", f"{algorithm} ="):
            for extra in ({}, {"X-Amz-Date": "20260101T000000Z"}, {"X-Amz-Date": "yesterday"}):
                answer = self.code(sign=False, headers={"Authorization": value, **extra})
                self.assertEqual(answer, (400, "IncompleteSignatureException"), value)

    def test_a_replayed_request_is_good_for_a_quarter_of_an_hour(self):
        request = botocore.awsrequest.AWSRequest(
            "POST",
            self.cloud.endpoint + "/",
            {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGETS["ecs"] + ".ListTasks"},
            b"{}",
        )
        credentials = botocore.credentials.Credentials("local", "local")
        botocore.auth.SigV4Auth(credentials, "ecs", "us-east-1").add_auth(request)
        headers = dict(request.headers.items())
        self.addCleanup(self.cloud.admin.reset)
        for minutes, expected in ((0, 200), (14, 200), (16, 400), (-14, 200), (-16, 400)):
            self.cloud.admin.change(clockSkewMs=minutes * 60_000)
            status, answer_headers, body = self.transmit("POST", "/", b"{}", headers)
            self.assertEqual(status, expected, (minutes, body))
            if status == 400:
                self.assertEqual(body["__type"], "InvalidSignatureException")
                words = "Signature expired: " if minutes > 0 else "Signature not yet current: "
                self.assertTrue(body["message"].startswith(words), body)
                shown = datetime.datetime.strptime(answer_headers["Date"], "%a, %d %b %Y %H:%M:%S %Z")
                ahead = shown - datetime.datetime.utcnow()
                self.assertAlmostEqual(ahead.total_seconds() / 60, minutes, delta=1)

    def test_odd_bodies(self):
        for body in (b"[]", b'"text"', b"1", b'{"cluster":7}', b'{"maxResults":"many"}', b'{"maxResults":1e99}'):
            self.assertEqual(self.code(body), (400, "SerializationException"), body)
        self.assertEqual(self.code(b"\xff\xfe"), (400, "SerializationException"))
        nested = b'{"a":' + b"[" * 100_000
        self.assertEqual(self.code(nested), (400, "SerializationException"))

    def test_an_oversized_body(self):
        status, _, body = self.send(b'{"cluster":"' + b"x" * (17 * 1024 * 1024) + b'"}')
        self.assertEqual((status, body["__type"]), (413, "RequestEntityTooLargeException"))
        self.assertEqual(self.send()[0], 200)

    def test_null_is_as_good_as_nothing(self):
        self.assertEqual(self.send(b'{"cluster":null,"maxResults":null}')[0], 200)

    def test_everything_that_is_not_served_is_unknown(self):
        for service, served in SERVED.items():
            model = botocore.session.get_session().get_service_model(service)
            for operation in model.operation_names:
                status, _, body = self.send(target=f"{service}.{operation}", service=service)
                with self.subTest(service=service, operation=operation):
                    if operation in served:
                        self.assertNotEqual(body.get("__type"), "UnknownOperationException")
                        self.assertLess(status, 500, body)
                    else:
                        self.assertEqual((status, body["__type"]), (400, "UnknownOperationException"))

    def test_a_member_of_a_wrong_type_is_never_a_500(self):
        for service, served in SERVED.items():
            model = botocore.session.get_session().get_service_model(service)
            for operation in served:
                for member in model.operation_model(operation).input_shape.members:
                    for value in (7, -1, True, "", "x" * 5000, [], [{}], {}, {"a": {}}, [None]):
                        body = json.dumps({member: value}).encode()
                        status, _, answer = self.send(body, target=f"{service}.{operation}", service=service)
                        self.assertLess(status, 500, f"{operation} {body[:200]}: {answer}")


class SessionKeys(ApiUser):
    options = ("--access-key-id", "ASIATEMPORARY", "--secret-access-key", "hidden", "--session-token", "token+/=")

    def test_only_the_whole_key_will_do(self):
        right = {"key": "ASIATEMPORARY", "secret": "hidden", "token": "token+/="}
        self.client("ecs", **right).list_tasks()
        self.assertEqual(self.client("sts", **right).get_caller_identity()["Account"], "000000000000")
        for change, code in (
            ({"token": None}, "UnrecognizedClientException"),
            ({"token": "other"}, "UnrecognizedClientException"),
            ({"key": "local"}, "UnrecognizedClientException"),
            ({"secret": "guess"}, "InvalidSignatureException"),
        ):
            self.assert_code(code, self.client("ecs", **{**right, **change}).list_tasks)
        self.assert_code("InvalidClientTokenId", self.client("sts", **{**right, "token": "x"}).get_caller_identity)
