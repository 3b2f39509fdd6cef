// The official Go driver: what programs do with it every day, and what it needs of the server for that.
// HOST is node 1 of three; LAUNCHER is what stops and starts them.
package drivers

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand"
	"net"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/apache/cassandra-gocql-driver/v2/lz4"
	"github.com/apache/cassandra-gocql-driver/v2/snappy"
	"gopkg.in/inf.v0"
)

const (
	nodes    = 3
	keyspace = "golang_checks"
)

func address(number int) string {
	parts := strings.Split(os.Getenv("HOST"), ".")
	last, _ := strconv.Atoi(parts[3])
	parts[3] = strconv.Itoa(last + number - 1)
	return strings.Join(parts, ".")
}

func control(t *testing.T, words ...string) {
	t.Helper()
	launcher := strings.Fields(os.Getenv("LAUNCHER"))
	command := exec.Command(launcher[0], append(append(launcher[1:], "control"), words...)...)
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", words, err, said)
	}
}

func connect(t *testing.T, number int, change func(*gocql.ClusterConfig)) *gocql.Session {
	t.Helper()
	cluster := gocql.NewCluster(address(number))
	cluster.Keyspace = keyspace
	cluster.Timeout = 10 * time.Second
	cluster.ReconnectInterval = time.Second
	if change != nil {
		change(cluster)
	}
	session, err := cluster.CreateSession()
	if err != nil {
		t.Fatalf("no session with node %d: %v", number, err)
	}
	t.Cleanup(session.Close)
	return session
}

func must(t *testing.T, session *gocql.Session, statement string, values ...any) {
	t.Helper()
	if err := session.Query(statement, values...).Exec(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	if strings.HasPrefix(statement, "CREATE") || strings.HasPrefix(statement, "ALTER") {
		if err := session.AwaitSchemaAgreement(context.Background()); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func eventually(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); !reached(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func TestMain(m *testing.M) {
	cluster := gocql.NewCluster(address(1))
	session, err := cluster.CreateSession()
	if err == nil {
		err = session.Query("DROP KEYSPACE IF EXISTS " + keyspace).Exec()
	}
	if err == nil {
		err = session.Query("CREATE KEYSPACE " + keyspace +
			" WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}").Exec()
	}
	if err == nil {
		err = session.AwaitSchemaAgreement(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	code := m.Run()
	session.Query("DROP KEYSPACE " + keyspace).Exec()
	session.Close()
	os.Exit(code)
}

func TestEachNodeAnswersAndKnowsAll(t *testing.T) {
	for number := 1; number <= nodes; number++ {
		session := connect(t, number, nil)
		hosts := session.GetHosts()
		if len(hosts) != nodes {
			t.Fatalf("node %d: %d hosts", number, len(hosts))
		}
		for _, host := range hosts {
			if host.DataCenter() != "datacenter1" || host.Rack() != "rack1" || len(host.Tokens()) != 16 {
				t.Errorf("node %d: %v", number, host)
			}
		}
		var partitioner string
		if err := session.Query("SELECT partitioner FROM system.local").Scan(&partitioner); err != nil {
			t.Fatal(err)
		}
		if partitioner != "org.apache.cassandra.dht.Murmur3Partitioner" {
			t.Errorf("partitioner %s", partitioner)
		}
	}
}

func TestVersionsAndCompressions(t *testing.T) {
	compressors := map[string]gocql.Compressor{"none": nil, "lz4": &lz4.LZ4Compressor{}, "snappy": &snappy.SnappyCompressor{}}
	for version := 3; version <= 5; version++ {
		for name, compressor := range compressors {
			if version == 5 && name == "snappy" {
				continue // v5 has LZ4 alone.
			}
			session := connect(t, 2, func(c *gocql.ClusterConfig) {
				c.ProtoVersion, c.Compressor = version, compressor
			})
			rows := session.Query("SELECT * FROM system_schema.columns").Iter().NumRows()
			if rows < 50 {
				t.Errorf("v%d, %s: %d rows", version, name, rows)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	session := connect(t, 1, nil)
	must(t, session, "CREATE TABLE events (site text, day date, at timestamp, what text, who text static, "+
		"PRIMARY KEY ((site, day), at)) WITH CLUSTERING ORDER BY (at DESC)")
	eventually(t, "the table in the driver's metadata", func() bool {
		metadata, err := session.KeyspaceMetadata(keyspace)
		if err != nil {
			t.Fatal(err)
		}
		table := metadata.Tables["events"]
		return table != nil && len(table.PartitionKey) == 2 && len(table.ClusteringColumns) == 1 && len(table.Columns) == 5
	})
}

func TestAnUnknownTableIsRefused(t *testing.T) {
	session := connect(t, 1, nil)
	err := session.Query("SELECT * FROM no_such_table").Exec()
	var refused gocql.RequestError
	if !errors.As(err, &refused) || refused.Code() != gocql.ErrCodeInvalid {
		t.Fatalf("%v", err)
	}
}

func TestValuesOfEveryTypeComeBack(t *testing.T) {
	session := connect(t, 1, nil)
	must(t, session, "CREATE TABLE all_types (k int PRIMARY KEY, a ascii, bi bigint, bl blob, bo boolean, de decimal, "+
		"dou double, fl float, i int, sm smallint, te text, ts timestamp, tu timeuuid, ti tinyint, u uuid, v varint, "+
		"du duration, li list<int>, se set<text>, ma map<text, int>)")
	columns := "a, bi, bl, bo, de, dou, fl, i, sm, te, ts, tu, ti, u, v, du, li, se, ma"
	huge, _ := new(big.Int).SetString("-1267650600228229401496703205376", 10)
	in := []any{"plain", int64(1) << 62, []byte{0, 255}, true, inf.NewDec(-123400, 4), 1.5e300, float32(0.5), -7,
		int16(-300), "grün", time.UnixMilli(1709168523004).UTC(), gocql.TimeUUID(), int8(-5), gocql.MustRandomUUID(), huge,
		gocql.Duration{Months: 1, Days: 2, Nanoseconds: 3}, []int{3, 1, 2}, []string{"a", "b"}, map[string]int{"x": 1}}
	must(t, session, "INSERT INTO all_types (k, "+columns+") VALUES (1"+strings.Repeat(", ?", len(in))+")", in...)
	out := make([]any, len(in))
	for i := range in {
		out[i] = reflect.New(reflect.TypeOf(in[i])).Interface()
	}
	if err := session.Query("SELECT "+columns+" FROM all_types WHERE k = ?", 1).Scan(out...); err != nil {
		t.Fatal(err)
	}
	for i := range in {
		if got := reflect.ValueOf(out[i]).Elem().Interface(); fmt.Sprint(got) != fmt.Sprint(in[i]) {
			t.Errorf("%v came back as %v", in[i], got)
		}
	}
}

// Rows of values of all types and lists of them, the same ones in each run.
func TestRandomValuesOfEveryTypeComeBack(t *testing.T) {
	random := rand.New(rand.NewSource(20261126))
	bytes := func(length int) []byte {
		some := make([]byte, length)
		random.Read(some)
		return some
	}
	text := func(letters string) string {
		some := make([]rune, []int{0, 1, 7, 200}[random.Intn(4)])
		for i := range some {
			some[i] = []rune(letters)[random.Intn(len([]rune(letters)))]
		}
		return string(some)
	}
	number := func() *big.Int {
		return new(big.Int).Sub(new(big.Int).SetBytes(bytes(20)), new(big.Int).Lsh(big.NewInt(1), 159))
	}
	uuid := func(version byte) gocql.UUID {
		some := bytes(16)
		some[6], some[8] = some[6]&0x0f|version<<4, some[8]&0x3f|0x80
		id, _ := gocql.UUIDFromBytes(some)
		return id
	}
	kinds := []struct {
		name string
		make func() any
	}{
		{"ascii", func() any { return text("aZ 09'\"\n~") }}, {"bigint", func() any { return int64(random.Uint64()) }},
		{"blob", func() any { return bytes(random.Intn(200)) }}, {"boolean", func() any { return random.Intn(2) == 0 }},
		{"date", func() any { return time.Unix(int64(random.Intn(40000)-20000)*86400, 0).UTC() }},
		{"decimal", func() any { return inf.NewDecBig(number(), inf.Scale(random.Intn(20))) }},
		{"double", func() any { return random.NormFloat64() * 1e300 }}, {"float", func() any { return random.Float32() * 1e30 }},
		{"inet", func() any { return net.IP(bytes([]int{4, 16}[random.Intn(2)])) }},
		{"int", func() any { return int32(random.Uint32()) }}, {"smallint", func() any { return int16(random.Uint32()) }},
		{"text", func() any { return text("aZ 0'\n\u00fc\u4e2d\U0001f600") }},
		{"time", func() any { return time.Duration(random.Int63n(86400e9)) }},
		{"timestamp", func() any { return time.UnixMilli(random.Int63n(1 << 42)).UTC() }},
		{"timeuuid", func() any { return uuid(1) }}, {"tinyint", func() any { return int8(random.Uint32()) }},
		{"uuid", func() any { return uuid(4) }}, {"varint", func() any { return number() }},
		{"duration", func() any {
			return gocql.Duration{Months: random.Int31n(1000), Days: random.Int31n(1000), Nanoseconds: random.Int63n(1 << 40)}
		}},
	}
	definitions, names := "", "k"
	for _, kind := range kinds {
		definitions += fmt.Sprintf(", c_%s %s, l_%s list<%s>", kind.name, kind.name, kind.name, kind.name)
		names += fmt.Sprintf(", c_%s, l_%s", kind.name, kind.name)
	}
	session := connect(t, 1, nil)
	must(t, session, "CREATE TABLE random_types (k int PRIMARY KEY"+definitions+")")
	for key := 0; key < 30; key++ {
		in := []any{key}
		for _, kind := range kinds {
			value := kind.make()
			list := reflect.Append(reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(value)), 0, 4), reflect.ValueOf(value))
			for more := random.Intn(4); more > 0; more-- {
				list = reflect.Append(list, reflect.ValueOf(kind.make()))
			}
			in = append(in, value, list.Interface())
		}
		must(t, session, "INSERT INTO random_types ("+names+") VALUES (?"+strings.Repeat(", ?", len(in)-1)+")", in...)
		out := make([]any, len(in))
		for i := range in {
			out[i] = reflect.New(reflect.TypeOf(in[i])).Interface()
		}
		if err := session.Query("SELECT "+names+" FROM random_types WHERE k = ?", key).Scan(out...); err != nil {
			t.Fatal(err)
		}
		for i := range in {
			if got := reflect.ValueOf(out[i]).Elem().Interface(); fmt.Sprint(got) != fmt.Sprint(in[i]) {
				t.Errorf("row %d, %s: %v came back as %v", key, strings.Split(names, ", ")[i], in[i], got)
			}
		}
	}
}

type record struct {
	A       *int    `cql:"a"`
	B       *string `cql:"b"`
	Numbers []int   `cql:"numbers"`
}

func (r record) String() string {
	a, b := "null", "null"
	if r.A != nil {
		a = strconv.Itoa(*r.A)
	}
	if r.B != nil {
		b = *r.B
	}
	return fmt.Sprintf("{%s %q %v}", a, b, r.Numbers)
}

// Collections, tuples, user types and vectors, in one another; each may be null.
func TestRandomCollectionsRecordsAndVectorsComeBack(t *testing.T) {
	random := rand.New(rand.NewSource(20261127))
	text := func() string { return strings.Repeat("ü'\n😀", random.Intn(3)) + strconv.Itoa(random.Intn(1000)) }
	// As the server keeps a set of them.
	ascending := func() []int {
		some := []int{random.Intn(100)}
		for more := random.Intn(4); more > 0; more-- {
			some = append(some, some[len(some)-1]+1+random.Intn(100))
		}
		return some
	}
	oneRecord := func() record {
		made := record{}
		if a := random.Intn(1000); random.Intn(4) != 0 {
			made.A = &a
		}
		if b := text(); random.Intn(4) != 0 {
			made.B = &b
		}
		if random.Intn(4) != 0 {
			made.Numbers = ascending()
		}
		return made
	}
	byNumber := func() map[int]string {
		some := map[int]string{}
		for _, number := range ascending() {
			some[number] = text()
		}
		return some
	}
	kinds := []struct {
		name string
		make func() any
	}{
		{"set<int>", func() any { return ascending() }}, {"frozen<set<int>>", func() any { return ascending() }},
		{"set<text>", func() any { return []string{"a" + text(), "b" + text(), "c"} }},
		{"list<frozen<set<int>>>", func() any { return [][]int{ascending(), ascending()} }},
		{"map<int, text>", func() any { return byNumber() }}, {"frozen<map<int, text>>", func() any { return byNumber() }},
		{"map<text, frozen<map<int, text>>>", func() any { return map[string]map[int]string{text(): byNumber(), "x": byNumber()} }},
		{"map<uuid, blob>", func() any { return map[gocql.UUID][]byte{gocql.MustRandomUUID(): []byte(text())} }},
		{"map<timestamp, duration>", func() any {
			return map[time.Time]gocql.Duration{time.UnixMilli(random.Int63n(1 << 42)).UTC(): {Months: 1, Days: random.Int31n(9), Nanoseconds: 5}}
		}},
		{"record", func() any { return oneRecord() }}, {"frozen<record>", func() any { return oneRecord() }},
		{"list<frozen<record>>", func() any { return []record{oneRecord(), oneRecord()} }},
		{"map<int, frozen<record>>", func() any { return map[int]record{random.Intn(9): oneRecord()} }},
		{"vector<float, 3>", func() any { return []float32{random.Float32(), -random.Float32(), 0} }},
		{"vector<text, 2>", func() any { return []string{text(), text()} }},
		{"list<frozen<vector<int, 2>>>", func() any { return [][]int{{random.Intn(9), 1}, {-1, random.Intn(9)}} }},
	}
	session := connect(t, 1, nil)
	must(t, session, "CREATE TYPE record (a int, b text, numbers frozen<set<int>>)")
	definitions, names := "", "k"
	for i, kind := range kinds {
		definitions += fmt.Sprintf(", c%d %s", i, kind.name)
		names += fmt.Sprintf(", c%d", i)
	}
	must(t, session, "CREATE TABLE random_nested (k int PRIMARY KEY"+definitions+", pair tuple<int, text, frozen<list<int>>>)")
	insert := "INSERT INTO random_nested (" + names + ", pair) VALUES (?" + strings.Repeat(", ?", len(kinds)) + ", (?, ?, ?))"
	for key := 0; key < 30; key++ {
		in, out := []any{key}, []any{new(int)}
		for _, kind := range kinds {
			made := kind.make()
			target := reflect.New(reflect.TypeOf(made))
			if random.Intn(4) == 0 {
				made = reflect.Zero(reflect.PointerTo(reflect.TypeOf(made))).Interface()
				target = reflect.New(reflect.TypeOf(made))
			}
			in, out = append(in, made), append(out, target.Interface())
		}
		first, second, third := random.Intn(1000), text(), ascending()
		must(t, session, insert, append(in, first, second, third)...)
		var gotFirst int
		var gotSecond string
		var gotThird []int
		scanned := append(out, &gotFirst, &gotSecond, &gotThird)
		if err := session.Query("SELECT "+names+", pair FROM random_nested WHERE k = ?", key).Scan(scanned...); err != nil {
			t.Fatal(err)
		}
		for i := range in {
			if got := reflect.ValueOf(out[i]).Elem().Interface(); fmt.Sprint(got) != fmt.Sprint(in[i]) {
				t.Errorf("row %d, column %d: %v came back as %v", key, i-1, in[i], got)
			}
		}
		if got, want := fmt.Sprint(gotFirst, gotSecond, gotThird), fmt.Sprint(first, second, third); got != want {
			t.Errorf("row %d: %s came back as %s", key, want, got)
		}
	}
}

func TestStatementsOutliveChangesOfTheirTable(t *testing.T) {
	session := connect(t, 1, nil)
	must(t, session, "CREATE TABLE changing (k int PRIMARY KEY, v int)")
	must(t, session, "INSERT INTO changing (k, v) VALUES (?, ?)", 1, 10)
	for _, columns := range []int{2, 3} {
		row := map[string]any{}
		if err := session.Query("SELECT * FROM changing WHERE k = ?", 1).MapScan(row); err != nil {
			t.Fatal(err)
		}
		if len(row) != columns || row["v"] != 10 {
			t.Errorf("%v", row)
		}
		if columns == 2 {
			must(t, session, "ALTER TABLE changing ADD w text")
		}
	}
}

func TestPages(t *testing.T) {
	session := connect(t, 1, nil)
	must(t, session, "CREATE TABLE paged (p int, c int, PRIMARY KEY (p, c))")
	for n := 0; n < 300; n++ {
		must(t, session, "INSERT INTO paged (p, c) VALUES (?, ?)", n%5, n/5)
	}
	for _, size := range []int{1, 7, 5000} {
		seen := map[[2]int]bool{}
		var p, c int
		for iter := session.Query("SELECT p, c FROM paged").PageSize(size).Iter(); iter.Scan(&p, &c); {
			seen[[2]int{p, c}] = true
		}
		if len(seen) != 300 {
			t.Errorf("pages of %d: %d rows", size, len(seen))
		}
	}
	// Another coordinator goes on where this one stopped.
	first := session.Query("SELECT c FROM paged WHERE p = 3").PageSize(7).PageState(nil).Iter()
	state, rows := first.PageState(), first.NumRows()
	if rows != 7 || len(state) == 0 {
		t.Fatalf("%d rows, state %x", rows, state)
	}
	rest := connect(t, 2, nil).Query("SELECT c FROM paged WHERE p = 3").PageSize(100).PageState(state).Iter()
	var c int
	for want := 7; want < 60; want++ {
		if !rest.Scan(&c) || c != want {
			t.Fatalf("row %d: %d", want, c)
		}
	}
}

func TestBatches(t *testing.T) {
	session := connect(t, 1, nil)
	must(t, session, "CREATE TABLE batched (k int, c int, v text, PRIMARY KEY (k, c))")
	for k, kind := range []gocql.BatchType{gocql.LoggedBatch, gocql.UnloggedBatch} {
		err := session.Batch(kind).
			Query("INSERT INTO batched (k, c, v) VALUES (?, ?, ?)", k, 1, "bound").
			Query(fmt.Sprintf("INSERT INTO batched (k, c, v) VALUES (%d, 2, 'text')", k)).
			Query("DELETE FROM batched WHERE k = ? AND c = ?", k, 3).Exec()
		if err != nil {
			t.Fatal(err)
		}
		if rows := session.Query("SELECT c FROM batched WHERE k = ?", k).Iter().NumRows(); rows != 2 {
			t.Errorf("%v: %d rows", kind, rows)
		}
	}
}

func TestANodeGoesAndComesBack(t *testing.T) {
	session := connect(t, 1, func(c *gocql.ClusterConfig) {
		c.RetryPolicy = &gocql.SimpleRetryPolicy{NumRetries: 3}
		c.Consistency = gocql.Quorum
	})
	must(t, session, "CREATE TABLE lasting (k int PRIMARY KEY, v int)")
	control(t, "kill", "3")
	control(t, "wait", "3", "down")
	for k := 0; k < 50; k++ {
		must(t, session, "INSERT INTO lasting (k, v) VALUES (?, ?)", k, k)
	}
	err := session.Query("INSERT INTO lasting (k, v) VALUES (0, 0)").Consistency(gocql.All).RetryPolicy(nil).Exec()
	var unavailable *gocql.RequestErrUnavailable
	if !errors.As(err, &unavailable) || unavailable.Required != 3 || unavailable.Alive != 2 {
		t.Errorf("%v", err)
	}
	control(t, "start", "3")
	control(t, "wait", "3", "up")
	eventually(t, "the driver sees node 3 again", func() bool {
		for _, host := range session.GetHosts() {
			if !host.IsUp() {
				return false
			}
		}
		return true
	})
	for k := 50; k < 100; k++ {
		must(t, session, "INSERT INTO lasting (k, v) VALUES (?, ?)", k, k)
	}
	var count int
	if err := session.Query("SELECT count(*) FROM lasting").Scan(&count); err != nil || count != 100 {
		t.Errorf("%d rows, %v", count, err)
	}
}
