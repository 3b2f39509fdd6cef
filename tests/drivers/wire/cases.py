"""Bad input: what is sent. A case is (name, opcode, body)."""
from protocol import (BATCH, EXECUTE, AUTH_RESPONSE, OPTIONS, PREPARE, QUERY, REGISTER, STARTUP, UNSET, Raw, collection,
                      i16, i32, long_string, mapping, parts, query, string)

SIZES = {  # Wrong ones, and the empty value.
    "ascii": [b"\xff", b"a\x80b", b""],
    "bigint": [bytes(7), bytes(9), b""],
    "blob": [b""],
    "boolean": [bytes(2), b"", b"\x05"],
    "date": [bytes(3), bytes(5), b""],
    "decimal": [bytes(3), b""],
    "double": [bytes(7), bytes(9), b""],
    "duration": [b"", bytes(1), bytes(2), bytes(4), b"\x02\x01\0", b"\xf0\xff\xff\xff\xff\0\0"],
    "float": [bytes(3), bytes(5), b""],
    "inet": [bytes(3), bytes(5), bytes(15), bytes(17), b""],
    "int": [bytes(3), bytes(5), b""],
    "smallint": [bytes(1), bytes(3), b""],
    "text": [b"\xff", b"a\xc3", b"\xc3\x28", b"\xe2\x82", b"\xf0\x9f\x98", b"\xf8\x88\x80\x80\x80", b"\xed\xa0\x80",
             b"\xc0\x80", b"\xc0\xaf", b"\xe0\x80\x80", b"\xf5\x80\x80\x80", b"\xf4\x90\x80\x80", b"\x80", b""],
    "time": [bytes(7), bytes(9), b""],
    "timestamp": [bytes(7), bytes(9), b""],
    "timeuuid": [bytes(15), bytes(17), b"", bytes(16), b"\x40" * 16],
    "tinyint": [bytes(2), b""],
    "uuid": [bytes(15), bytes(17), b""],
    "varchar": [b"\xff"],
    "varint": [b""],
}
NESTED = {
    "l_int": "list<int>", "s_int": "set<int>", "m_ti": "map<text, int>", "l_text": "list<text>",
    "fl": "frozen<list<int>>", "fs": "frozen<set<text>>", "fm": "frozen<map<text, int>>",
    "ll": "list<frozen<list<int>>>", "tu": "tuple<int, text>", "ud": "u", "fu": "frozen<u>", "v3": "vector<float, 3>",
    "vt": "vector<text, 2>", "lu": "list<frozen<u>>", "ltu": "list<frozen<tuple<int, text>>>",
    "mul": "map<int, frozen<list<int>>>", "vl": "vector<frozen<list<int>>, 2>", "lv": "list<frozen<vector<float, 2>>>",
}
MOST = i32(2**31 - 1)
ONE = i32(1)


def setup():
    yield "DROP KEYSPACE IF EXISTS bad"
    yield "CREATE KEYSPACE bad WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
    yield "CREATE TYPE bad.u (a int, b text)"
    columns = {f"c_{kind}": kind for kind in SIZES} | NESTED
    yield f"CREATE TABLE bad.t (k int PRIMARY KEY, {', '.join(f'{name} {kind}' for name, kind in columns.items())})"
    yield "CREATE TABLE bad.cnt (k int PRIMARY KEY, c counter)"
    for kind in SIZES:
        if kind != "duration":
            yield f"CREATE TABLE bad.k_{kind} (k {kind} PRIMARY KEY, v int)"
            yield f"CREATE TABLE bad.cl_{kind} (k int, c {kind}, v int, PRIMARY KEY (k, c))"
    yield "CREATE TABLE bad.kfl (k frozen<list<int>> PRIMARY KEY, v int)"
    yield "CREATE TABLE bad.comp (a int, b text, v int, PRIMARY KEY ((a, b)))"


def shown(it):
    if it is None or it is UNSET:
        return "null" if it is None else "unset"
    return (it.hex() if len(it) < 60 else it[:20].hex() + "...") or "empty"


def bound(name, text, *values):
    return f"{name} {' '.join(map(shown, values))}", QUERY, query(text.encode(), values)


def simple():
    for kind, values in SIZES.items():
        for it in [*values, UNSET, None]:
            yield bound(f"{kind} value", f"INSERT INTO bad.t (k, c_{kind}) VALUES (0, ?)", it)
            if kind != "duration":
                yield bound(f"{kind} key", f"INSERT INTO bad.k_{kind} (k, v) VALUES (?, 0)", it)
                yield bound(f"{kind} selected by key", f"SELECT v FROM bad.k_{kind} WHERE k = ?", it)
                yield bound(f"{kind} in list of keys", f"SELECT v FROM bad.k_{kind} WHERE k IN ?", collection(it))
                yield bound(f"{kind} clustering", f"INSERT INTO bad.cl_{kind} (k, c, v) VALUES (0, ?, 0)", it)
                yield bound(f"{kind} slice", f"SELECT v FROM bad.cl_{kind} WHERE k = 0 AND c > ?", it)


def nested():
    lists = [b"", bytes(2), bytes(3), i32(1), i32(2) + long_string(ONE), MOST, MOST + long_string(ONE), i32(-1),
             i32(-5) + b"abc", i32(0) + b"x", collection(bytes(3)), collection(b""), collection(None),
             collection(UNSET), i32(1) + i32(-3), i32(1) + MOST + b"abcd", i32(1) + i32(5) + ONE,
             collection(ONE) + b"\0", collection(ONE, None, i32(2)), i32(1) + bytes(2)]
    records = [b"", bytes(3), i32(4), i32(4) + bytes(2), long_string(bytes(3)), parts(ONE), parts(ONE, b"\xff"),
               parts(ONE, b"a", b"b"), parts(ONE, b"a") + b"\0", parts(None, None), parts(UNSET), i32(-3),
               MOST + b"ab", parts(b"", b"")]
    maps = [b"", bytes(3), i32(1), i32(1) + long_string(b"a"), MOST, i32(-1),
            MOST + long_string(b"a") + long_string(ONE), mapping(b"a", bytes(3)), mapping(b"\xff", ONE),
            mapping(None, ONE), mapping(b"a", None), mapping(UNSET, ONE), mapping(b"a", UNSET),
            mapping(b"a", ONE) + b"\0", i32(1) + MOST + b"a", i32(1) + long_string(b"a") + i32(9) + b"abc",
            mapping(b"", b"")]
    texts = [collection(b"\xff"), collection(b"a\xc3"), collection(bytes(70000)), collection(b"a", None),
             collection(b"\xc0\x80"), collection(b"\xed\xa0\x80")]
    inner = [collection(b"\0"), collection(parts(bytes(3))), collection(parts(ONE, b"\xff")),
             collection(parts(ONE, b"a", b"b")), collection(b""), collection(parts(None, None))]
    values = {
        "l_int": lists, "s_int": lists, "fl": lists, "ud": records, "fu": records, "tu": records, "m_ti": maps,
        "fm": maps, "l_text": texts, "fs": texts, "lu": inner, "ltu": inner,
        "v3": [b"", bytes(4), bytes(11), bytes(13), bytes(16), b"\x7f\xc0\0\0" * 3],
        "vt": [b"", b"\1a", b"\1a\1", b"\1a\1b", b"\1a\1bc", b"\1a\1\xff", b"\xff" * 9, b"\1a\5bc", bytes(2),
               b"\xf0\x7f\xff\xff\xffa"],
        "vl": [collection(ONE), bytes([8]) + collection(ONE) + bytes([8]) + collection(ONE),
               bytes([12]) + MOST + bytes(8) + bytes([4]) + i32(0)],
        "lv": [collection(b""), collection(bytes(7)), collection(bytes(9)), collection(bytes(8))],
        "ll": [collection(collection(bytes(3))), collection(MOST), collection(MOST + long_string(ONE)),
               collection(b""), collection(collection(None)), collection(None), collection(i32(-1)),
               collection(collection(ONE) + b"\0")],
        "mul": [mapping(ONE, MOST), mapping(ONE, collection(b"\0")), mapping(b"\0", collection(ONE))],
    }
    for column, kind in NESTED.items():
        for it in [*values[column], UNSET]:
            yield bound(f"{kind} value", f"INSERT INTO bad.t (k, {column}) VALUES (0, ?)", it)
    for it in (b"", collection(None), collection(UNSET), MOST, i32(-1), b"\0", collection(bytes(2))):
        yield bound("append", "UPDATE bad.t SET l_int = l_int + ? WHERE k = 0", it)
        yield bound("prepend", "UPDATE bad.t SET l_int = ? + l_int WHERE k = 0", it)
        yield bound("discard", "UPDATE bad.t SET l_int = l_int - ? WHERE k = 0", it)
        yield bound("add to a set", "UPDATE bad.t SET s_int = s_int + ? WHERE k = 0", it)
        yield bound("remove from a set", "UPDATE bad.t SET s_int = s_int - ? WHERE k = 0", it)
        yield bound("list of keys", "SELECT k FROM bad.t WHERE k IN ?", it)
        yield bound("key that is a list, selected", "SELECT v FROM bad.kfl WHERE k = ?", it)
        yield bound("key that is a list, inserted", "INSERT INTO bad.kfl (k, v) VALUES (?, 0)", it)


def places():
    """Everywhere a number may be bound."""
    statements = {
        "list index": "UPDATE bad.t SET ll[?] = [1] WHERE k = 9",
        "deleted list index": "DELETE ll[?] FROM bad.t WHERE k = 9",
        "list element": "UPDATE bad.t SET l_int = [?] WHERE k = 0",
        "set element": "UPDATE bad.t SET s_int = {?} WHERE k = 0",
        "map key": "UPDATE bad.t SET mul[?] = [1] WHERE k = 0",
        "map value": "UPDATE bad.t SET m_ti = {'a': ?} WHERE k = 0",
        "field": "UPDATE bad.t SET ud.a = ? WHERE k = 0",
        "written field": "UPDATE bad.t SET fu = {a: ?, b: 'x'} WHERE k = 0",
        "component": "UPDATE bad.t SET tu = (?, 'x') WHERE k = 0",
        "limit": "SELECT k FROM bad.t LIMIT ?",
        "limit of a partition": "SELECT k FROM bad.t PER PARTITION LIMIT ?",
        "time to live": "INSERT INTO bad.t (k, c_int) VALUES (0, 0) USING TTL ?",
        "time of writing": "INSERT INTO bad.t (k, c_int) VALUES (0, 0) USING TIMESTAMP ?",
        "condition": "UPDATE bad.t SET c_int = 1 WHERE k = 0 IF c_int = ?",
        "part of the key": "SELECT v FROM bad.comp WHERE a = ? AND b = 'x'",
        "one of a part of the key": "SELECT v FROM bad.comp WHERE a IN (?) AND b = 'x'",
        "token": "SELECT k FROM bad.t WHERE token(k) > ?",
        "key of a token": "SELECT k FROM bad.t WHERE token(k) > token(?)",
        "argument": "INSERT INTO bad.t (k, c_blob) VALUES (0, int_as_blob(?))",
        "increment": "UPDATE bad.cnt SET c = c + ? WHERE k = 0",
        "contained": "SELECT k FROM bad.t WHERE l_int CONTAINS ? ALLOW FILTERING",
        "filter": "SELECT k FROM bad.t WHERE c_int = ? ALLOW FILTERING",
    }
    for name, text in statements.items():
        for it in (b"", None, UNSET, bytes(3), b"\xff" * 4, i32(5)):
            yield bound(name, text, it)
    yield bound("map key", "UPDATE bad.t SET m_ti[?] = 1 WHERE k = 0", b"\xff")
    for name, text in (("map key", "UPDATE bad.t SET m_ti[?] = 1 WHERE k = 0"),
                       ("text key", "INSERT INTO bad.k_text (k, v) VALUES (?, 0)"),
                       ("text clustering", "INSERT INTO bad.cl_text (k, c, v) VALUES (0, ?, 0)")):
        yield bound(name, text, b"a" * 70000)
    for it in (MOST, collection(bytes(2))):
        yield bound("list of tuples", "SELECT v FROM bad.cl_int WHERE k = 0 AND (c) IN ?", it)
    for it in (parts(None), UNSET):
        yield bound("tuple slice", "SELECT v FROM bad.cl_int WHERE k = 0 AND (c) > ?", it)


def texts():
    statements = {
        "in a literal": b"INSERT INTO bad.t (k, c_text) VALUES (0, '\xff')", "in a word": b"SELECT \xff FROM bad.t",
        "in a quoted name": b'SELECT "\xff" FROM bad.t', "in a comment": b"SELECT k FROM bad.t /* \xff */",
        "cut off": b"SELECT k FROM bad.t WHERE c_text = '\xe2\x82",
        "surrogate": b"INSERT INTO bad.t (k, c_text) VALUES (0, '\xed\xa0\x80')",
        "overlong": b"INSERT INTO bad.t (k, c_text) VALUES (0, '\xc0\xaf')", "NUL": b"SELECT k\0 FROM bad.t",
        "NUL in a literal": b"INSERT INTO bad.t (k, c_text) VALUES (0, 'a\0b')", "nothing but": b"\xff\xfe",
        "empty": b"", "byte order mark": b"\xef\xbb\xbfSELECT k FROM bad.t",
        "not ascii": b"INSERT INTO bad.t (k, c_ascii) VALUES (0, '\xc3\xa4')", "keyspace": b'USE "\xff"',
        "emoji": "SELECT \U0001f600 FROM bad.t".encode(),
    }
    for name, text in statements.items():
        yield f"query text, {name}", QUERY, query(text)
        yield f"prepared text, {name}", PREPARE, long_string(text)
        yield f"batch text, {name}", BATCH, b"\0\0\1\0" + long_string(text) + b"\0\0\0\1\0"
    named = b"SELECT k FROM bad.t WHERE k = :a"
    for name in (b"\xff", b"b"):
        yield f"value named {name.hex()}", QUERY, query(named, [bytes(4)], [name])
    yield "value named twice", QUERY, query(named, [bytes(4), ONE], [b"a", b"a"])


def bodies():
    select, insert = b"SELECT k FROM bad.t", b"INSERT INTO bad.t (k, c_int) VALUES (0, ?)"
    one = select + b" WHERE k = ?"
    flagged = query(select)[:-1]
    yield "no values", QUERY, query(one)
    for values in ([], [bytes(4), bytes(4)], [Raw(i32(-3))], [Raw(i32(-100))], [Raw(i32(9) + b"a")], [Raw(MOST + b"a")]):
        yield f"values {' '.join(map(shown, values)) or 'none'}", QUERY, query(one, values)
    yield "query without a body", QUERY, b""
    yield "text longer than the body", QUERY, i32(100) + b"SELECT"
    yield "text of length -1", QUERY, i32(-1) + b"\0\1\0"
    yield "text of 2^31-1", QUERY, MOST
    yield "no consistency", QUERY, long_string(select)
    yield "unknown consistency", QUERY, long_string(select) + i16(85) + b"\0"
    yield "no flags", QUERY, flagged
    yield "all flags", QUERY, flagged + b"\xff"
    yield "65535 values that are not there", QUERY, flagged + b"\1\xff\xff"
    yield "more than a query", QUERY, query(select) + b"abc"
    for size in (0, -1):
        yield f"page size {size}", QUERY, flagged + b"\4" + i32(size)
    for state in (b"abcdef", b""):
        yield f"paging state {shown(state)}", QUERY, flagged + b"\x0c" + i32(10) + long_string(state)
    yield "paging state of 2^31-1", QUERY, flagged + b"\x0c" + i32(10) + MOST + b"a"
    yield "serial consistency ONE", QUERY, flagged + b"\x10\0\1"
    yield "lowest timestamp", QUERY, flagged + b"\x20\x80" + bytes(7)
    for body in (b"", i32(-1), i32(50) + b"a"):
        yield f"prepare {shown(body)}", PREPARE, body
    for body in (b"", string(b"0123456789abcdef") + b"\0\1\0", b"\xff\xffabc", string(b"") + b"\0\1\0",
                 string(b"abc") + b"\0\1\0"):
        yield f"execute {shown(body)}", EXECUTE, body
    for body in (b"", b"\0\0\1\2", b"\x09\0\0\0\1\0", b"\0\xff\xff", b"\0\0\0\0\1\0"):
        yield f"batch {shown(body)}", BATCH, body
    yield "batch of a SELECT", BATCH, b"\0\0\1\0" + long_string(select) + b"\0\0\0\1\0"
    for values in ([b"\0"], [b"\0", b"\0"], []):
        body = b"\0\0\1\0" + long_string(insert) + i16(len(values)) + parts(*values) + b"\0\1\0"
        yield f"batch with values {len(values)}", BATCH, body
    yield "event that is none", REGISTER, i16(1) + string(b"NOTHING")
    yield "event in small letters", REGISTER, i16(1) + string(b"status_change")
    yield "event that is no text", REGISTER, i16(1) + string(b"\xff")
    yield "65535 events that are not there", REGISTER, b"\xff\xff"
    yield "a second start", STARTUP, i16(1) + string(b"CQL_VERSION") + string(b"3.0.0")
    yield "a start without options", STARTUP, bytes(2)
    yield "more than OPTIONS", OPTIONS, b"abc"
    for opcode in (0, 2, 3, 4, 6, 8, 12, 14, 16, 17, 99, 255):
        yield f"opcode {opcode}", opcode, b""


def cases():
    for group in (simple, nested, places, texts, bodies):
        yield from group()
