#!/usr/bin/env python3
"""Audits of a tiny service over HTTP (services/profiles.py): stale and well-routed, hostile, behind a login and TLS."""

import json
import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))

from command import BAD_INPUT, ENVIRONMENT_FAILED, HELD, UNKNOWN, VIOLATED, CommandTest, processes_of, read_quietly  # noqa: E402
from command import rows_of, run_all, verdicts_of, wait_until  # noqa: E402

SECRET = "hunter2-Sesame/&=%"
OTHER_SECRET = 'another "secret" 42'


class ServiceTest(CommandTest):
    def setUp(self):
        super().setUp()
        self.services = 0

    def service(self, *arguments, program=(sys.executable, "-B", HERE / "services/profiles.py")):
        """Starts a service that ends with the test; its port."""
        process = subprocess.Popen([str(word) for word in (*program, *arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        def end():
            process.stdin.close()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()

        self.addCleanup(end)
        return int(process.stdout.readline())

    def certificate(self):
        """The files of a key and of a certificate that it signed itself, for the loopback address."""
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        return key, certificate

    def scenario(self, port, scheme="http", **changes):
        """A scenario file for the service; members that are None are left out."""
        described = {
            "system": "http",
            "nodes": [{"name": "api", "url": f"{scheme}://127.0.0.1:{port}"}],
            "write": {"method": "PUT", "path": "/users/{run}-{key}/bio", "json": {"bio": "{value}"},
                      "position": {"header": "X-Position"}, "definite_failure": [400, 404, 409]},
            "read": {"path": "/users/{run}-{key}/bio", "value": {"json": "/bio"}, "absent": [404],
                     "position": {"header": "X-Position"}, "node": {"header": "X-Served-By"}},
            "append": {"path": "/lists/{run}-{key}", "json": {"element": "{value}"}},
            "read-delay": "1ms..300ms",
        } | changes
        self.services += 1
        name = f"service-{self.services}.json"
        text = json.dumps({name: member for name, member in described.items() if member is not None})
        (self.folder / name).write_text(text, encoding="utf-8")
        return name

    def operations(self, out):
        lines = (self.folder / out / "history.jsonl").read_text(encoding="utf-8").splitlines()
        return [op for op in map(json.loads, lines) if op["kind"] == "op"]

    def wrote_anywhere(self, *words):
        """Fails if one of the words stands in a file of the test's folder or was printed."""
        texts = {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        for run in self.runs:
            texts[f"stdout of {run.arguments}"] = run.out.encode()
            texts[f"stderr of {run.arguments}"] = run.err.encode()
        for where, text in texts.items():
            for word in words:
                self.assertNotIn(word.encode(), text, where)


class Verdicts(ServiceTest):
    def test_reads_of_a_lagging_replica_are_stale(self):
        file = self.scenario(self.service("--lag", 0.5))
        report = self.audit("--duration", "4s", out="run", system=file, code=VIOLATED)
        self.assertEqual(verdicts_of(report)["read-your-writes"], "violated")
        self.assertEqual(report["run"]["system"], "http")
        self.assertIn("replica", {op["node"] for op in self.operations("run")})
        self.assertTrue(any("no beats" in note for note in report["notes"]), report["notes"])

    def test_what_is_routed_right_holds(self):
        sends = {"send_position": {"header": "If-Min-Position"}}
        read = json.loads((self.folder / self.scenario(0)).read_text())["read"]

        def audit(route, **changes):
            file = self.scenario(self.service("--lag", 0.5, "--route", route), **changes)
            return self.audit("--until", "at-risk=30", "--duration", "100s", "--min-at-risk", 30, out=route, system=file, code=HELD)

        # Cookies make it sticky; positions make it wait for what the session has seen.
        for report in run_all([lambda: audit("sticky"), lambda: audit("position", read=read | sends)]):
            self.assertEqual(set(verdicts_of(report).values()), {"held"})
            self.assertGreaterEqual(rows_of(report)["read-your-writes"]["at_risk"], 30)

    def test_cookies_are_what_makes_it_sticky(self):
        file = self.scenario(self.service("--lag", 0.5, "--route", "sticky"), session={"cookies": False})
        self.audit("--duration", "4s", out="run", system=file, code=VIOLATED)

    def test_lists(self):
        read = {"path": "/lists/{run}-{key}", "value": {"json": "/items", "each": "/text"}}
        file = self.scenario(self.service("--lag", 0.5), read=read)
        report = self.audit("--workload", "append", "--duration", "4s", out="run", system=file, code=VIOLATED)
        self.assertEqual(report["anomalies"], {})
        self.assertTrue(any(isinstance(op["value"], list) for op in self.operations("run")))

    def test_nodes_are_asked_by_the_read_policies_and_probed(self):
        leader, replica = self.service("--lag", 0.4, "--route", "leader"), None
        nodes = [{"name": "first", "url": f"http://127.0.0.1:{leader}"}, {"name": "second", "url": f"http://127.0.0.1:{leader}"}]
        probe = {"write": {"path": "/beat", "json": {"beat": "{beat}"}}, "read": {"path": "/beat?node=replica", "value": {"json": "/beat"}}}
        file = self.scenario(leader, nodes=nodes, lag_probe=probe)
        report = self.audit("--read-policy", "any-replica", "--duration", "4s", out="run", system=file, code=HELD)
        self.assertEqual({op["role"] for op in self.operations("run") if op["f"] == "write"}, {"leader"})
        samples = [json.loads(line) for line in (self.folder / "run/history.jsonl").read_text().splitlines() if '"kind":"lag"' in line]
        self.assertGreater(max(sample.get("lag_ms", 0) for sample in samples if sample["node"] == "second"), 200)
        self.assertGreaterEqual(rows_of(report)["read-your-writes"]["at_risk"], 30)

    def test_client_links_can_be_cut(self):
        file = self.scenario(self.service("--lag", 0.4))
        self.audit("--fault", "partition:api,links=clients@1s..2s", "--op-timeout", "500ms", "--duration", "3s", out="run", system=file,
                   code=VIOLATED)
        self.assertTrue(any(op["type"] != "ok" for op in self.operations("run")))


class Hostile(ServiceTest):
    """A service routed right that misbehaves: whatever it does, no breach is reported, and the report says what it did."""

    # bug -> (the outcomes that its victims have, what the report says)
    BUGS = {
        "reset-before": ({"info"}, "broke"),
        "reset-after": ({"info"}, "broke"),
        "500-after": ({"info"}, "500"),
        "slow-write": ({"info"}, "by the deadline"),
        "redirect-write": ({"info"}, "redirect"),
        "truncate": ({"info"}, "bytes remaining"),
        "html": ({"fail"}, "no JSON (text/html)"),
        "redirect-loop": ({"fail"}, "more than 5"),
        "slow-read": ({"info"}, "by the deadline"),
        "gibibyte": ({"info"}, "larger"),
        "null": ({"fail"}, "null"),
    }

    def audit_with(self, bug, out, *more, **changes):
        file = self.scenario(self.service("--lag", 0, "--route", "leader", "--bug", bug, *more), **changes)
        deadline = "400ms" if "slow" in bug else "60s"
        run = self.start("audit", file, "--quiet", "--out", out, "--ops", 400, "--op-timeout", deadline, "--read-delay", "1ms..20ms")
        peak = 0

        def over():
            nonlocal peak
            status = read_quietly(f"/proc/{run.process.pid}/status")
            if "VmHWM" in status:
                peak = int(status.split("VmHWM:")[1].split()[0])
            return run.ended()

        wait_until(over, "the audit ends")
        return run.finish(), self.report_of(out, run), peak

    def test_no_wrong_verdict_and_a_clear_reason(self):
        def one(bug):
            every = ("--every", 1) if bug == "redirect-loop" else ()  # else a read is soon led out of it
            run, report, peak = self.audit_with(bug, bug, *every)
            operations = self.operations(bug)
            outcomes = {op["type"] for op in operations} - {"ok"}
            kinds, words = self.BUGS[bug]
            self.assertEqual(run.code, UNKNOWN, run)  # not lag: nothing was at risk
            self.assertEqual([row["violations"] for row in report["guarantees"]], [0] * len(report["guarantees"]), bug)
            self.assertEqual(report["anomalies"], {}, bug)
            if "slow" in bug:  # on a busy machine others are slow too
                self.assertLessEqual(kinds, outcomes, bug)
            else:
                self.assertEqual(outcomes, kinds, bug)
            self.assertTrue(any(words in error["error"] for error in report["availability"]["errors"]),
                            (bug, report["availability"]["errors"]))
            return bug, peak

        peaks = dict(run_all([lambda bug=bug: one(bug) for bug in self.BUGS], at_once=3))
        if "asan" not in str(self.afterwrite_path()) and "tsan" not in str(self.afterwrite_path()):
            self.assertLess(peaks["gibibyte"], 300 * 1024)  # kB

    @staticmethod
    def afterwrite_path():
        from command import binary
        return binary()

    def test_redirects_of_reads_are_followed(self):
        run, report, _ = self.audit_with("redirect", "run")
        self.assertEqual({op["type"] for op in self.operations("run")}, {"ok"}, run)
        self.assertEqual(report["anomalies"], {})

    def test_not_one_read_with_a_value_is_said_loudly(self):
        run, report, _ = self.audit_with("html", "run", "--every", 1)
        self.assertEqual(run.code, UNKNOWN)
        self.assertEqual({op["type"] for op in self.operations("run") if op["f"] == "read"}, {"fail"})
        self.assertTrue(any(note.startswith("NOT ONE of") for note in report["notes"]), report["notes"])
        self.assertIn("NOT ONE of", run.out)

    def test_null_is_nothing_there_if_the_scenario_says_so(self):
        read = {"path": "/users/{run}-{key}/bio", "value": {"json": "/bio"}, "absent": [404, None]}
        self.audit_with("null", "run", "--every", 1, read=read)
        self.assertEqual({op["value"] for op in self.operations("run") if op["f"] == "read"}, {None})


class Http2(ServiceTest):
    """A service that speaks HTTP/2 alone."""

    def service(self, *arguments):
        return super().service(*arguments, program=("node", HERE / "services/http2.mjs"))

    def scenario(self, port, scheme="http", **changes):
        read = {"path": "/users/{run}-{key}/bio", "value": {"json": "/bio"}, "absent": [404], "node": {"header": "X-Served-By"}}
        write = {"method": "PUT", "path": "/users/{run}-{key}/bio", "json": {"bio": "{value}"}}
        return super().scenario(port, scheme, **({"read": read, "write": write} | changes))

    def nodes(self, out):
        return {op["node"] for op in self.operations(out) if op["f"] == "read" and op["type"] == "ok"}

    def test_without_tls_where_the_scenario_says_so(self):
        file = self.scenario(self.service(500), http_version="2")
        report = self.audit("--duration", "3s", out="run", system=file, code=VIOLATED)
        self.assertEqual(verdicts_of(report)["read-your-writes"], "violated")
        self.assertEqual({op["type"] for op in self.operations("run")}, {"ok"})
        self.assertEqual(self.nodes("run"), {"2.0 replica"})

    def test_where_tls_agrees_on_it(self):
        key, certificate = self.certificate()
        file = self.scenario(self.service(500, "none", key, certificate), "https", ca_file=str(certificate))
        self.audit("--duration", "3s", out="run", system=file, code=VIOLATED)
        self.assertEqual({op["type"] for op in self.operations("run")}, {"ok"})
        self.assertEqual(self.nodes("run"), {"2.0 replica"})

    def test_a_write_whose_answer_is_lost_is_in_doubt(self):
        def one(bug):
            file = self.scenario(self.service(0, bug), http_version="2")
            self.audit("--ops", 400, "--read-delay", "1ms..20ms", out=bug, system=file, code=UNKNOWN)  # no lag: nothing was at risk
            report = json.loads((self.folder / bug / "report.json").read_text())
            self.assertEqual([row["violations"] for row in report["guarantees"]], [0] * len(report["guarantees"]), bug)
            self.assertEqual(report["anomalies"], {}, bug)
            writes = [op for op in self.operations(bug) if op["f"] == "write"]
            self.assertEqual({op["type"] for op in writes}, {"ok", "info"}, bug)
            return writes

        run_all([lambda bug=bug: one(bug) for bug in ("reset", "goaway", "cut")])

    def test_a_write_that_was_refused_is_never_called_applied(self):
        file = self.scenario(self.service(0, "refused"), http_version="2")
        report = self.audit("--ops", 400, "--read-delay", "1ms..20ms", out="run", system=file, code=UNKNOWN)
        self.assertEqual([row["violations"] for row in report["guarantees"]], [0] * len(report["guarantees"]))
        self.assertEqual(report["anomalies"], {})


class Credentials(ServiceTest):
    LOGIN = {"cookies": True, "headers": {"X-Access": "{token}"},
             "login": {"path": "/login", "json": {"user": "{user}"}, "capture": {"token": {"json": "/accessToken"}}}}

    def test_login_captures_and_keeps_cookies(self):
        file = self.scenario(self.service("--lag", 0.5, "--login"), session=self.LOGIN)
        self.audit("--duration", "3s", out="run", system=file, code=VIOLATED)
        self.assertEqual({op["type"] for op in self.operations("run")}, {"ok"})
        self.wrote_anywhere("t0ken-of-u1")
        run = self.afterwrite("audit", file, "--dry-run")
        self.assertIn('< {"accessToken": "{token}"}', run.out)
        self.assertNotIn("t0ken-of", run.out)

    def test_a_login_that_fails_is_why_nothing_was_sent(self):
        file = self.scenario(self.service("--login", "--refuse-user", "u1"), session=self.LOGIN)
        self.audit("--ops", 100, out="run", system=file)
        of_s1 = [op for op in self.operations("run") if op["session"] == "s1"]
        self.assertEqual({op["type"] for op in of_s1}, {"fail"})
        self.assertIn("the login failed: the answer is 403", of_s1[0]["error"])

    def test_a_401_in_mid_run_is_told(self):
        file = self.scenario(self.service("--login"), session={"headers": {"X-User": "{user}"}})
        run = self.afterwrite("audit", file, "--quiet", "--ops", 50, "--out", "run")
        self.assertEqual(run.code, UNKNOWN)
        self.assertIn("401", run.out)
        self.assertIn("credentials", run.out)
        self.assertEqual({op["type"] for op in self.operations("run") if op["f"] == "write"}, {"info"})

    def test_secrets_of_the_environment_appear_nowhere(self):
        secrets = self.folder.parent / f"{self.folder.name}-secrets"
        secrets.write_text(SECRET, encoding="utf-8")
        self.addCleanup(secrets.unlink)
        basic = self.folder.parent / f"{self.folder.name}-basic"
        basic.write_text("someone:" + OTHER_SECRET, encoding="utf-8")
        self.addCleanup(basic.unlink)
        bearer = self.scenario(self.service("--lag", 0.4, "--token-file", secrets), session={"bearer": "{env:AW_TOKEN}"})
        with_basic = self.scenario(self.service("--lag", 0.4, "--basic-file", basic),
                                   session={"basic": {"user": "someone", "password": "{env:AW_OTHER}"}})
        right = {"AW_TOKEN": SECRET, "AW_OTHER": OTHER_SECRET}
        # Refused credentials are echoed by the service, as the reason of each failure.
        wrong = {"AW_TOKEN": SECRET + "x", "AW_OTHER": OTHER_SECRET + "x"}
        for number, (file, environment) in enumerate((f, e) for f in (bearer, with_basic) for e in (right, wrong)):
            run = self.start("audit", file, "--quiet", "--out", f"run-{number}", "--duration", "2s", environment=environment)
            lines = processes_of(self.marker, self.folder)
            self.assertNotIn("hunter2", " ".join(lines.values()))
            self.assertNotIn('another "secret', " ".join(lines.values()))
            run.finish()
            self.assertEqual(run.code, VIOLATED if environment is right else UNKNOWN, run)
            dry = self.afterwrite("audit", file, "--dry-run", environment=environment)
            self.assertIn("{env:", dry.out)
        import base64
        forms = [base64.b64encode(f"someone:{OTHER_SECRET}{end}".encode()).decode().rstrip("=") for end in ("", "x")]
        self.wrote_anywhere("hunter2", "another \"secret", "another \\\"secret", *forms)

    def test_tls_is_verified_unless_told_otherwise(self):
        key, certificate = self.certificate()
        both = self.folder / "both.pem"
        both.write_text(key.read_text() + certificate.read_text())
        port = self.service("--lag", 0.4, "--certificate", both)
        file = self.scenario(port, "https")
        self.assert_refused("audit", file, "--quiet", code=ENVIRONMENT_FAILED, says=["api", "certificate", "--insecure"])
        report = self.audit("--duration", "2s", out="trusted", system=self.scenario(port, "https", ca_file=str(certificate)), code=VIOLATED)
        self.assertFalse(any("not verified" in note for note in report["notes"]))
        report = self.audit("--duration", "2s", "--insecure", out="insecure", system=file, code=VIOLATED)
        self.assertTrue(any("not verified" in note for note in report["notes"]), report["notes"])


class DryRun(ServiceTest):
    def test_shows_requests_answers_and_what_was_found(self):
        file = self.scenario(self.service("--route", "leader"))
        run = self.afterwrite("audit", file, "--dry-run")
        self.assertEqual(run.code, HELD, run)
        for words in ("> PUT http://127.0.0.1:", '> {"bio":"s0-1"}', "< X-Position: 1", "= ok, position 1, node api", "> GET ",
                      '< {"bio": "s0-1"}', "= ok, value s0-1, position 1, node leader"):
            self.assertIn(words, run.out)
        self.assertFalse((self.folder / "afterwrite-runs").exists())

    def test_tries_the_lag_probe(self):
        def run(read_path):
            probe = {"write": {"path": "/beat", "json": {"beat": "{beat}"}}, "read": {"path": read_path, "value": {"json": "/beat"}, "absent": [404]}}
            return self.afterwrite("audit", self.scenario(self.service("--lag", 0, "--route", "leader"), lag_probe=probe), "--dry-run")

        right, wrong = run("/beat?node=leader"), run("/baet")
        self.assertEqual(right.code, HELD, right)
        for words in ("beat 1 to api\n", '> {"beat":1}', "= acknowledged\n", "beat at api\n", "= 1\n"):
            self.assertIn(words, right.out)
        self.assertEqual(wrong.code, UNKNOWN, wrong)
        self.assertIn("The beat was written, and api shows none", wrong.out)

    def test_refuses_the_faults_that_an_audit_refuses(self):
        file = self.scenario(self.service("--route", "leader"))
        for fault in ("lag:nosuch,delay=1s", "kill:api@1s"):
            self.assert_refused("audit", file, "--dry-run", "--fault", fault, code=BAD_INPUT, says=[fault])

    def test_says_that_the_read_returned_something_else(self):
        run = self.afterwrite("audit", self.scenario(self.service("--lag", 60)), "--dry-run")
        self.assertEqual(run.code, UNKNOWN, run)
        self.assertIn("did not return what was written", run.out)

    def test_works_for_every_system(self):
        run = self.afterwrite("audit", "memory", "--read-policy", "leader", "--dry-run")
        self.assertEqual(run.code, HELD, run)
        self.assertIn("value s0-1", run.out)


class Refusals(ServiceTest):
    def test_nobody_answers(self):
        self.assert_refused("audit", self.scenario(1), "--quiet", code=ENVIRONMENT_FAILED, says=["api", "is it running?"])

    def test_what_makes_no_sense_for_a_service(self):
        file = self.scenario(1)
        self.assert_refused("audit", self.scenario(1, lag="1s"), says=["'lag' in service-"])
        read = {"path": "/{key}", "value": {"json": ""}}
        self.assert_refused("audit", self.scenario(1, read=read | {"absent": ["404"]}), says=["read.absent", "a status is a number: 404"])
        self.assert_refused("audit", self.scenario(1, read=read | {"method": "get"}), says=["read.method", "in capitals"])
        self.assert_refused("audit", "http", says=["docs/http.md"])
        self.assert_refused("audit", file, "--lag", "1s", says=["--lag"])
        self.assert_refused("audit", file, "--followers", "1", says=["--followers"])
        self.assert_refused("audit", "memory", "--insecure", says=["insecure", "memory"])
        self.assert_refused("audit", file, "--fault", "kill:api@1s", says=["nothing is done to a service of yours"])
        nodes = [{"name": name, "url": f"http://127.0.0.1:{port}"} for name, port in (("a", 1), ("b", 2))]
        self.assert_refused("audit", self.scenario(1, nodes=nodes), "--read-policy", "version-token", says=["send_position"])
        self.assert_refused("audit", self.scenario(1, append=None), "--workload", "append", says=["'append' is missing"])


if __name__ == "__main__":
    unittest.main()
