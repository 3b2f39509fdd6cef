import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.config.ProgrammaticDriverConfigLoaderBuilder;
import com.datastax.oss.driver.api.core.cql.*;
import com.datastax.oss.driver.api.core.data.CqlDuration;
import com.datastax.oss.driver.api.core.data.CqlVector;
import com.datastax.oss.driver.api.core.metadata.Metadata;
import com.datastax.oss.driver.api.core.metadata.Node;
import com.datastax.oss.driver.api.core.metadata.NodeState;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import com.datastax.oss.driver.api.core.servererrors.UnavailableException;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.TupleType;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import com.datastax.oss.driver.api.core.type.codec.TypeCodecs;
import com.datastax.oss.driver.api.core.uuid.Uuids;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.*;
import java.util.*;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * The official Java driver: what programs do with it every day, and what it needs of the server for that. HOST is node 1
 * of three; LAUNCHER is what stops and starts them.
 */
public class DriverChecks {
    private static final int NODES = 3;
    private static final String KEYSPACE = "java_checks";

    private interface Check {
        void run(CqlSession session) throws Exception;
    }

    private static String address(int number) {
        String[] parts = System.getenv("HOST").split("\\.");
        parts[3] = String.valueOf(Integer.parseInt(parts[3]) + number - 1);
        return String.join(".", parts);
    }

    private static void control(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Arrays.asList(System.getenv("LAUNCHER").split(" ")));
        command.add("control");
        command.addAll(Arrays.asList(words));
        int code = new ProcessBuilder(command).inheritIO().start().waitFor();
        that(code == 0, String.join(" ", command) + ": exit " + code);
    }

    private static void that(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    private static void same(Object got, Object wanted, String what) {
        that(Objects.equals(got, wanted), what + ": " + got + " and not " + wanted);
    }

    private static void eventually(String what, BooleanSupplier reached) throws InterruptedException {
        long until = System.nanoTime() + 30_000_000_000L;
        while (!reached.getAsBoolean()) {
            that(System.nanoTime() < until, "not within 30 s: " + what);
            Thread.sleep(100);
        }
    }

    private static CqlSession connect(int number, String keyspace, Map<DefaultDriverOption, String> options) {
        ProgrammaticDriverConfigLoaderBuilder config = DriverConfigLoader.programmaticBuilder()
            // What was written is to be read through any node: the driver's own LOCAL_ONE does not promise that.
            .withString(DefaultDriverOption.REQUEST_CONSISTENCY, "QUORUM")
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(10))
            .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, Duration.ofSeconds(10))
            .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofSeconds(1));
        for (Map.Entry<DefaultDriverOption, String> option : options.entrySet()) {
            config = config.withString(option.getKey(), option.getValue());
        }
        return CqlSession.builder().addContactPoint(new InetSocketAddress(address(number), 9042))
            .withLocalDatacenter("datacenter1").withKeyspace(keyspace).withConfigLoader(config.build()).build();
    }

    private static void eachNodeAnswersAndKnowsAll(CqlSession ignored) {
        Set<String> all = new TreeSet<>();
        for (int number = 1; number <= NODES; ++number) {
            all.add(address(number));
        }
        for (int number = 1; number <= NODES; ++number) {
            try (CqlSession session = connect(number, null, Map.of())) {
                same(session.getContext().getProtocolVersion().getCode(), 5, "protocol version");
                Metadata metadata = session.getMetadata();
                Set<String> seen = new TreeSet<>();
                for (Node node : metadata.getNodes().values()) {
                    seen.add(((InetSocketAddress) node.getEndPoint().resolve()).getAddress().getHostAddress());
                    same(node.getDatacenter(), "datacenter1", "datacenter");
                    same(node.getRack(), "rack1", "rack");
                    same(node.getCassandraVersion().getMajor(), 5, "version");
                    that(node.getHostId() != null && node.getSchemaVersion() != null, "ids of " + node);
                }
                same(seen, all, "nodes");
                same(metadata.getTokenMap().get().getTokenRanges().size(), NODES * 16, "ranges");
            }
        }
    }

    private static void versionsAndCompressions(CqlSession ignored) {
        for (String version : List.of("V3", "V4", "V5")) {
            for (String compression : List.of("none", "lz4", "snappy")) {
                if (version.equals("V5") && compression.equals("snappy")) {
                    continue;  // v5 has LZ4 alone.
                }
                try (CqlSession session = connect(2, null, Map.of(DefaultDriverOption.PROTOCOL_VERSION, version,
                                                                  DefaultDriverOption.PROTOCOL_COMPRESSION, compression))) {
                    int rows = session.execute("SELECT * FROM system_schema.columns").all().size();
                    that(rows > 50, version + ", " + compression + ": " + rows + " rows");
                }
            }
        }
    }

    private static void tablesAreSeenAsTheyWereMade(CqlSession session) {
        session.execute("CREATE TABLE events (site text, day date, at timestamp, what text, who text static, "
                        + "PRIMARY KEY ((site, day), at)) WITH CLUSTERING ORDER BY (at DESC)");
        TableMetadata table = session.getMetadata().getKeyspace(KEYSPACE).get().getTable("events").get();
        same(table.getPartitionKey().stream().map(c -> c.getName().asInternal()).collect(Collectors.toList()),
             List.of("site", "day"), "partition key");
        same(table.getClusteringColumns().values().iterator().next().name(), "DESC", "order");
        that(table.getColumn("who").get().isStatic(), "who is static");
        String text = table.describe(false);
        session.execute("DROP TABLE events");
        that(session.getMetadata().getKeyspace(KEYSPACE).get().getTable("events").isEmpty(), "events is gone");
        session.execute(text);
        same(session.getMetadata().getKeyspace(KEYSPACE).get().getTable("events").get().describe(false), text, "made again");
    }

    private static void aWrongStatementIsRefused(CqlSession session) {
        try {
            session.execute("SELECT * FROM no_such_table");
            that(false, "no error");
        } catch (InvalidQueryException expected) {
            that(expected.getMessage().contains("no_such_table"), expected.getMessage());
        }
    }

    private static void replicasOfAKeyAreKnown(CqlSession session) {
        session.execute("CREATE TABLE placed (k int PRIMARY KEY)");
        BoundStatement insert = session.prepare("INSERT INTO placed (k) VALUES (?)").bind(1);
        that(insert.getRoutingKey() != null, "a routing key");
        same(session.getMetadata().getTokenMap().get().getReplicas(KEYSPACE, insert.getRoutingKey()).size(), 3, "replicas");
    }

    private static void valuesOfEveryTypeComeBack(CqlSession session) throws Exception {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("ascii", "plain");
        values.put("bigint", 1L << 62);
        values.put("blob", ByteBuffer.wrap(new byte[] {0, -1}));
        values.put("boolean", true);
        values.put("date", LocalDate.of(2024, 2, 29));
        values.put("decimal", new BigDecimal("-12.3400"));
        values.put("double", 1.5e300);
        values.put("float", 0.5f);
        values.put("inet", InetAddress.getByName("::1"));
        values.put("int", -7);
        values.put("smallint", (short) -300);
        values.put("text", "gr\u00fcn");
        values.put("time", LocalTime.of(1, 2, 3, 4));
        values.put("timestamp", Instant.ofEpochMilli(1709168523004L));
        values.put("timeuuid", Uuids.timeBased());
        values.put("tinyint", (byte) -5);
        values.put("uuid", UUID.randomUUID());
        values.put("varint", BigInteger.ONE.shiftLeft(100).negate());
        values.put("duration", CqlDuration.newInstance(1, 2, 3));
        values.put("list<int>", List.of(3, 1, 2));
        values.put("set<text>", new TreeSet<>(List.of("a", "b")));
        values.put("map<text, int>", Map.of("x", 1));
        List<String> types = new ArrayList<>(values.keySet());
        StringBuilder columns = new StringBuilder();
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < types.size(); ++i) {
            columns.append(", c").append(i).append(' ').append(types.get(i));
            names.append(", c").append(i);
        }
        session.execute("CREATE TABLE all_types (k int PRIMARY KEY" + columns + ")");
        PreparedStatement insert = session.prepare("INSERT INTO all_types (k" + names + ") VALUES (?"
                                                   + ", ?".repeat(types.size()) + ")");
        List<Object> bound = new ArrayList<>(values.values());
        bound.add(0, 1);
        session.execute(insert.bind(bound.toArray()));
        session.execute(insert.bind(1));  // The others are unset, which changes nothing.
        Row row = session.execute("SELECT * FROM all_types WHERE k = 1").one();
        for (int i = 0; i < types.size(); ++i) {
            same(row.getObject("c" + i), values.get(types.get(i)), types.get(i));
        }
    }

    private static byte[] bytes(Random random, int length) {
        byte[] some = new byte[length];
        random.nextBytes(some);
        return some;
    }

    private static String text(Random random, String letters) {
        int[] codes = letters.codePoints().toArray();
        StringBuilder some = new StringBuilder();
        for (int left = new int[] {0, 1, 7, 200}[random.nextInt(4)]; left > 0; --left) {
            some.appendCodePoint(codes[random.nextInt(codes.length)]);
        }
        return some.toString();
    }

    private static InetAddress inet(Random random) {
        try {
            return InetAddress.getByAddress(bytes(random, random.nextBoolean() ? 4 : 16));
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Map<String, Supplier<Object>> randomValues(Random random) {
        Map<String, Supplier<Object>> values = new LinkedHashMap<>();
        values.put("ascii", () -> text(random, "aZ 09'\"\n~"));
        values.put("bigint", random::nextLong);
        values.put("blob", () -> ByteBuffer.wrap(bytes(random, random.nextInt(200))));
        values.put("boolean", random::nextBoolean);
        values.put("date", () -> LocalDate.ofEpochDay(random.nextInt(40000) - 20000));
        values.put("decimal", () -> new BigDecimal(new BigInteger(bytes(random, 12)), random.nextInt(40) - 20));
        values.put("double", () -> random.nextGaussian() * 1e300);
        values.put("float", () -> random.nextFloat() * 1e30f);
        values.put("inet", () -> inet(random));
        values.put("int", random::nextInt);
        values.put("smallint", () -> (short) random.nextInt());
        values.put("text", () -> text(random, "aZ 0'\n\u00fc\u4e2d\ud83d\ude00"));
        values.put("time", () -> LocalTime.ofNanoOfDay((random.nextLong() >>> 1) % 86_400_000_000_000L));
        values.put("timestamp", () -> Instant.ofEpochMilli(random.nextLong() >>> 22));
        values.put("timeuuid", () -> new UUID(random.nextLong() & ~0xf000L | 0x1000L, random.nextLong() >>> 2 | 1L << 63));
        values.put("tinyint", () -> (byte) random.nextInt());
        values.put("uuid", () -> new UUID(random.nextLong() & ~0xf000L | 0x4000L, random.nextLong() >>> 2 | 1L << 63));
        values.put("varint", () -> new BigInteger(bytes(random, 25)));
        values.put("duration", () -> CqlDuration.newInstance(random.nextInt(1000), random.nextInt(1000),
                                                             random.nextLong() >>> 24));
        for (String kind : List.copyOf(values.keySet())) {
            Supplier<Object> make = values.get(kind);
            values.put("list<" + kind + ">", () -> List.of(make.get(), make.get(), make.get()));
        }
        return values;
    }

    /** The same rows in each run. */
    private static void randomValuesOfEveryTypeComeBack(CqlSession session) {
        Map<String, Supplier<Object>> values = randomValues(new Random(20261126));
        rowsComeBack(session, "random_types", values, Supplier::get, seen -> seen);
    }

    /** One column a type; each row as it was sent, but for what `seen` makes of what was read. */
    private static void rowsComeBack(CqlSession session, String table, Map<String, Supplier<Object>> values,
                                     Function<Supplier<Object>, Object> next, UnaryOperator<Object> seen) {
        List<String> types = List.copyOf(values.keySet());
        StringBuilder columns = new StringBuilder();
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < types.size(); ++i) {
            columns.append(", c").append(i).append(' ').append(types.get(i));
            names.append(", c").append(i);
        }
        session.execute("CREATE TABLE " + table + " (k int PRIMARY KEY" + columns + ")");
        PreparedStatement insert = session.prepare("INSERT INTO " + table + " (k" + names + ") VALUES (?"
                                                   + ", ?".repeat(types.size()) + ")");
        PreparedStatement select = session.prepare("SELECT * FROM " + table + " WHERE k = ?");
        for (int key = 0; key < 30; ++key) {
            List<Object> sent = new ArrayList<>(List.of(key));
            types.forEach(type -> sent.add(next.apply(values.get(type))));
            session.execute(insert.bind(sent.toArray()));
            Row row = session.execute(select.bind(key)).one();
            for (int i = 0; i < types.size(); ++i) {
                same(seen.apply(row.getObject("c" + i)), sent.get(i + 1), "row " + key + ", " + types.get(i));
            }
        }
    }

    /** Ascending numbers, as the server keeps a set of them. */
    private static Set<Integer> ascending(Random random) {
        Set<Integer> some = new TreeSet<>();
        for (int left = 1 + random.nextInt(4); left > 0; --left) {
            some.add(random.nextInt(1000));
        }
        return new LinkedHashSet<>(some);
    }

    private static <T> Map<Integer, T> byNumber(Random random, Supplier<T> make) {
        Map<Integer, T> some = new LinkedHashMap<>();
        ascending(random).forEach(number -> some.put(number, make.get()));
        return some;
    }

    private static <T> T maybe(Random random, Supplier<T> make) {
        return random.nextInt(4) == 0 ? null : make.get();
    }

    private static Map<String, Supplier<Object>> randomNested(Random random, UserDefinedType record) {
        Map<String, Supplier<Object>> simple = randomValues(random);
        TupleType pair = (TupleType) record.getFieldTypes().get(3);
        Supplier<Object> oneRecord = () -> record.newValue(
            maybe(random, random::nextInt), maybe(random, simple.get("text")), maybe(random, () -> ascending(random)),
            maybe(random, () -> pair.newValue(random.nextInt(), maybe(random, simple.get("text")))));
        Map<String, Supplier<Object>> values = new LinkedHashMap<>();
        values.put("set<int>", () -> ascending(random));
        values.put("frozen<set<int>>", () -> ascending(random));
        values.put("list<frozen<set<int>>>", () -> List.of(ascending(random), ascending(random)));
        values.put("map<int, frozen<map<int, text>>>",
                   () -> byNumber(random, () -> byNumber(random, simple.get("text"))));
        values.put("vector<float, 3>",
                   () -> CqlVector.newInstance(random.nextFloat(), random.nextFloat(), random.nextFloat()));
        values.put("vector<text, 2>",
                   () -> CqlVector.newInstance((String) simple.get("text").get(), (String) simple.get("text").get()));
        values.put("record", oneRecord);
        values.put("frozen<record>", oneRecord);
        values.put("list<frozen<record>>", () -> List.of(oneRecord.get(), oneRecord.get()));
        for (String kind : simple.keySet()) {
            if (kind.startsWith("list<")) {
                continue;
            }
            Supplier<Object> make = simple.get(kind);
            DataType type = typeNamed(kind);
            TupleType two = DataTypes.tupleOf(type, type);
            values.put("map<int, " + kind + ">", () -> byNumber(random, make));
            values.put("tuple<" + kind + ", " + kind + ">", () -> two.newValue(maybe(random, make), make.get()));
            if (!kind.equals("duration")) {
                values.put("set<" + kind + ">", () -> Set.of(make.get()));
                values.put("frozen<map<" + kind + ", int>>", () -> Map.of(make.get(), random.nextInt()));
            }
        }
        return values;
    }

    private static DataType typeNamed(String kind) {
        Map<String, DataType> types = new HashMap<>();
        for (DataType type : List.of(DataTypes.ASCII, DataTypes.BIGINT, DataTypes.BLOB, DataTypes.BOOLEAN, DataTypes.DATE,
                                     DataTypes.DECIMAL, DataTypes.DOUBLE, DataTypes.FLOAT, DataTypes.INET, DataTypes.INT,
                                     DataTypes.SMALLINT, DataTypes.TEXT, DataTypes.TIME, DataTypes.TIMESTAMP,
                                     DataTypes.TIMEUUID, DataTypes.TINYINT, DataTypes.UUID, DataTypes.VARINT,
                                     DataTypes.DURATION)) {
            types.put(type.asCql(true, false), type);
        }
        return types.get(kind);
    }

    /** The driver makes empty collections of those that are null. */
    private static Object emptyIsNull(Object value) {
        return value instanceof Collection && ((Collection<?>) value).isEmpty()
                || value instanceof Map && ((Map<?, ?>) value).isEmpty() ? null : value;
    }

    /** The same rows in each run. */
    private static void randomCollectionsRecordsAndVectorsComeBack(CqlSession session) {
        session.execute("CREATE TYPE record (a int, b text, numbers frozen<set<int>>, pair frozen<tuple<int, text>>)");
        UserDefinedType record =
            session.refreshSchema().getKeyspace(KEYSPACE).flatMap(it -> it.getUserDefinedType("record")).orElseThrow();
        Random random = new Random(20261127);
        rowsComeBack(session, "random_nested", randomNested(random, record), make -> maybe(random, make),
                     DriverChecks::emptyIsNull);
    }

    private static void statementsOutliveChangesOfTheirTable(CqlSession session) {
        session.execute("CREATE TABLE changing (k int PRIMARY KEY, v int)");
        session.execute("INSERT INTO changing (k, v) VALUES (1, 10)");
        PreparedStatement select = session.prepare("SELECT * FROM changing WHERE k = ?");
        same(session.execute(select.bind(1)).one().getColumnDefinitions().size(), 2, "columns");
        session.execute("ALTER TABLE changing ADD w text");
        Row row = session.execute(select.bind(1)).one();
        same(row.getColumnDefinitions().size(), 3, "columns after the change");
        same(row.getInt("v"), 10, "v");
    }

    private static void pages(CqlSession session) {
        session.execute("CREATE TABLE paged (p int, c int, PRIMARY KEY (p, c))");
        PreparedStatement insert = session.prepare("INSERT INTO paged (p, c) VALUES (?, ?)");
        for (int n = 0; n < 300; ++n) {
            session.execute(insert.bind(n % 5, n / 5));
        }
        for (int size : new int[] {1, 7, 5000}) {
            Set<String> seen = new HashSet<>();
            for (Row row : session.execute(SimpleStatement.newInstance("SELECT p, c FROM paged").setPageSize(size))) {
                seen.add(row.getInt("p") + "/" + row.getInt("c"));
            }
            same(seen.size(), 300, "rows in pages of " + size);
        }
        SimpleStatement select = SimpleStatement.newInstance("SELECT c FROM paged WHERE p = 3").setPageSize(7);
        ResultSet first = session.execute(select);
        ByteBuffer state = first.getExecutionInfo().getPagingState();
        same(first.getAvailableWithoutFetching(), 7, "rows of a page");
        // Another coordinator goes on where this one stopped.
        try (CqlSession other = connect(2, KEYSPACE, Map.of())) {
            List<Integer> rest = StreamSupport.stream(other.execute(select.setPagingState(state)).spliterator(), false)
                .map(row -> row.getInt("c")).collect(Collectors.toList());
            same(rest.size(), 53, "rows behind the first page");
            same(rest.get(0), 7, "the first of them");
        }
    }

    private static void batches(CqlSession session) {
        session.execute("CREATE TABLE batched (k int, c int, v text, PRIMARY KEY (k, c))");
        PreparedStatement insert = session.prepare("INSERT INTO batched (k, c, v) VALUES (?, ?, ?)");
        for (BatchType kind : List.of(DefaultBatchType.LOGGED, DefaultBatchType.UNLOGGED)) {
            int k = kind == DefaultBatchType.LOGGED ? 1 : 2;
            session.execute(BatchStatement.newInstance(kind, insert.bind(k, 1, "bound"),
                SimpleStatement.newInstance("INSERT INTO batched (k, c, v) VALUES (?, 2, 'text')", k),
                SimpleStatement.newInstance("DELETE FROM batched WHERE k = ? AND c = 3", k)));
            same(session.execute("SELECT c FROM batched WHERE k = " + k).all().size(), 2, kind + " rows");
        }
    }

    private static void changesOfOthersAreAnnounced(CqlSession session) throws Exception {
        try (CqlSession watcher = connect(2, null, Map.of())) {
            session.execute("CREATE TABLE announced (k int PRIMARY KEY)");
            eventually("the table", () -> watcher.getMetadata().getKeyspace(KEYSPACE)
                .flatMap(k -> k.getTable("announced")).isPresent());
            session.execute("DROP TABLE announced");
            eventually("its end", () -> watcher.getMetadata().getKeyspace(KEYSPACE).get().getTable("announced").isEmpty());
        }
    }

    private static void aNodeGoesAndComesBack(CqlSession session) throws Exception {
        session.execute("CREATE TABLE lasting (k int PRIMARY KEY, v int)");
        PreparedStatement insert = session.prepare(SimpleStatement.newInstance(
            "INSERT INTO lasting (k, v) VALUES (?, ?)").setConsistencyLevel(ConsistencyLevel.QUORUM).setIdempotent(true));
        control("kill", "3");
        control("wait", "3", "down");
        for (int k = 0; k < 50; ++k) {
            session.execute(insert.bind(k, k));
        }
        try {
            session.execute(insert.bind(0, 0).setConsistencyLevel(ConsistencyLevel.ALL));
            that(false, "ALL with a node that is down");
        } catch (UnavailableException expected) {
            same(expected.getRequired(), 3, "required");
            same(expected.getAlive(), 2, "alive");
        }
        control("start", "3");
        control("wait", "3", "up");
        eventually("the driver sees node 3 again", () -> session.getMetadata().getNodes().values().stream()
            .allMatch(node -> node.getState() == NodeState.UP));
        for (int k = 50; k < 100; ++k) {
            session.execute(insert.bind(k, k));
        }
        same(session.execute(SimpleStatement.newInstance("SELECT count(*) FROM lasting")
            .setConsistencyLevel(ConsistencyLevel.QUORUM)).one().getLong(0), 100L, "rows");
    }

    public static void main(String[] names) {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("eachNodeAnswersAndKnowsAll", DriverChecks::eachNodeAnswersAndKnowsAll);
        checks.put("versionsAndCompressions", DriverChecks::versionsAndCompressions);
        checks.put("tablesAreSeenAsTheyWereMade", DriverChecks::tablesAreSeenAsTheyWereMade);
        checks.put("aWrongStatementIsRefused", DriverChecks::aWrongStatementIsRefused);
        checks.put("replicasOfAKeyAreKnown", DriverChecks::replicasOfAKeyAreKnown);
        checks.put("valuesOfEveryTypeComeBack", DriverChecks::valuesOfEveryTypeComeBack);
        checks.put("randomValuesOfEveryTypeComeBack", DriverChecks::randomValuesOfEveryTypeComeBack);
        checks.put("randomCollectionsRecordsAndVectorsComeBack",
                   DriverChecks::randomCollectionsRecordsAndVectorsComeBack);
        checks.put("statementsOutliveChangesOfTheirTable", DriverChecks::statementsOutliveChangesOfTheirTable);
        checks.put("pages", DriverChecks::pages);
        checks.put("batches", DriverChecks::batches);
        checks.put("changesOfOthersAreAnnounced", DriverChecks::changesOfOthersAreAnnounced);
        checks.put("aNodeGoesAndComesBack", DriverChecks::aNodeGoesAndComesBack);
        int failed = 0;
        try (CqlSession maker = connect(1, null, Map.of())) {
            maker.execute("DROP KEYSPACE IF EXISTS " + KEYSPACE);
            maker.execute("CREATE KEYSPACE " + KEYSPACE
                          + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 3}");
        }
        try (CqlSession session = connect(1, KEYSPACE, Map.of())) {
            for (Map.Entry<String, Check> check : checks.entrySet()) {
                if (names.length > 0 && !Arrays.asList(names).contains(check.getKey())) {
                    continue;
                }
                try {
                    check.getValue().run(session);
                    System.out.println("ok   " + check.getKey());
                } catch (Throwable problem) {
                    ++failed;
                    System.out.println("FAIL " + check.getKey() + ": " + problem);
                    problem.printStackTrace(System.out);
                }
            }
            session.execute("DROP KEYSPACE " + KEYSPACE);
        }
        System.exit(failed == 0 ? 0 : 1);
    }
}
