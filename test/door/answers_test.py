#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The door labels, asks, and releases or refuses."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stand import *  # noqa: E402,F403


def an_answer_is_labelled_asked_about_and_released(s):
    body = patient_body(1)
    s.serve("/fhir/Patient/p1", body, ETag='"1"', Cache_Control="max-age=60",
            Last_Modified="Wed, 21 Oct 2015 07:28:00 GMT")
    status, headers, got = s.get("/fhir/Patient/p1", X_Auth_Time="1700000001",
                                 User_Agent="agent/1")
    assert (status, got) == (200, body), (status, got)
    assert headers["cache-control"] == "no-store", headers
    assert "etag" not in headers and "last-modified" not in headers, headers
    assert len(s.core.asks) == 1, s.core.asks
    ask = s.core.asks[0]
    assert ask["session"] == "s1" and ask["professional"] == "899700000001"
    assert ask["service"] == "dmp" and ask["phase"] == LAST
    assert ask["status"] == 200 and ask["flags"] == 0, ask
    assert ask["auth_time"] == 1700000001 and ask["device"] == "agent/1"
    assert ask["address"] == "127.0.0.1" and len(ask["request"]) == 32
    assert names([ask]) == ["p1"] and ask["persons"][0]["categories"] & 1


def a_step_up_is_a_challenge_for_programs(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: STEP_UP
    status, headers, got = s.get("/fhir/Patient/p1")
    challenge = headers["www-authenticate"]
    assert status == 401 and b"Nom1" not in got, (status, got)
    assert 'error="insufficient_user_authentication"' in challenge
    age = int(challenge.split("max_age=")[1])
    assert abs(time.time() - 1700000000 - age) < 10, challenge
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(got)["status"] == 401
    assert headers["cache-control"] == "no-store"


def a_browser_gets_a_page_in_two_languages(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: STEP_UP
    status, headers, got = s.get("/fhir/Patient/p1",
                                 Accept="text/html,*/*;q=0.8")
    page = got.decode()
    assert status == 401 and "insufficient" in headers["www-authenticate"]
    assert 'lang="fr"' in page and 'lang="en"' in page, page
    assert "01 23 45 67 89 &lt;aide&gt;" in page, page
    for secret in ("Nom1", "p1", "s1", "899700000001"):
        assert secret not in page, secret


def a_cut_is_a_403(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    s.core.decide = lambda ask: CUT
    status, headers, got = s.get("/fhir/Patient/p1")
    assert status == 403 and b"Nom1" not in got
    assert "www-authenticate" not in headers


def a_list_names_all_its_persons(s):
    body = bundle_body(0, 700)
    s.serve("/fhir/Patient", body)
    status, _, got = s.get("/fhir/Patient?name=x")
    assert status == 200 and got == body
    asks = s.core.asks
    assert len(names(asks)) == 700, len(names(asks))
    assert len({a["number"] for a in asks}) == 1, "one window, one number"
    assert [bool(a["flags"] & MORE) for a in asks] == \
        [True] * (len(asks) - 1) + [False]
    assert all(a["flags"] & SEARCH for a in asks)


def what_cannot_be_read_is_billed(s):
    for type_, body in (("text/html", b"<p>Nom1"),
                        ("application/fhir+json", b'{"resourceType":"Pat'),
                        ("application/pdf", b"%PDF")):
        s.core.reset()
        s.serve("/x", body, type_)
        status, _, got = s.get("/x")
        assert (status, got) == (200, body)
        ask = s.core.asks[0]
        assert ask["flags"] & UNLABELLED and ask["worst_case"] == 20, ask


def every_status_is_labelled(s):
    for status in (200, 201, 404, 422, 500, 503):
        s.core.reset()
        s.serve("/fhir/x", patient_body(7), status=status)
        s.core.decide = lambda ask: CUT
        got = s.get("/fhir/x")
        assert got[0] == 403 and b"Nom7" not in got[2], got
        assert s.core.asks[0]["status"] == status
        assert names(s.core.asks) == ["p7"]


def a_write_is_judged_before_and_its_answer_always_released(s):
    body = patient_body(3)
    s.serve("/fhir/Patient", body, status=201)
    s.core.decide = lambda ask: RELEASE if ask["phase"] == BEFORE else CUT
    status, _, got = s.request("POST", "/fhir/Patient", b"{}" * 20000)
    assert (status, got) == (201, body)
    assert [a["phase"] for a in s.core.asks] == [BEFORE, LAST]
    assert all(a["flags"] & WRITE for a in s.core.asks)
    assert names(s.core.asks) == ["p3"]
    assert len(s.upstream.seen) == 1


def a_refused_write_never_reaches_upstream(s):
    s.serve("/fhir/Patient", patient_body(3), status=201)
    for decision, wanted in ((STEP_UP, 401), (CUT, 403), (REFUSE, 403)):
        s.core.decide = lambda ask, d=decision: d
        status, _, _ = s.request("POST", "/fhir/Patient", b"{}" * 20000)
        assert status == wanted, status
    assert s.upstream.seen == []


def a_search_by_post_is_judged_like_a_read(s):
    s.serve("/fhir/Patient/_search", bundle_body(0, 3))
    s.core.decide = lambda ask: RELEASE if ask["phase"] == BEFORE else CUT
    status, _, got = s.request("POST", "/fhir/Patient/_search", b"name=x")
    assert status == 403 and b"Nom" not in got
    assert s.core.asks[1]["flags"] & SEARCH


def a_method_that_may_read_is_judged_twice(s):
    s.serve("/fhir/Patient", bundle_body(0, 3))
    for method in ("QUERY", "PROPFIND"):
        s.core.reset()
        s.core.decide = lambda ask: RELEASE if ask["phase"] == BEFORE else CUT
        status, _, got = s.request(method, "/fhir/Patient")
        assert status == 403 and b"Nom" not in got, (method, status)
        assert [a["phase"] for a in s.core.asks] == [BEFORE, LAST]
        s.core.decide = lambda ask: STEP_UP
        assert s.request(method, "/fhir/Patient")[0] == 401
    assert len(s.upstream.seen) == 2


def a_method_cannot_be_disguised(s):
    s.serve("/fhir/Patient", patient_body(1))
    for name in ("X_HTTP_Method_Override", "X_HTTP_Method",
                 "X_Method_Override"):
        s.request("POST", "/fhir/Patient", b"{}", **{name: "GET"})
        assert not any("method" in key.lower() and value == "GET"
                       for key, value in s.upstream.seen[-1][2].items())


def many_at_once_get_their_own_answer(s):
    for n in range(60):
        s.serve("/fhir/Patient/p%d" % n, patient_body(n, n * 300))
    s.core.decide = lambda ask: (time.sleep(0.002), RELEASE)[1] \
        if not names([ask])[0].endswith("7") else CUT
    results = {}

    def one(n):
        results[n] = s.get("/fhir/Patient/p%d" % n)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n, (status, _, got) in results.items():
        assert status == (403 if n % 10 == 7 else 200), (n, status)
        assert n % 10 == 7 or got == patient_body(n, n * 300), n


def an_unprotected_location_is_left_alone(s):
    s.serve("/open/x", patient_body(1), ETag='"1"')
    status, headers, got = s.get("/open/x")
    assert status == 200 and headers["etag"] == '"1"' and s.core.asks == []
    assert got == patient_body(1)


def requests_say_what_they_ask_for(s):
    read, search, create, update, delete, export = range(1, 7)
    for method, path, wanted, a_list in (
            ("GET", "/fhir/Patient/p1", read, False),
            ("GET", "/fhir/Patient/p1/_history/2", read, False),
            ("GET", "/fhir/Patient?name=x", search, True),
            ("GET", "/fhir/Patient/_history", search, True),
            ("GET", "/fhir/Patient/p1/Observation", search, True),
            ("GET", "/fhir/Patient/p1/$everything", export, True),
            ("POST", "/fhir/Patient", create, False),
            ("PUT", "/fhir/Patient/p1", update, False),
            ("DELETE", "/fhir/Patient/p1", delete, False)):
        s.core.reset()
        s.serve(path.split("?")[0], patient_body(1))
        s.request(method, path, b"{}" if method in ("POST", "PUT") else None)
        ask = s.core.asks[-1]
        assert ask["interaction"] == wanted, (method, path, ask)
        assert bool(ask["flags"] & SEARCH) == a_list, (method, path, ask)
        assert ask["resource"] != 0


def names_too_long_for_a_message_are_refused(s):
    s.serve("/fhir/Patient/p1", patient_body(1))
    assert s.get("/fhir/Patient/p1", X_Session="x" * 512)[0] == 200
    assert s.get("/fhir/Patient/p1", X_Session="x" * 513)[0] == 400
    assert len(s.upstream.seen) == 1
    assert s.get("/fhir/Patient/p1", User_Agent="y" * 3000)[0] == 200
    assert s.core.asks[-1]["device"] == "y" * 1024


def wrong_settings_are_refused_at_the_start(s):
    for wrong in ("vigie_worst_case 0;", "vigie_private_cap 257;",
                  "vigie_hold 1k;", 'vigie_service "";',
                  "vigie_types text/html=maybe;", "vigie_types text/html;",
                  "vigie_types a/json=json;", "vigie_types text/html=route;",
                  "vigie_types text/html=route; vigie_person $arg_ipp;",
                  "vigie_shows health;", "vigie_rules /nowhere;",
                  "vigie yes;", "vigie_failure ajar;"):
        conf = CONF % dict(s.words, server="location /w/ { vigie on; %s }"
                           % wrong)
        path = os.path.join(s.home, "wrong.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(conf)
        done = subprocess.run(
            [NGINX, "-t", "-p", s.home, "-e", "stderr", "-c", path],
            capture_output=True, text=True, check=False,
            env=dict(os.environ, **s.sanitizers()))
        assert done.returncode != 0 and "emerg" in done.stderr, wrong


def settings(s, text):
    """What nginx says of a location with these directives; "" is fine."""
    path = os.path.join(s.home, "tried.conf")
    with open(path, "w", encoding="utf-8") as out:
        out.write(CONF % dict(s.words, server="location /w/ { vigie on; %s }"
                              % text))
    done = subprocess.run(
        [NGINX, "-t", "-p", s.home, "-e", "stderr", "-c", path],
        capture_output=True, text=True, check=False,
        env=dict(os.environ, **s.sanitizers()))
    return done.stderr if done.returncode else ""


def a_wrong_rule_is_named_with_its_line(s):
    for text, line, rule in (("person a;\n\nperson a..b;\n", 3,
                              "label-rule-path"),
                             ("category health a;", 1,
                              "label-rule-category"),
                             ("persons a;", 1, "conf-unknown"),
                             ("person a", 1, "conf-"),
                             ("# nothing\n", None, "no rule in it")):
        with open(s.home + "/wrong.rules", "w", encoding="utf-8") as out:
            out.write(text)
        said = settings(s, "vigie_rules wrong.rules;")
        place = "wrong.rules:%s" % ("" if line is None else "%d:" % line)
        assert place in said or line is None, said
        assert rule in said and "emerg" in said, said
    assert settings(s, "vigie_rules good.rules; "
                    "vigie_types application/json=json;") == ""


def other_json_is_labelled_by_the_rules_of_its_location(s):
    body = json.dumps({"patients": [
        {"nom": "Nom1", "ipp": "8", "sejours": [{"motif": "x"}]},
        {"nom": "Nom2", "ins": "279035121518989"}]}).encode()
    s.serve("/other/list", body, "application/json; charset=utf-8")
    status, _, got = s.get("/other/list")
    assert (status, got) == (200, body)
    ask = s.core.asks[0]
    assert not ask["flags"] & (UNLABELLED | REQUESTED), ask
    persons = {p["name"]: p for p in ask["persons"]}
    ins = "urn:oid:1.2.250.1.213.1.4.8|279035121518989"
    assert set(persons) == {"urn:oid:1.2.3|8", ins}, persons
    assert persons[ins]["identifier"] == ins
    assert persons["urn:oid:1.2.3|8"]["categories"] & 0xff == 0x21
    s.core.reset()
    s.serve("/other/list", b'{"a":1}', "application/json")
    s.get("/other/list")
    assert [p["name"] for p in s.core.asks[0]["persons"]] == [""], \
        "no rule fits: an unnamed person"
    s.core.reset()
    s.serve("/other/list", body[:-1], "application/json")
    s.get("/other/list")
    assert s.core.asks[0]["flags"] & UNLABELLED
    s.core.decide = lambda ask: CUT
    assert s.get("/other/list")[0] == 403


def other_json_goes_window_by_window(s):
    body = json.dumps({"patients": [
        {"nom": "Nom%d" % n, "ipp": n, "x": "y" * 300}
        for n in range(500)]}).encode()
    s.serve("/other/list", body, "application/json")
    assert s.get("/other/list")[2] == body
    told = [p["name"] for a in s.core.asks for p in a["persons"]]
    assert len(told) == len(set(told)) == 500, len(told)
    assert len(s.core.asks) > 5
    assert not any(a["flags"] & UNLABELLED for a in s.core.asks)


def a_name_that_is_no_text_reaches_no_message(s):
    for bad in (b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf0\x9f\x98"):
        for body in (b'{"resourceType":"Patient","id":"p%s"}',
                     b'{"resourceType":"Patient","id":"p%s","active":true',
                     b'{"resourceType":"Observation","subject":'
                     b'{"reference":"Patient/%s"}}',
                     b'{"resourceType":"Bundle","entry":[' + b",".join(
                         b'{"resource":{"resourceType":"Patient","id":"%d"}}'
                         % n for n in range(400))
                     + b',{"resource":{"resourceType":"Patient","id":"%s"}}]}',
                     b'{"patients":[{"ipp":"%s"}]}'):
            body = body.replace(b"%s", bad)
            for path, type_ in (("/fhir/x", "application/fhir+json"),
                                ("/other/x", "application/json")):
                s.core.reset()
                s.serve(path, body, type_)
                assert s.get(path)[2] == body
                assert s.core.asks[-1]["flags"] & UNLABELLED, (body, path)


def a_route_says_whom_its_pages_show(s):
    page = b"<p>Nom7</p>" * 4000
    for type_ in ("text/html", "application/fhir+xml"):
        s.core.reset()
        s.serve("/page/7", page, type_)
        status, _, got = s.get("/page/7")
        assert (status, got) == (200, page)
        told = [p for a in s.core.asks for p in a["persons"]]
        assert [(p["name"], p["categories"]) for p in told] == [
            ("Patient/7", 0x05)], told
        assert len(s.core.asks) > 1, "window by window"
        for ask in s.core.asks:
            assert ask["flags"] & REQUESTED and not ask["worst_case"], ask
    s.core.decide = lambda ask: CUT
    assert s.get("/page/7")[0] == 403
    s.core.reset()
    s.serve("/page/7", patient_body(1))
    s.get("/page/7")
    assert names(s.core.asks) == ["p1"], "what can be read is read"
    assert not s.core.asks[0]["flags"] & REQUESTED


def a_route_that_names_nobody_is_billed(s):
    for query in ("", "?ipp=%s" % ("9" * 600)):
        s.core.reset()
        s.serve("/pageof/x", b"<p>Nom7", "text/html")
        assert s.get("/pageof/x" + query)[0] == 200
        ask = s.core.asks[0]
        assert ask["flags"] & UNLABELLED and ask["worst_case"] == 20, ask
        assert not ask["flags"] & REQUESTED and not ask["persons"]
    s.core.reset()
    assert s.get("/pageof/x?ipp=urn:oid:1.2.250.1.213.1.4.8|1")[0] == 200
    person = s.core.asks[0]["persons"][0]
    assert person["identifier"] == "urn:oid:1.2.250.1.213.1.4.8|1"


class Answers(Stand):
    def __init__(self):
        super().__init__(SERVER)
        with open(self.home + "/good.rules", "w", encoding="utf-8") as out:
            out.write("person patients.ipp urn:oid:1.2.3;\n"
                      "person patients.ins urn:oid:1.2.250.1.213.1.4.8;\n"
                      "category identity patients.nom;\n"
                      "category medical patients.sejours.motif;\n")


SERVER = """
location /other/ {
    vigie on; vigie_rules good.rules; vigie_hold 16k;
    vigie_types application/json=json;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location ~ ^/page/(?<ipp>\d+)$ {
    vigie on; vigie_hold 16k; vigie_person Patient/$ipp;
    vigie_shows identity,contact;
    vigie_types text/html=route application/fhir+xml=route
        application/fhir+json=fhir;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location /pageof/ {
    vigie on; vigie_person $arg_ipp; vigie_shows identity contact;
    vigie_types text/html=route;
    proxy_pass http://127.0.0.1:%(upstream)d;
}
location /open/ { vigie off; proxy_pass http://127.0.0.1:%(upstream)d; }
"""

if __name__ == "__main__":
    sys.exit(run([
        an_answer_is_labelled_asked_about_and_released,
        a_step_up_is_a_challenge_for_programs,
        a_browser_gets_a_page_in_two_languages,
        a_cut_is_a_403,
        a_list_names_all_its_persons,
        what_cannot_be_read_is_billed,
        every_status_is_labelled,
        a_write_is_judged_before_and_its_answer_always_released,
        a_refused_write_never_reaches_upstream,
        a_search_by_post_is_judged_like_a_read,
        a_method_that_may_read_is_judged_twice,
        a_method_cannot_be_disguised,
        many_at_once_get_their_own_answer,
        an_unprotected_location_is_left_alone,
        requests_say_what_they_ask_for,
        names_too_long_for_a_message_are_refused,
        wrong_settings_are_refused_at_the_start,
        a_wrong_rule_is_named_with_its_line,
        other_json_is_labelled_by_the_rules_of_its_location,
        other_json_goes_window_by_window,
        a_name_that_is_no_text_reaches_no_message,
        a_route_says_whom_its_pages_show,
        a_route_that_names_nobody_is_billed,
    ], Answers))
